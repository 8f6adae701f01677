"""Methods registered one by one, as Graph's answers list them: passkeys, apps, Windows Hello and the like.

Owns: the names of their types, collections and properties, and what an id and an instant must look like. Secrets (`secretKey`,
`publicKeyCredential`) are never read, and temporary access passes, whose codes no answer tells, are not among the kinds.
Source: Graph's resource types (surface b1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from ringfence.domain.methods.registrations import MethodKind, StatedMethod
from ringfence.sources.json_documents import text_under
from ringfence.sources.unusable import UnusableRowError

ID: Final = "id"
LONGEST_ID: Final = 128
_CREATED: Final = "createdDateTime"
_NAME: Final = "displayName"
_DEVICE: Final = "device"
_DEVICE_TEXTS: Final = (ID, _NAME, "deviceId")
_NO_INSTANT: Final = 1
"""The year that stands for no instant at all where a program cannot leave one out."""


class _Shape(NamedTuple):
    """What is taken over of a kind beside id, creation and name."""

    texts: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    has_device: bool = False


SHAPES: Final = {
    MethodKind.FIDO2: _Shape(("aaGuid", "model", "attestationLevel", "passkeyType"), ("attestationCertificates",)),
    MethodKind.MICROSOFT_AUTHENTICATOR: _Shape(("deviceTag", "phoneAppVersion"), has_device=True),
    MethodKind.PLATFORM_CREDENTIAL: _Shape(("keyStrength", "platform"), has_device=True),
    MethodKind.SOFTWARE_OATH: _Shape(),
    MethodKind.WINDOWS_HELLO: _Shape(("keyStrength",), has_device=True),
}
_STEMS: Final = {
    MethodKind.FIDO2: "fido2",
    MethodKind.MICROSOFT_AUTHENTICATOR: "microsoftAuthenticator",
    MethodKind.PLATFORM_CREDENTIAL: "platformCredential",
    MethodKind.SOFTWARE_OATH: "softwareOath",
    MethodKind.WINDOWS_HELLO: "windowsHelloForBusiness",
}
KINDS: Final = frozenset(SHAPES)
"""All kinds that are taken over."""

KIND_OF_COLLECTION: Final = {f"{stem}Methods": kind for kind, stem in _STEMS.items()}
KIND_OF_TYPE: Final = {f"{stem}AuthenticationMethod": kind for kind, stem in _STEMS.items()}
"""By the name of the type, without its namespace."""


def stated_methods(items: Iterable[tuple[Mapping[str, Any], MethodKind]]) -> tuple[StatedMethod, ...]:
    """The methods, each document with its kind; raises `UnusableRowError` for one that is malformed, and for an id twice."""
    stated = tuple(_stated(item, kind) for item, kind in items)
    if len({one.method_id for one in stated}) != len(stated):
        raise UnusableRowError(column=ID, reason="Two methods of this user have the same id. Leave one of them out.")
    return stated


def _stated(item: Mapping[str, Any], kind: MethodKind) -> StatedMethod:
    shape = SHAPES[kind]
    details: dict[str, object] = {name: text for name in shape.texts if (text := text_under(item, name))}
    details.update((name, texts) for name in shape.lists if (texts := _texts(item, name)))
    if shape.has_device and (device := _device(item)):
        details[_DEVICE] = device
    return StatedMethod(_method_id(item), kind, _instant(item), text_under(item, _NAME) or "", details)


def _method_id(item: Mapping[str, Any]) -> str:
    """The id: it stands in paths, so it is one part of a path, and short enough for an index."""
    found = text_under(item, ID) or ""
    if not found.strip():
        raise UnusableRowError(column=ID, reason="A method has no id. Export the answer of Graph with it.")
    if len(found) > LONGEST_ID or "/" in found or not found.isprintable():
        reason = f"The id of a method is at most {LONGEST_ID} printable characters, without a slash."
        raise UnusableRowError(column=ID, reason=reason)
    return found


def _instant(item: Mapping[str, Any]) -> datetime | None:
    """When it was registered, in UTC; Graph writes no other offset, so none is that one."""
    text = text_under(item, _CREATED)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        if found.year == _NO_INSTANT:
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        reason = "This is not a date and time. Write it as 2021-03-15T12:00:00Z."
        raise UnusableRowError(column=_CREATED, reason=reason) from error


def _texts(item: Mapping[str, Any], name: str) -> list[str]:
    found = item.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise UnusableRowError(column=name, reason='This is not a list of texts. Write ["…"], or [] for none.')
    return found


def _device(item: Mapping[str, Any]) -> dict[str, str]:
    """The device that `$expand=device` adds, as far as a method shows it; empty where there is none."""
    found = item.get(_DEVICE)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise UnusableRowError(column=_DEVICE, reason='This is not a device. Write {"id": …, "displayName": …, "deviceId": …}.')
    return {name: text for name in _DEVICE_TEXTS if (text := text_under(found, name))}
