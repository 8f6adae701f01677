"""`ringfence init`: the database, the key file, the tenant."""

from __future__ import annotations

import pytest

from tests.cli.conftest import At


def test_it_says_what_it_made_and_where(at: At) -> None:
    """Tenant, database, key file, and what to do with the key."""
    cli = at("")
    assert [
        "Tenant contoso.example is ready.",
        f"Database sqlite:///{cli.folder}/ringfence.db",
        f"Key file {cli.folder}/ringfence.key (keep a copy apart from the database)",
        f"To trust the server: curl --cacert {cli.folder}/tls/ca.pem; other clients by SSL_CERT_FILE or NODE_EXTRA_CA_CERTS",
    ] == cli.done("init").splitlines()


def test_a_second_time_changes_nothing(at: At) -> None:
    """Same tenant, same key."""
    cli = at("initialised")
    key = (cli.folder / "ringfence.key").read_bytes()
    assert "Tenant contoso.example was there already." == cli.done("init").splitlines()[0]
    assert key == (cli.folder / "ringfence.key").read_bytes()


@pytest.mark.parametrize("name", ["ringfence.key", "ringfence.db"])
def test_only_the_owner_may_read_what_it_makes(name: str, at: At) -> None:
    """Mode 0600."""
    cli = at("initialised")
    assert 0o600 == (cli.folder / name).stat().st_mode & 0o777


def test_it_takes_a_tenant_by_name(at: At) -> None:
    """--tenant, as everywhere."""
    assert "fabrikam.example" == at("").json("init", "--tenant", "fabrikam.example")["tenant"]


def test_another_name_is_another_tenant(at: At) -> None:
    """In the same database."""
    cli = at("initialised")
    assert cli.json("init")["tenantId"] != cli.json("init", "--tenant", "fabrikam.example")["tenantId"]


def test_without_a_name_the_tenant_that_is_there_is_meant(at: At) -> None:
    """Whatever it is called; no other is added."""
    cli = at("")
    made = cli.json("init", "--tenant", "fabrikam.example")
    assert {**made, "created": False} == cli.json("init")


def test_without_a_name_several_tenants_are_listed(at: At) -> None:
    """None is added, none is taken for the one that is meant; exit 0."""
    cli = at("initialised")
    cli.done("init", "--tenant", "fabrikam.example")
    before = cli.dump()
    assert "Tenants were there already: contoso.example, fabrikam.example." == cli.done("init").splitlines()[0]
    answer = cli.json("init")
    assert (None, None, ["contoso.example", "fabrikam.example"], False, before) == (
        *(answer[name] for name in ("tenant", "tenantId", "tenants", "created")),
        cli.dump(),
    )


def test_a_lost_key_is_not_made_anew(at: At) -> None:
    """A new key under an old database would make every number unreadable: refused (4)."""
    cli = at("imported")
    (cli.folder / "ringfence.key").unlink()
    answer = cli("init")
    assert (4, False) == (answer.code, (cli.folder / "ringfence.key").exists())


def test_one_that_was_cut_short_is_run_again(at: At) -> None:
    """A schema without a key: other commands say so (4), and `init` finishes it."""
    cli = at("initialised")
    cli.sql("DELETE FROM tenants", "DELETE FROM sealing_keys")
    answer = cli("user", "list")
    assert (4, "ringfence: The database has no key yet, so ringfence init was cut short. Run it again: ringfence init\n") == (
        answer.code,
        answer.err,
    )
    assert "Tenant contoso.example is ready." in cli.done("init")


def test_its_help_says_how_a_tenant_and_its_country_are_named(at: At) -> None:
    """And what happens without a country."""
    told = " ".join(at("")("init", "--help").out.replace("│", " ").split())
    assert ["--tenant contoso.example --country DE", "--tenant NAME names a new one", "ringfence telephony allow"] == [
        words
        for words in ("--tenant contoso.example --country DE", "--tenant NAME names a new one", "ringfence telephony allow")
        if words in told
    ]
