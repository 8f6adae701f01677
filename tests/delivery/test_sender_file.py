"""The file of senders: what it may say, and that everything else is refused by its place."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Final

import pytest

from ringfence.delivery.sender_file import SenderPlan, read_senders
from ringfence.domain.errors import ErrorCode, InvalidError

_SMPP: Final = """
[senders.main]
kind = "smpp"
host = "smsc.example"
port = 2775
system_id = "us"
password = "eightchr"
source = "Contoso"
"""
_SIP: Final = """
[callers.trunk]
kind = "sip"
trunk = "sip.example"
caller_id = "+4930123456"
"""


def _read(folder: Path, text: str) -> SenderPlan:
    path = folder / "senders.toml"
    path.write_text(text, "utf-8")
    return read_senders(path)


@pytest.mark.parametrize(
    ("text", "texts", "calls"),
    [
        pytest.param("", False, False, id="nothing"),
        pytest.param(_SMPP, True, False, id="one sender needs no route"),
        pytest.param(_SIP, False, True, id="nor does one caller"),
        pytest.param(_SMPP + _SIP, True, True, id="both"),
        pytest.param(_SMPP + '[[sms]]\nprefix = "49"\nsenders = ["main"]\n', True, False, id="a route"),
    ],
)
def test_what_it_can_do(tmp_path: Path, text: str, texts: bool, calls: bool) -> None:  # noqa: FBT001 - a case
    """Texts and calls each by themselves."""
    plan = _read(tmp_path, text)
    assert (texts, calls) == (plan.sends_texts, plan.calls)


def test_everything_that_can_be_set_for_calls(tmp_path: Path) -> None:
    """Paths count from the file's folder; a recording stands for a sentence."""
    with wave.open(str(tmp_path / "hello.wav"), "wb") as recording:
        recording.setparams((1, 2, 8000, 0, "NONE", "not compressed"))
        recording.writeframes(bytes(1600))
    (tmp_path / "secret").write_text("pass word\n", "utf-8")
    text = (
        _SIP
        + 'user = "us"\npassword_file = "secret"\ntransport = "tls"\nencryption = "offered"\nregister = true\n'
        + 'dial_prefix = "00"\ncalls = 7\n[sip]\ninterface = "127.0.0.1"\nrtp_ports = [20000, 20100]\nca_file = "ca.pem"\n'
        + '[prompts]\nfolder = "said"\n[prompts.de]\ngreeting = "hello.wav"\n[[voice]]\ncallers = ["trunk"]\n'
    )
    assert _read(tmp_path, text).calls


@pytest.mark.parametrize(
    ("text", "place"),
    [
        pytest.param("[", "senders.toml", id="no TOML"),
        pytest.param("[mails]\n", "mails", id="an unknown section"),
        pytest.param("senders = 1\n", "senders", id="no tables"),
        pytest.param('[senders.x]\nkind = "pigeon"\n', "senders.x.kind", id="an unknown kind"),
        pytest.param("[senders.x]\n", "senders.x.kind", id="no kind"),
        pytest.param(_SMPP + 'colour = "red"\n', "senders.main.colour", id="an unknown setting"),
        pytest.param(_SMPP.replace("2775", '"2775"'), "senders.main.port", id="a text for a number"),
        pytest.param(_SMPP.replace("2775", "true"), "senders.main.port", id="a flag for a number"),
        pytest.param(_SMPP.replace("password =", "password_file ="), "senders.main.password_file", id="a missing file"),
        pytest.param(_SMPP + '[[sms]]\nsenders = ["other"]\n', "sms.senders", id="a route to nobody"),
        pytest.param(_SMPP + "[[sms]]\nsenders = []\n", "sms.senders", id="a route without anybody"),
        pytest.param(_SMPP + '[[sms]]\nprefix = "+49"\nsenders = ["main"]\n', "prefix of a route", id="a plus"),
        pytest.param(_SIP.replace('"sip"', '"fax"'), "callers.trunk.kind", id="an unknown kind of caller"),
        pytest.param(_SIP + 'transport = "pipe"\n', "callers.transport", id="an unknown transport"),
        pytest.param(_SIP + 'transport = "udp"\n', "SIP encryption", id="keys in the clear"),
        pytest.param(_SIP + "[sip]\nrtp_ports = [1]\n", "sip.rtp_ports", id="one port"),
        pytest.param(_SIP + '[prompts.xx]\ngreeting = "a.wav"\n', "prompts.xx", id="an unknown language"),
        pytest.param(_SIP + '[prompts.de]\ngreeting = "a.wav"\n', "prompts.de.greeting", id="a missing recording"),
        pytest.param(_SIP + '[prompts.de]\nhello = "a.wav"\n', "prompts.de.hello", id="an unknown sentence"),
        pytest.param(_SIP + '[[voice]]\ncallers = ["other"]\n', "voice.callers", id="a route to no caller"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, place: str) -> None:
    """With its place, and no default in its stead."""
    with pytest.raises(InvalidError) as refused:
        _read(tmp_path, text)
    assert (ErrorCode.SETTING_INVALID, True) == (refused.value.code, place in str(refused.value.facts["setting"]))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Is told by its path."""
    with pytest.raises(InvalidError) as refused:
        read_senders(tmp_path / "nowhere.toml")
    assert "nowhere.toml" in str(refused.value.facts["setting"])
