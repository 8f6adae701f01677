"""What every error says to people, and the exit code it has. A test proves that each code is in the table.

Exit codes: 0 done; 1 done, with rejected rows; 2 bad input or usage; 3 stopped by a guard; 4 refused by state.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from ringfence.cli.clock import show_instant
from ringfence.domain.errors import ErrorCode, RingfenceError

EXIT_DONE: Final = 0
EXIT_REJECTED: Final = 1
EXIT_DIFFERENT: Final = 1
EXIT_BAD_INPUT: Final = 2
EXIT_GUARD: Final = 3
EXIT_STATE: Final = 4
EXIT_INTERNAL: Final = 70
EXIT_INTERRUPTED: Final = 130

_STOPPED: Final = (
    "Stopped before anything was written: {what}, more than {{allowed}}. Look at it with --dry-run --allow-deletes {{pending}}; "
    "if it is meant, repeat with --allow-deletes {{pending}}."
)

MESSAGES: Final[Mapping[ErrorCode, tuple[int, str]]] = {
    ErrorCode.ADDRESS_UNUSABLE: (
        4,
        "The server cannot listen on {address}: {reason}. Stop what listens there, or choose another address with --listen.",
    ),
    ErrorCode.APP_EXISTS: (2, "There is an application {app} already."),
    ErrorCode.APP_NAME: (2, "An application needs a name, of at most 256 characters."),
    ErrorCode.APP_PASSWORDS_FULL: (4, "The user has {most} app passwords, the most there may be. Delete one first."),
    ErrorCode.APP_PASSWORDS_NOT_ENFORCED: (4, "App passwords are for users whose per-user MFA is enforced."),
    ErrorCode.APP_PASSWORDS_OFF: (4, "App passwords are off. Allow them: ringfence mfa settings set --app-passwords"),
    ErrorCode.APP_PASSWORD_ABSENT: (2, "The user has no such app password."),
    ErrorCode.APP_PASSWORD_NAME: (2, "A name of an app password has 1 to {most} printable characters."),
    ErrorCode.APP_PUBLIC: (2, "{app} is a public application: it has no secret."),
    ErrorCode.APP_REDIRECT_URI: (
        2,
        "Not a redirect URI: {uri}. Write https://…, or http://localhost:PORT/…, without a fragment.",
    ),
    ErrorCode.APP_UNKNOWN: (2, "No application, or more than one, is called {app}. Give its id: ringfence app list"),
    ErrorCode.AUDIO_FORM: (2, "A recording is a wav or mp3 file; this is neither, or it is damaged."),
    ErrorCode.AUDIO_LENGTH: (2, "A recording has to be shorter than {most} seconds."),
    ErrorCode.AUDIO_SIZE: (2, "A recording has at most {most} bytes."),
    ErrorCode.CHALLENGE_NOT_SENT: (4, "Nothing is sent for a challenge of this method."),
    ErrorCode.CHALLENGE_OVER: (4, "The challenge is over. Create another one."),
    ErrorCode.CHALLENGE_PURPOSE: (2, "A purpose is a text of 1 to {most} printable characters."),
    ErrorCode.CHALLENGE_TAKES_NO_CODE: (4, "This challenge is answered on the phone, not by a code."),
    ErrorCode.CHALLENGE_UNKNOWN: (2, "There is no such challenge."),
    ErrorCode.CERTIFICATE_INVALID: (2, "{path} holds no RSA certificate in PEM form."),
    ErrorCode.CONTACTS_UNDER_ANOTHER_KEY: (
        4,
        "The numbers are under another key than when {path} was written, so nothing can be compared. Write such a file anew.",
    ),
    ErrorCode.DATABASE_BUSY: (4, "The database stayed locked for half a minute. Is another long job running? Try again."),
    ErrorCode.DATABASE_EMPTY: (4, "The database has no key yet, so ringfence init was cut short. Run it again: ringfence init"),
    ErrorCode.DATABASE_MISSING: (
        4,
        "There is no Ringfence database at {database}. Make one: ringfence init --tenant contoso.example",
    ),
    ErrorCode.DATABASE_NEWER: (
        4,
        "The database {database} has schema {found}; this version of Ringfence knows {known}. Use the newer version.",
    ),
    ErrorCode.DATABASE_OLDER: (
        4,
        "The database {database} has schema {found}; this version needs {known}. Make a backup, then run: ringfence init",
    ),
    ErrorCode.DATABASE_UNREACHABLE: (4, "The database cannot be used: {reason}."),
    ErrorCode.DATABASE_UNSUPPORTED: (
        2,
        "Not a database we know: {database}. Give a path, sqlite:///PATH or postgresql://USER@HOST/NAME.",
    ),
    ErrorCode.DATE_INVALID: (2, "Not a date: {value}. Write 2021-02-01 or 2021-02-01T00:00Z."),
    ErrorCode.DEMO_ONLY: (
        2,
        "The phone board shows codes to everybody: it needs RINGFENCE_DEMO=true, and RINGFENCE_LISTEN on 127.0.0.1, not {host}.",
    ),
    ErrorCode.EMAIL_ABSENT: (2, "The user has no authentication e-mail address."),
    ErrorCode.EMAIL_EXISTS: (4, "The user has an authentication e-mail address already."),
    ErrorCode.EMAIL_FORM: (2, "Not an e-mail address. Write kim@contoso.example."),
    ErrorCode.GUARD_CLEARS: (
        3,
        _STOPPED.format(what="{pending} public numbers would be cleared"),
    ),
    ErrorCode.GUARD_DELETES: (
        3,
        _STOPPED.format(what="{pending} users would be deleted"),
    ),
    ErrorCode.GUARD_EMPTY: (
        3,
        "Stopped before anything was written: with --full the files hold everybody, and these hold nobody.",
    ),
    ErrorCode.GUARD_MIDWAY: (
        3,
        "Stopped midway: rows that build on earlier ones would take away more than {allowed}. {writes}.",
    ),
    ErrorCode.KEY_EXISTS: (4, "There is a key file at {path} already."),
    ErrorCode.KEY_LOST: (
        4,
        "Key {key_id}, which the database is sealed with, is not in the key file {path}. Put the right key file back.",
    ),
    ErrorCode.KEY_MISSING: (4, "There is no key file at {path}. Put it back, or name it with RINGFENCE_KEY_FILE."),
    ErrorCode.KEY_ROTATING: (4, "Another rotation is running; wait for it."),
    ErrorCode.KEY_UNREADABLE: (4, "The key file {path} cannot be used: {reason}."),
    ErrorCode.KEY_WRONG: (
        4,
        "Key {key_id} in {path} is not the one this database was sealed with. Put the right key file back.",
    ),
    ErrorCode.METHOD_NOT_FOR_PURPOSE: (2, "{method} does not serve for this purpose."),
    ErrorCode.METHODS_FULL: (4, "The user has {most} apps and tokens, the most there may be. Delete one first."),
    ErrorCode.METHOD_ABSENT: (2, "The user has no such method."),
    ErrorCode.METHOD_IS_DEFAULT: (
        4,
        "The {type} method serves as the default, and there is another one. Make that the default first (import mfa).",
    ),
    ErrorCode.METHOD_NAME: (2, "A name of a method has at most {most} printable characters."),
    ErrorCode.METHOD_NOT_REGISTERED: (4, "The user has no method {method}; register it first."),
    ErrorCode.MFA_BLOCKED: (4, "{user} is blocked already, until {until}."),
    ErrorCode.MFA_BLOCK_REASON: (2, "A reason is a text of 1 to {most} printable characters."),
    ErrorCode.MFA_FRAUD_CODE: (2, "A fraud code has 1 to {most} digits."),
    ErrorCode.MFA_NOT_BLOCKED: (4, "{user} is not blocked."),
    ErrorCode.MFA_REMEMBER_DAYS: (2, "Browsers are remembered for 1 to {most} days."),
    ErrorCode.MFA_TRUSTED_FULL: (4, "There are {most} trusted ranges, the most there may be. Remove one first."),
    ErrorCode.MFA_TRUSTED_RANGE: (2, "Not a public IPv4 range in CIDR form: {range}. Write 203.0.113.0/24."),
    ErrorCode.NUMBER_COUNTRY: (2, "The number does not begin with an assigned country code. Write +1 4255550100."),
    ErrorCode.NUMBER_EXTENSION: (2, "Only an office number may have an extension (x123), of one to ten digits."),
    ErrorCode.NUMBER_FORM: (
        2,
        "Not a phone number. Write + country code, a space, the number: +1 4255550100, office also +1 4255550100x123.",
    ),
    ErrorCode.NUMBER_LENGTH: (2, "The number is too short or too long for its country."),
    ErrorCode.OATH_PERIOD: (2, "A code of an app changes every 30 or every 60 seconds, not every {period}."),
    ErrorCode.PASSWORD_WEAK: (
        2,
        "A password has 8 to 256 characters, of three kinds out of lower case, upper case, digits and others.",
    ),
    ErrorCode.PASS_LIFETIME: (2, "The lifetime of a pass lies between {least} and {most} minutes."),
    ErrorCode.PASS_ONCE_ONLY: (4, "The policy lets a pass be used once only."),
    ErrorCode.PERMISSION_UNKNOWN: (2, "There is no {kind} permission {name}{hint}."),
    ErrorCode.PHONE_ABSENT: (2, "The user has no {type} number."),
    ErrorCode.PHONE_ALTERNATE_EXISTS: (
        4,
        "The alternateMobile number needs the mobile one. Set mobile to the other number, then delete alternateMobile.",
    ),
    ErrorCode.PHONE_EXISTS: (4, "The user has a {type} number already."),
    ErrorCode.PHONE_MOBILE_REQUIRED: (4, "An alternateMobile number needs a mobile number. Set the mobile number first."),
    ErrorCode.POLICY_METHOD: (2, "The policy has no method {method}. Known: {known}."),
    ErrorCode.POLICY_SETTING: (
        2,
        "Not a setting of the policy with its value: {setting}. Write NAME=VALUE; list the names: ringfence policy show",
    ),
    ErrorCode.POLICY_UNREADABLE: (4, "The stored policy of authentication methods cannot be read. Restore it from a backup."),
    ErrorCode.POLICY_VALUE: (2, "{setting} has to be {expected}."),
    ErrorCode.PROFILE_MANAGED_ON_PREMISES: (4, "{property} is managed on-premises: change it in the directory."),
    ErrorCode.PROGRAM_MISSING: (
        4,
        "Audio is made by {program}, which is missing here or does not work. Debian has it in these packages: {packages}.",
    ),
    ErrorCode.ROLE_UNKNOWN: (2, "There is no directory role {role}. Known: {known}."),
    ErrorCode.ROW_CHANGED: (4, "Somebody else kept changing the same users. Try again."),
    ErrorCode.RUN_UNKNOWN: (2, "There is no copy run {run}. List the runs: ringfence numbers runs"),
    ErrorCode.SERVICE_BUSY: (4, "Too many sign-ins at once. Try again in a few seconds."),
    ErrorCode.SETTING_INVALID: (2, "{setting} cannot be {value}."),
    ErrorCode.SOURCE_FORMAT: (2, "{path} is not what it claims to be ({expected} expected{line}). Nothing was changed."),
    ErrorCode.SOURCE_REJECTS_UNWRITABLE: (
        4,
        "The rejected rows can be written neither to {path} ({reason}) nor to the system's temporary folder.",
    ),
    ErrorCode.SOURCE_TRUNCATED: (
        2,
        "{path} ends in the middle of a record{line}. Nothing was changed. {why}.",
    ),
    ErrorCode.SOURCE_UNREADABLE: (2, "{path} cannot be read: {reason}."),
    ErrorCode.TARGET_UNWRITABLE: (2, "{path} cannot be written: {reason}."),
    ErrorCode.TELEPHONY_LIMIT: (2, "A limit is a whole number from 1 to {most}."),
    ErrorCode.TELEPHONY_MONEY: (2, "An amount of money is 0 to 10,000 with three decimals; a currency has three letters."),
    ErrorCode.TELEPHONY_OFF: (
        4,
        "Nobody can be asked by {method} here: set RINGFENCE_SENDERS, and allow a country (ringfence telephony allow).",
    ),
    ErrorCode.TELEPHONY_PREFIX: (2, "{prefix} is no prefix of numbers: digits, the country code first, such as 49 or 1684."),
    ErrorCode.TELEPHONY_PRICE: (2, "{price} has no price: write sms=0.079, voice=0.02 or, for a prefix, sms:49=0.079."),
    ErrorCode.TENANT_ABSENT: (4, "There is no tenant yet. Make one: ringfence init --tenant contoso.example"),
    ErrorCode.TENANT_AMBIGUOUS: (2, "There are several tenants; say which with --tenant: {known}."),
    ErrorCode.TENANT_NAME: (2, "A tenant needs a name, such as contoso.example."),
    ErrorCode.TENANT_UNKNOWN: (2, "There is no tenant {tenant}. Known: {known}."),
    ErrorCode.TRANSITION_ABSENT: (
        4,
        "No transition was opened yet: ringfence transition open --start 2026-12-01 --end 2027-03-01",
    ),
    ErrorCode.TRANSITION_ENDED: (
        4,
        "The transition ended at {end}: there is nothing left to close, and no copy is taken back any more.",
    ),
    ErrorCode.TRANSITION_OPEN: (4, "A transition from {start} to {end} is open. Close it first: ringfence transition close"),
    ErrorCode.TRANSITION_ORDER: (2, "The start {start} is not before the end {end}."),
    ErrorCode.USER_EXISTS: (4, "There is a user {user} already."),
    ErrorCode.USER_NAME: (2, "A user principal name looks like kim@contoso.example, of at most 113 characters."),
    ErrorCode.USER_UNKNOWN: (2, "There is no user {user}."),
}


class _Facts(dict[str, object]):
    """Facts by name; one that was not given is an empty text."""

    def __missing__(self, key: str) -> str:
        return ""


def exit_code(error: RingfenceError) -> int:
    """The exit code of an error."""
    return MESSAGES[error.code][0]


def message(error: RingfenceError) -> str:
    """What an error says."""
    shown = {name: _SHOWN.get(name, _plain)(value) for name, value in error.facts.items()}
    return MESSAGES[error.code][1].format_map(_Facts(shown))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return show_instant(value)
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value


_AGAIN: Final = "Export it again"
_ADVICE: Final[Mapping[object, str]] = {
    "change": "If it is whole, end its last change with a line - and an empty line",
    "folded_line": "If it is whole, put an empty line at its end",
    "line_end": "If it is whole, end its last line with a line end",
    "record": "If it is whole, put an empty line at its end",
}
"""What to do about a file that ends too early, by why we think so; anything else is exported again."""

_SHOWN: Final[Mapping[str, Callable[[object], object]]] = {
    "line": lambda value: f", line {value}",
    "writes": lambda writes: "What was applied before stays" if writes else "Nothing was written",
    "why": lambda why: _ADVICE.get(why, _AGAIN),
}
