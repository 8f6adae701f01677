"""Reading a public number for one user: parsed, and sealed so that it can be compared with the authentication number."""

from __future__ import annotations

from ringfence.application.services import Services
from ringfence.domain.directory.sync_plan import ReadNumber
from ringfence.domain.directory.user import PublicValue, User
from ringfence.domain.numbers.canonical import parse_public_number
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.numbers.policy import PublicSource


def reading_numbers(services: Services, tenant_id: int, user: User) -> ReadNumber:
    """How a public number of this user is parsed and sealed (not sealed for a new user in a dry run, who has no key yet)."""
    seal, accept = services.sealer.seal, services.policy.accept_unspaced

    def read(text: str, pair: Pair, source: PublicSource) -> PublicValue:
        state, canonical = parse_public_number(text, pair, accept_unspaced=accept)
        if canonical is None:
            return PublicValue(text, state, None, source)
        sealed = seal(canonical, user.key_id, tenant_id, user.user_id, pair) if user.key_id else b""
        return PublicValue(text, state, sealed, source)

    return read
