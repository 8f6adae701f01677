"""What an application asks for, and what of it may be given.

Sources: clients 1.3: one API under many names (`https://graph.microsoft.com/.default`, `https://host:port//.default`, …), with
the OpenID scopes in any order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ringfence.application.identity.tokens import OPENID
from ringfence.domain.identity.applications import Application

DEFAULT: Final = ".default"
_MOST: Final = 200


def parse_scopes(text: str) -> tuple[str, ...]:
    """The scopes without the API's address, each once, in their order."""
    return tuple(dict.fromkeys(scope.rpartition("/")[2] for scope in text.split()[:_MOST]))


def decide_scopes(application: Application, asked: Iterable[str]) -> tuple[str, ...] | str:
    """The scopes a person may give the application; the first one it is not registered for when it asks for such."""
    registered = {scope.casefold(): scope for scope in application.delegated}
    given: list[str] = []
    for scope in asked:
        if scope.casefold() in OPENID:
            given.append(scope.casefold())
        elif scope == DEFAULT:
            given += application.delegated
        elif scope.casefold() in registered:
            given.append(registered[scope.casefold()])
        else:
            return scope
    return tuple(dict.fromkeys(given))


def narrow_scopes(application: Application, granted: Iterable[str], asked: Iterable[str]) -> tuple[str, ...] | None:
    """What of a grant a refresh asks for; None when it asks for more (RFC 6749, 6).

    OpenID's scopes stay as they were granted, whether asked again or not: clients send them out of habit. A scope the application
    is no longer registered for is not given any more.
    """
    registered = OPENID.union(application.delegated)
    standing = [scope for scope in granted if scope in registered]
    wanted = {scope.casefold() for scope in asked} - OPENID
    if not wanted or DEFAULT in wanted:
        return tuple(standing)
    if wanted - {scope.casefold() for scope in standing}:
        return None
    return tuple(scope for scope in standing if scope in OPENID or scope.casefold() in wanted)
