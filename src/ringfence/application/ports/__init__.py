"""What the use cases need from the world, as Protocols named by role.

Owns: the Protocols (`world`, `stores`, `exports`; for the API `identity`, `people`, `changes`, `audit_queries`, `sign_ins`,
`secrets`; for texts `delivery`, for mails `mail` and `notices`, for the MFA service `mfa` and `policies`) and the plain values
that pass through them (`lines`).
Does not own: anything that does the work. Implementations are `ringfence.storage` (unit of work), `ringfence.crypto` (sealer, key
file), `ringfence.sources` (readers) and the command line (clock, progress).
Hands to: `ringfence.bootstrap`, which joins them.
"""

from ringfence.application.ports.exports import DirectoryReader, MfaReader, RejectedRows, SourceReader
from ringfence.application.ports.lines import (
    AuditFilter,
    AuditLine,
    ContactedPair,
    Kept,
    Outcome,
    PairLine,
    SealedPhone,
    SealedPhones,
    SealedValue,
    UserFilter,
    UserUnderKey,
)
from ringfence.application.ports.stores import (
    Administration,
    AuditStore,
    DirectoryStore,
    NumberStore,
    ResealStore,
    Store,
    UnitOfWork,
)
from ringfence.application.ports.world import Clock, KeyFile, NewIdentifiers, Progress, Sealer

__all__ = [
    "Administration",
    "AuditFilter",
    "AuditLine",
    "AuditStore",
    "Clock",
    "ContactedPair",
    "DirectoryReader",
    "DirectoryStore",
    "Kept",
    "KeyFile",
    "MfaReader",
    "NewIdentifiers",
    "NumberStore",
    "Outcome",
    "PairLine",
    "Progress",
    "RejectedRows",
    "ResealStore",
    "SealedPhone",
    "SealedPhones",
    "SealedValue",
    "Sealer",
    "SourceReader",
    "Store",
    "UnitOfWork",
    "UserFilter",
    "UserUnderKey",
]
