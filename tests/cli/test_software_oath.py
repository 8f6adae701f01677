"""`ringfence user add-software-oath`: the secret once, for people and for scripts."""

from __future__ import annotations

from ringfence.domain.methods.oath import read_secret
from tests.cli.conftest import At


def test_the_secret_is_printed(at: At) -> None:
    """Once; and the method is there."""
    cli = at("initialised")
    cli.done("user", "create", "kai@contoso.example", "--no-password")
    assert "otpauth://totp/contoso.example:kai" in cli.done("user", "add-software-oath", "kai@contoso.example")
    made = cli.json("user", "add-software-oath", "kai@contoso.example", "--period", "60", "--sha256")
    assert (32, True) == (len(read_secret(made["secretKey"]) or b""), "period=60" in made["otpauthUri"])
