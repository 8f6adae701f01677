"""`ringfence app create|list|delete|rotate-secret`."""

from __future__ import annotations

import json
import uuid

import pytest

from tests.cli.command_line import CommandLine
from tests.cli.conftest import At
from tests.crypto.client_certificates import bundle

_ID = "11111111-2222-4333-8444-555555555555"
_WRITE = "UserAuthenticationMethod.ReadWrite.All"


def _listed(cli: CommandLine) -> list[str]:
    return [one["name"] for one in cli.json("app", "list")["applications"]]


def test_an_application_is_registered_with_its_secret(at: At) -> None:
    """43 characters of base64url are 256 bits; ids are GUIDs, the tenant's that of init."""
    cli = at("initialised")
    made = cli.json("app", "create", "scripts", "--app-id", _ID)
    assert (_ID, 43, "scripts", cli.json("init")["tenantId"]) == (
        made["appId"],
        len(made["secret"]),
        made["name"],
        made["tenantId"],
    )
    assert 4 == uuid.UUID(made["objectId"]).version


def test_a_secret_is_never_shown_again_nor_stored(at: At) -> None:
    """Only the command that makes it tells it."""
    cli = at("initialised")
    secret = cli.json("app", "create", "scripts")["secret"]
    told = [cli.done("app", "list"), cli.done("app", "list", "--json"), cli.done("audit", "export"), *cli.dump()]
    assert [] == [text for text in told if secret in text]


def test_a_public_application_has_no_secret(at: At) -> None:
    """Null, and no other one can be made."""
    cli = at("initialised")
    assert None is cli.json("app", "create", "phone", "--public")["secret"]
    assert (2, "ringfence: phone is a public application: it has no secret.\n") == cli("app", "rotate-secret", "phone")[::2]


def test_an_application_may_prove_itself_by_a_certificate(at: At) -> None:
    """No secret; the certificate is stored, and no private key."""
    cli = at("initialised")
    (cli.folder / "app.pem").write_bytes(bundle(with_key=True))
    assert None is cli.json("app", "create", "scripts", "--certificate", "app.pem")["secret"]
    assert ["certificate"] == [one["proof"] for one in cli.json("app", "list")["applications"]]
    assert (True, False) == tuple(word in "".join(cli.dump()) for word in ("BEGIN CERTIFICATE", "PRIVATE KEY"))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--certificate", "app.pem"), "app.pem holds no RSA certificate in PEM form."),
        (("--certificate", "none.pem"), "none.pem cannot be read: No such file or directory."),
        (("--redirect-uri", "http://contoso.example"), "Not a redirect URI: http://contoso.example."),
        (("--public", "--certificate", "app.pem"), "give --public or --certificate, not both"),
        (("--permission", "User.Raed.All"), "There is no application permission User.Raed.All (did you mean User.Read.All?)."),
        (("--delegated", "Xyzzy"), "There is no delegated permission Xyzzy."),
        (("--delegated", "openid"), "openid is a scope of OpenID, which every application may ask people for; leave it out."),
        (("--permission", "offline_access"), "offline_access is a scope of OpenID"),
        (
            ("--permission", "UserAuthenticationMethod.Read"),
            "UserAuthenticationMethod.Read (it exists as the other kind: --delegated UserAuthenticationMethod.Read).",
        ),
        (("--app-id", "1"), "UUID"),
    ],
    ids=[
        "no certificate",
        "no file",
        "address",
        "two proofs",
        "misspelt",
        "nothing near",
        "openid",
        "offline",
        "other kind",
        "id",
    ],
)
def test_what_cannot_be_registered_is_refused(words: tuple[str, ...], says: str, at: At) -> None:
    """Exit 2, and nothing is registered."""
    cli = at("initialised")
    cli.write("app.pem", "no certificate")
    answer = cli("app", "create", "scripts", *words, "--json")
    told = json.loads(answer.err)["error"]["message"]
    assert (2, "", True, []) == (answer.code, answer.out, says in told, _listed(cli))


def test_where_people_come_back_to_is_shown(at: At) -> None:
    """For one application in words, for each of them in JSON."""
    cli = at("initialised")
    uri = "https://app.contoso.example/signed-in"
    cli.done("app", "create", "site", "--redirect-uri", uri, "--redirect-uri", "http://localhost:3000/")
    assert [[uri, "http://localhost:3000/"]] == [one["redirectUris"] for one in cli.json("app", "list")["applications"]]
    assert f"{uri} http://localhost:3000/" in cli.done("app", "show", "site")
    assert cli.json("app", "show", "site") == cli.json("app", "list")["applications"][0]


def test_an_id_is_taken_once(at: At) -> None:
    """Exit 2."""
    cli = at("initialised")
    cli.done("app", "create", "scripts", "--app-id", _ID)
    assert (2, f"ringfence: There is an application {_ID} already.\n") == cli("app", "create", "b", "--app-id", _ID)[::2]


def test_a_permission_is_stored_as_the_data_spells_it(at: At) -> None:
    """However it was typed; of both kinds."""
    cli = at("initialised")
    cli.done("app", "create", "scripts", "--permission", _WRITE.lower(), "--delegated", "user.read", "--delegated", "User.Read")
    [listed] = cli.json("app", "list")["applications"]
    assert ([_WRITE], ["User.Read"]) == (listed["permissions"], listed["delegated"])


def test_another_secret_takes_the_place_of_the_first(at: At) -> None:
    """By name or by id."""
    cli = at("initialised")
    made = cli.json("app", "create", "scripts")
    again = [cli.json("app", "rotate-secret", name) for name in ("scripts", made["appId"])]
    assert 3 == len({one["secret"] for one in (made, *again)})


def test_an_application_is_deleted(at: At) -> None:
    """And said so."""
    cli = at("initialised")
    cli.done("app", "create", "scripts")
    assert "Application scripts is deleted.\n" == cli.done("app", "delete", "scripts")
    assert "No applications.\n" == cli.done("app", "list")


@pytest.mark.parametrize("command", ["delete", "rotate-secret", "show"])
def test_an_unknown_application_is_told(command: str, at: At) -> None:
    """Exit 2."""
    answer = at("initialised")("app", command, "scripts")
    assert (2, "ringfence: No application, or more than one, is called scripts. Give its id: ringfence app list\n") == answer[::2]
