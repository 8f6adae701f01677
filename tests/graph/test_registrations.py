"""Methods that an import of Graph's answers registered: read and deleted by the API (surface a1, b1, d5)."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any, Final

import pytest

from ringfence.application.import_mfa import import_mfa
from ringfence.domain.methods.registrations import MethodKind
from ringfence.domain.numbers.canonical import parse_authentication_number
from ringfence.graph.resources.registrations import SHAPES
from ringfence.sources import mfa_registrations
from ringfence.sources.files import open_mfa
from tests.application.fakes import ProgressNotes, RejectedList
from tests.contract.deployments import TENANT
from tests.graph.served import Api
from tests.graph.test_methods import under

AT: Final = "2020-08-13T18:44:23Z"
CREATED: Final = {"createdDateTime": AT}
DEVICE: Final = {"id": "d", "displayName": "Laptop", "deviceId": "0f6a3f8e"}
ITEMS: Final[dict[str, dict[str, Any]]] = {
    "fido2": {
        "id": "-2_GRUg2-HYz6_1YG4YRAQ2",
        **CREATED,
        "displayName": "Red key",
        "aaGuid": "2fc0579f-8113-47ea-b116-bb5a8db9202a",
        "model": "YubiKey 5",
        "attestationCertificates": ["c2"],
        "attestationLevel": "attested",
        "passkeyType": "deviceBound",
    },
    "microsoftAuthenticator": {"id": "a", **CREATED, "displayName": "Phone", "deviceTag": "T", "phoneAppVersion": "6.2"},
    "platformCredential": {"id": "p", **CREATED, "displayName": "Mac", "keyStrength": "normal", "platform": "macOS"},
    "softwareOath": {"id": "s", **CREATED, "secretKey": None},
    "windowsHelloForBusiness": {"id": "w", **CREATED, "displayName": "Desk", "keyStrength": "weak"},
}
WITH_DEVICE: Final = ("microsoftAuthenticator", "platformCredential", "windowsHelloForBusiness")


@pytest.fixture
def kim(api: Api) -> str:
    """A user without any method yet."""
    return api.new_user("kim")


def take_over(api: Api, folder: Path, user: str, *items: dict[str, Any]) -> dict[str, int]:
    """Import answers about the user, as `ringfence import mfa` does; return the counts."""
    documents = [{"userPrincipalName": user, **one} for one in items]
    file = folder / f"{uuid.uuid4()}.json"
    file.write_text(json.dumps(documents))
    reader = open_mfa(file, parse_authentication_number)
    return import_mfa(api.joined.services, TENANT, reader, ProgressNotes(), RejectedList()).counts


def typed(stem: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """One of the items with its type."""
    return {"@odata.type": f"#microsoft.graph.{stem}AuthenticationMethod", **ITEMS[stem], **fields}


def preference(api: Api, user: str) -> Any:  # noqa: ANN401 - JSON
    """The default method by its name in the API."""
    body = api.call("GET", under(user, "signInPreferences", "beta")).body
    return body["userPreferredMethodForSecondaryAuthentication"]


def test_what_is_read_was_imported(api: Api, kim: str, tmp_path: Path) -> None:
    """Each in its own list, alone, and with its type among all methods; our own export, imported again, changes nothing."""
    take_over(api, tmp_path, kim, {"value": [typed(stem) for stem in ITEMS]})
    for stem, item in ITEMS.items():
        path = under(kim, f"{stem}Methods")
        assert [item] == api.call("GET", path).body["value"]
        assert item.items() <= api.call("GET", f"{path}/{item['id']}").body.items()
        assert typed(stem).items() <= api.call("GET", under(kim, f"methods/{item['id']}")).body.items()
    answers = [api.call("GET", under(kim, path)).body for path in ("methods", *(f"{stem}Methods" for stem in ITEMS))]
    counts = take_over(api, tmp_path, kim, *answers)
    assert (0, 6) == (counts["changed"], counts["unchanged"])


@pytest.mark.parametrize("stem", WITH_DEVICE)
def test_the_device_is_taken_over(api: Api, kim: str, tmp_path: Path, stem: str) -> None:
    """From an answer to `$expand=device`; a list that comes later does not take it away."""
    take_over(api, tmp_path, kim, typed(stem, device=DEVICE), {"value": [typed(stem)]})
    path = f"{under(kim, f'{stem}Methods')}/{ITEMS[stem]['id']}"
    assert DEVICE == api.call("GET", f"{path}?$expand=device").body["device"]


def test_ids_that_differ_in_case_alone(api: Api, kim: str, tmp_path: Path) -> None:
    """The ids of passkeys are base64: one is found by its own id, and by another case only where that is nobody's."""
    take_over(api, tmp_path, kim, typed("fido2", id="Ab"), typed("windowsHelloForBusiness", id="aB"))
    assert ["Ab", "aB", "Ab"] == [api.call("GET", under(kim, f"methods/{name}")).body["id"] for name in ("Ab", "aB", "AB")]


def test_the_last_app_is_no_default_any_more(api: Api, kim: str, tmp_path: Path) -> None:
    """204 for one of two, 400 with the text that scripts know while the default is another method's, then 204 (d5, D.1)."""
    take_over(api, tmp_path, kim, typed("microsoftAuthenticator"), typed("microsoftAuthenticator", id="b"))
    assert "push" == preference(api, kim)
    api.call("POST", under(kim, "phoneMethods"), {"phoneType": "mobile", "phoneNumber": "+1 4255550100"})
    path = under(kim, "microsoftAuthenticatorMethods")
    assert 204 == api.call("DELETE", f"{path}/b").status
    refused = api.call("DELETE", f"{path}/a")
    text = "The requested authentication method id of [a] matches the user's current default authentication method, and cannot"
    assert (400, "badRequest") == (refused.status, refused.code)
    assert refused.body["error"]["message"].startswith(text)
    sms = {"userPreferredMethodForSecondaryAuthentication": "sms"}
    assert 204 == api.call("PATCH", under(kim, "signInPreferences", "beta"), sms).status
    assert [204, 404] == [api.call("DELETE", f"{path}/a").status for _ in range(2)]
    push = {"userPreferredMethodForSecondaryAuthentication": "push"}
    assert 400 == api.call("PATCH", under(kim, "signInPreferences", "beta"), push).status


@pytest.mark.parametrize("stem", ITEMS)
def test_each_kind_can_be_deleted(api: Api, kim: str, tmp_path: Path, stem: str) -> None:
    """As the only method, whatever the default; the report no longer has it."""
    take_over(api, tmp_path, kim, typed(stem))
    report = "/v1.0/reports/authenticationMethods/userRegistrationDetails"
    registered = [api.call("GET", report).body["value"][0]["methodsRegistered"]]
    assert 204 == api.call("DELETE", f"{under(kim, f'{stem}Methods')}/{ITEMS[stem]['id']}").status
    registered.append(api.call("GET", report).body["value"][0]["methodsRegistered"])
    assert ([1, 0], "none") == ([len(one) for one in registered], preference(api, kim) or "none")


@pytest.mark.parametrize("kind", mfa_registrations.KINDS, ids=str)
def test_reader_and_api_know_the_same_properties(kind: MethodKind) -> None:
    """What the API shows of a kind is what the import takes over, but for the secret."""
    read, shown = mfa_registrations.SHAPES[kind], SHAPES[kind]
    names = {name for name, _ in shown.properties} - {"displayName", "secretKey"}
    assert (names, shown.has_device) == ({*read.texts, *read.lists}, read.has_device)
    assert kind is mfa_registrations.KIND_OF_COLLECTION[shown.collection]
    assert kind is mfa_registrations.KIND_OF_TYPE[shown.type.removeprefix("#microsoft.graph.")]
