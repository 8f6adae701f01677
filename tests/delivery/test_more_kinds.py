"""Kinds of senders that another room brings to the file of senders: known by name, with nothing to set, and able to call."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from ringfence.delivery.drain import NoCaller
from ringfence.delivery.sender_file import Kind, read_senders
from ringfence.delivery.webhook import WebhookAccount, WebhookSender
from ringfence.domain.errors import InvalidError

_CALLER: Final = NoCaller()
_MORE: Final = {
    "postcard": Kind(lambda take: WebhookSender(WebhookAccount("https://127.0.0.1:1", "s" * 16), take), lambda _take: _CALLER)
}


def _file(folder: Path, text: str) -> Path:
    path = folder / "senders.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_kind_takes_texts_and_calls(tmp_path: Path) -> None:
    """As the only sender all of them."""
    plan = read_senders(_file(tmp_path, '[senders.one]\nkind = "postcard"\n'), _MORE)
    assert ((("", ("one",)),), _CALLER) == (plan.routes, plan.caller(lambda _progress: None))


def test_without_one_nobody_calls(tmp_path: Path) -> None:
    """The other kinds send texts alone."""
    plan = read_senders(
        _file(tmp_path, '[senders.one]\nkind = "webhook"\nurl = "https://127.0.0.1:1"\nsecret = "0123456789abcdef"\n'), _MORE
    )
    assert (False, None) == (plan.calls, plan.caller(lambda _progress: None))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('kind = "pigeon"', "pigeon; there are smpp, twilio, webhook, postcard"),
        ('kind = "postcard"\nport = 1', "not known here"),
    ],
    ids=["unknown", "with something to set"],
)
def test_what_it_is_not(tmp_path: Path, text: str, value: str) -> None:
    """Each is named."""
    with pytest.raises(InvalidError) as refused:
        read_senders(_file(tmp_path, f"[senders.one]\n{text}\n"), _MORE)
    assert value == refused.value.facts["value"]
