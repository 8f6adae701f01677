"""What a second factor depends on, as use cases: app passwords, remembered browsers, blocks, fraud, registering anew."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Final, NamedTuple, TypeVar

import pytest

from ringfence.application.housekeeping import forget_old_browsers
from ringfence.application.identity.parts import bound_secret
from ringfence.application.mfa.app_passwords import (
    CreateAppPassword,
    create_app_password,
    delete_all_app_passwords,
    delete_app_password,
    list_app_passwords,
)
from ringfence.application.mfa.blocked_users import (
    BlockUser,
    FraudReport,
    block_user,
    blocked_until,
    list_blocks,
    report_fraud,
    unblock_user,
)
from ringfence.application.mfa.remembered_browsers import is_remembered, remember_browser, revoke_mfa_sessions
from ringfence.application.mfa.requirements import Surroundings, complete_registration, find_requirement
from ringfence.application.mfa.reregistration import RequireReregister, require_reregister
from ringfence.application.mfa.settings import change_settings
from ringfence.application.phones import RegisterPhone, register_phone
from ringfence.application.ports import UnitOfWork
from ringfence.application.preferences import set_mfa_state
from ringfence.application.services import in_transaction
from ringfence.domain.audit import Trail
from ringfence.domain.directory.records import PerUserState
from ringfence.domain.directory.user import Account, User
from ringfence.domain.errors import ErrorCode, RingfenceError
from ringfence.domain.identity.sign_ins import Attempt, ClientApp
from ringfence.domain.methods.app_password import MOST
from ringfence.domain.numbers.pairs import Pair
from ringfence.domain.policy.mfa_settings import FraudAlert
from ringfence.domain.signin.blocks import LASTS, FraudOutcome
from ringfence.domain.signin.requirement import Client, Requirement
from ringfence.domain.values import Actor, ActorKind
from tests.contract.deployments import TENANT
from tests.graph.served import ADMIN, Api

_Result = TypeVar("_Result")
_ATTEMPT: Final = Attempt(bytes(16), "till", ClientApp.NATIVE, None, bytes(16))


class Kim(NamedTuple):
    """A user of a deployment."""

    api: Api
    upn: str

    def unit(self, work: Callable[[UnitOfWork], _Result]) -> _Result:
        """Work in a transaction."""
        return in_transaction(self.api.joined.services, work)

    @property
    def account(self) -> Account:
        """As stored now."""
        return self.unit(
            lambda unit: unit.directory.load(TENANT, list(unit.directory.ids_by_upn(TENANT, [self.upn]).values()))
        ).popitem()[1]

    @property
    def user(self) -> User:
        """As stored now."""
        return self.account.user

    def set(self, **changes: Any) -> None:  # noqa: ANN401 - any setting
        """Change settings of the tenant."""
        change_settings(self.api.joined.services, TENANT, lambda one: one._replace(**changes), ADMIN, self.api.clock.now())

    def put(self, state: PerUserState) -> None:
        """Set the per-user state."""
        set_mfa_state(self.api.joined.services, TENANT, self.upn, state, ADMIN, self.api.clock.now())

    def phone(self, pair: Pair = Pair.MOBILE) -> None:
        """Register a number."""
        number = {Pair.MOBILE: "+1 4255550100", Pair.OFFICE: "+1 4255550101", Pair.ALTERNATE: "+1 4255550102"}[pair]
        register_phone(self.api.joined.services, TENANT, RegisterPhone(self.upn, pair, number, ADMIN), self.api.clock.now())

    def demanded(self, **around: Any) -> Requirement:  # noqa: ANN401 - any circumstance
        """What the table says now, for a browser."""
        asked, user = Surroundings(Client.MODERN, **around), self.user
        return self.unit(
            lambda unit: find_requirement(self.api.identity, unit, TENANT, user, asked, self.api.clock.now())
        ).outcome

    def browser(self) -> str | None:
        """Have one remembered."""
        user = self.user
        made = self.unit(lambda unit: remember_browser(unit, TENANT, user, self.api.clock.now()))
        return None if made is None else made.secret

    def remembers(self, secret: str | None, user: User | None = None) -> bool:
        """Whether it counts."""
        whose = user or self.user
        return self.unit(lambda unit: is_remembered(unit, TENANT, whose, secret, self.api.clock.now()))

    def activities(self) -> list[str]:
        """What the audit says was done, newest first."""
        records = self.api.call("GET", "/v1.0/auditLogs/directoryAudits").body["value"]
        return [f"{one['loggedByService']}: {one['activityDisplayName']}" for one in records]

    def app_password(self) -> str:
        """Make one."""
        made = CreateAppPassword(self.upn, "Phone", ADMIN)
        return create_app_password(self.api.identity, TENANT, made, self.api.clock.now()).password

    def report(self) -> FraudOutcome:
        """Report fraud."""
        asked, services = FraudReport(self.user.user_id, _ATTEMPT), self.api.joined.services
        return self.unit(lambda unit: report_fraud(services, unit, TENANT, asked, self.api.clock.now()))


@pytest.fixture
def kim(api: Api) -> Kim:
    """Her."""
    return Kim(api, api.new_user("kim"))


def _refusal(work: Callable[[], object]) -> ErrorCode | None:
    try:
        work()
    except RingfenceError as error:
        return error.code
    return None


def _code(work: Callable[[], object]) -> ErrorCode:
    with pytest.raises(RingfenceError) as refused:
        work()
    return refused.value.code


def test_app_passwords_are_for_who_is_enforced_where_they_are_on(kim: Kim) -> None:
    """Sixteen lower-case letters, of which a fingerprint is kept (D.9)."""
    assert ErrorCode.APP_PASSWORDS_OFF is _code(kim.app_password)
    kim.set(app_passwords=True)
    kim.put(PerUserState.Enabled)
    assert ErrorCode.APP_PASSWORDS_NOT_ENFORCED is _code(kim.app_password)
    kim.put(PerUserState.Enforced)
    password = kim.app_password()
    assert (16, True, True) == (len(password), password.isalpha(), password.islower())


def test_forty_app_passwords_and_no_more(kim: Kim) -> None:
    """One has to go first."""
    kim.set(app_passwords=True)
    kim.put(PerUserState.Enforced)
    services, now = kim.api.joined.services, kim.api.clock.now()
    assert MOST == len({kim.app_password() for _ in range(MOST)})
    assert ErrorCode.APP_PASSWORDS_FULL is _code(kim.app_password)
    first = list_app_passwords(services, TENANT, kim.upn)[0].app_password_id
    delete_app_password(services, TENANT, (kim.upn, first), ADMIN, now)
    assert ErrorCode.APP_PASSWORD_ABSENT is _code(lambda: delete_app_password(services, TENANT, (kim.upn, first), ADMIN, now))
    kim.app_password()
    assert (MOST, 0) == tuple(delete_all_app_passwords(services, TENANT, kim.upn, ADMIN, now) for _ in range(2))


def test_no_more_than_forty_when_many_are_made_at_once(kim: Kim) -> None:
    """The last one is given once."""
    kim.set(app_passwords=True)
    kim.put(PerUserState.Enforced)
    for _ in range(MOST - 1):
        kim.app_password()
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: _refusal(kim.app_password), range(8)))
    assert (1, 7) == (made.count(None), made.count(ErrorCode.APP_PASSWORDS_FULL))


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "a\nb", "\x00"])
def test_names_of_app_passwords(kim: Kim, name: str) -> None:
    """A printable text."""
    command = CreateAppPassword(kim.upn, name, ADMIN)
    assert ErrorCode.APP_PASSWORD_NAME is _code(
        lambda: create_app_password(kim.api.identity, TENANT, command, kim.api.clock.now())
    )


def test_app_passwords_are_audited(kim: Kim) -> None:
    """As the user's own doing, or an administrator's."""
    kim.set(app_passwords=True)
    kim.put(PerUserState.Enforced)
    kim.api.later(1)
    person = Actor(ActorKind.USER, kim.upn, kim.user.user_id)
    create_app_password(kim.api.identity, TENANT, CreateAppPassword(kim.upn, "Phone", person), kim.api.clock.now())
    kim.api.later(1)
    delete_all_app_passwords(kim.api.joined.services, TENANT, kim.upn, ADMIN, kim.api.clock.now())
    assert [
        "Authentication Methods: Admin deleted security info",
        "Authentication Methods: User registered security info",
    ] == kim.activities()[:2]


def test_a_state_that_is_set_is_audited_as_both_services_would(kim: Kim) -> None:
    """Enable and disable (F.3); from enabled to enforced is a changed profile alone."""
    for state in (PerUserState.Enabled, PerUserState.Enforced, PerUserState.Disabled):
        kim.put(state)
        kim.api.later(1)
    told = [one for one in kim.activities() if "Strong" in one]
    assert ["Core Directory: Disable Strong Authentication", "Core Directory: Enable Strong Authentication"] == told


def test_a_browser_is_remembered_for_the_days_of_the_setting(kim: Kim) -> None:
    """To the end of them, of this user alone; fewer days hold for those of before too."""
    kim.set(remember_days=14)
    secret, lee = kim.browser(), Kim(kim.api, kim.api.new_user("lee")).user
    foreign = bound_secret(kim.user.user_id)
    assert [True, False, False, False] == [
        kim.remembers(secret),
        kim.remembers(foreign),
        kim.remembers(secret, lee),
        kim.remembers("x"),
    ]
    kim.api.later(timedelta(days=14).total_seconds() - 1)
    assert kim.remembers(secret)
    kim.set(remember_days=13)
    assert not kim.remembers(secret)
    kim.set(remember_days=365)
    assert kim.remembers(secret)
    kim.api.later(1)
    assert not kim.remembers(secret)


def test_browsers_are_not_remembered_unless_it_is_on(kim: Kim) -> None:
    """It is off by default; off again, none counts."""
    assert kim.browser() is None
    kim.set(remember_days=14)
    secret = kim.browser()
    kim.set(remember_days=None)
    assert not kim.remembers(secret)


def test_guests_browsers_are_never_remembered(kim: Kim) -> None:
    """D.9: not for B2B users."""
    kim.set(remember_days=14)
    guest = kim.user._replace(user_type="Guest")
    assert kim.unit(lambda unit: remember_browser(unit, TENANT, guest, kim.api.clock.now())) is None


def test_revoked_mfa_sessions_forget_every_browser(kim: Kim) -> None:
    """And one whose row was written beside the revocation, too; one that comes later counts."""
    kim.set(remember_days=14)
    secrets = [kim.browser(), kim.browser()]
    assert 2 == revoke_mfa_sessions(kim.api.joined.services, TENANT, kim.upn, ADMIN, kim.api.clock.now())
    beside = kim.browser()
    assert not any(kim.remembers(one) for one in (*secrets, beside))
    kim.api.later(1)
    assert kim.remembers(kim.browser())


def test_browsers_whose_time_is_over_are_cleared_away(kim: Kim) -> None:
    """A day later."""
    kim.set(remember_days=1)
    kim.browser()
    for later, gone in ((2, 0), (0.1, 1)):
        kim.api.later(timedelta(days=later).total_seconds())
        assert gone == forget_old_browsers(kim.api.joined.services, kim.api.clock.now())


def test_what_is_demanded(kim: Kim) -> None:
    """From the stored facts: registration, challenge, remembered browser, trusted location, block."""
    kim.set(remember_days=14, trusted_ranges=("203.0.113.0/24",))
    assert Requirement.NOT_REQUIRED is kim.demanded()
    kim.put(PerUserState.Enabled)
    assert Requirement.REGISTER is kim.demanded()
    kim.phone()
    secret = kim.browser()
    asked: list[dict[str, Any]] = [{}, {"browser_secret": secret}, {"is_strong": True}, {"address": "203.0.113.1"}]
    expected = [
        Requirement.CHALLENGE,
        Requirement.SATISFIED_REMEMBERED,
        Requirement.SATISFIED_SESSION,
        Requirement.SKIPPED_LOCATION,
    ]
    assert expected == [kim.demanded(**one) for one in asked]
    block_user(kim.api.joined.services, TENANT, BlockUser(kim.upn, "stolen", ADMIN), kim.api.clock.now())
    assert {Requirement.DENIED_BLOCKED} == {kim.demanded(**one) for one in asked}


def test_a_block_ends_after_ninety_days_or_before(kim: Kim) -> None:
    """With a history of both (D.6)."""
    services, upn = kim.api.joined.services, kim.upn
    block_user(services, TENANT, BlockUser(upn, "stolen", ADMIN), kim.api.clock.now())
    assert ErrorCode.MFA_BLOCKED is _code(lambda: block_user(services, TENANT, BlockUser(upn, "x", ADMIN), kim.api.clock.now()))
    unblock_user(services, TENANT, BlockUser(upn, "found", ADMIN), kim.api.clock.now())
    assert ErrorCode.MFA_NOT_BLOCKED is _code(
        lambda: unblock_user(services, TENANT, BlockUser(upn, "x", ADMIN), kim.api.clock.now())
    )
    kim.api.later(1)
    until = block_user(services, TENANT, BlockUser(upn, "again", ADMIN), kim.api.clock.now()).until
    user_id = kim.user.user_id
    instants = (until - timedelta(seconds=1), until)
    found = kim.unit(lambda unit: [blocked_until(unit, TENANT, user_id, at) for at in instants])
    assert ([until, None], LASTS) == (found, until - kim.api.clock.now())
    reasons = [
        (one.upn, one.block.reason, one.block.lifted and one.block.lifted.reason) for one in list_blocks(services, TENANT, 9)
    ]
    assert [(upn, "again", None), (upn, "stolen", "found")] == reasons
    assert "Management UX: Add blocked user" == kim.activities()[0]


@pytest.mark.parametrize("reason", ["", " ", "x" * 257, "a\x00b"])
def test_a_block_needs_a_reason(kim: Kim, reason: str) -> None:
    """A printable text."""
    command = BlockUser(kim.upn, reason, ADMIN)
    assert ErrorCode.MFA_BLOCK_REASON is _code(lambda: block_user(kim.api.joined.services, TENANT, command, kim.api.clock.now()))


@pytest.mark.parametrize(
    ("alert", "outcome", "activity"),
    [
        pytest.param(FraudAlert(allowed=False), FraudOutcome.IGNORED, None, id="off"),
        pytest.param(FraudAlert(allowed=True, auto_block=False), FraudOutcome.NOTED, "no action taken", id="noted"),
        pytest.param(FraudAlert(allowed=True), FraudOutcome.BLOCKED, "user is blocked for MFA", id="blocks"),
    ],
)
def test_a_fraud_report(kim: Kim, alert: FraudAlert, outcome: FraudOutcome, activity: str | None) -> None:
    """Audited by Azure MFA, a line in the log of sign-ins, and a block where that is wanted; a second one changes nothing."""
    kim.set(fraud=alert)
    kim.api.later(1)
    assert [outcome, outcome] == [kim.report(), kim.report()]
    lines = [one["status"]["additionalDetails"] for one in kim.api.call("GET", "/v1.0/auditLogs/signIns").body["value"]]
    assert ["MFA denied; fraud code entered."] * (0 if activity is None else 2) == lines
    assert [f"Azure MFA: Fraud reported - {activity}"] * len(lines) == kim.activities()[: len(lines)]
    assert (outcome is FraudOutcome.BLOCKED) is bool(list_blocks(kim.api.joined.services, TENANT, 9))


def test_registering_anew_deletes_what_may_be_in_other_hands(kim: Kim) -> None:
    """Phones and the app go, the passkey's like stay; enforced stays; alternate before mobile, the default's last (E.2)."""
    for pair in Pair:
        kim.phone(pair)
    made = kim.api.call("POST", f"/mfa/v1/users/{kim.upn}/software-oath", {})
    kim.api.call("POST", f"/v1.0/users/{kim.upn}/authentication/temporaryAccessPassMethods", {})
    kim.put(PerUserState.Enforced)
    kim.api.later(1)
    command = RequireReregister(kim.upn, ADMIN)
    assert (201, 4) == (made.status, require_reregister(kim.api.joined.services, TENANT, command, kim.api.clock.now()))
    account = kim.account
    assert (frozenset(), None, PerUserState.Enforced) == (account.user.methods, account.user.default, account.user.mfa_state)
    assert [None] * 3 == [state.authentication for state in account.pairs.values()]
    kept = kim.api.call("GET", f"/v1.0/users/{kim.upn}/authentication/methods").body["value"]
    kinds = {one["@odata.type"].rpartition(".")[2] for one in kept}
    assert {"passwordAuthenticationMethod", "temporaryAccessPassAuthenticationMethod"} == kinds
    assert Requirement.REGISTER is kim.demanded()


def test_the_order_of_deletion_is_told(kim: Kim) -> None:
    """In the audit: alternate, office, then mobile, which serves the default."""
    for pair in Pair:
        kim.phone(pair)
    kim.api.later(1)
    require_reregister(kim.api.joined.services, TENANT, RequireReregister(kim.upn, ADMIN), kim.api.clock.now())
    records = kim.api.call("GET", "/v1.0/auditLogs/directoryAudits").body["value"]
    deleted = [one for one in records if one["activityDisplayName"] == "Admin deleted security info"]
    pairs = [next(each["value"] for each in one["additionalDetails"] if each["key"] == "pair") for one in deleted]
    assert ["mobile", "office", "alternateMobile"] == pairs


def test_methods_may_be_kept(kim: Kim) -> None:
    """The older behaviour: what is kept is asked for even in a browser that is remembered, for a registration follows."""
    kim.phone()
    kim.put(PerUserState.Enforced)
    require_reregister(
        kim.api.joined.services, TENANT, RequireReregister(kim.upn, ADMIN, keeps_methods=True), kim.api.clock.now()
    )
    assert (True, Requirement.CHALLENGE) == (bool(kim.user.methods), kim.demanded(is_strong=True))
    trail, user_id = Trail(kim.api.joined.services.new_id(), kim.api.clock.now(), ADMIN), kim.user.user_id
    kim.unit(lambda unit: complete_registration(unit, TENANT, user_id, trail))
    assert Requirement.SATISFIED_SESSION is kim.demanded(is_strong=True)


def test_a_completed_registration_enforces(kim: Kim) -> None:
    """Who was enabled; audited as a changed profile."""
    kim.put(PerUserState.Enabled)
    kim.phone()
    kim.api.later(1)
    trail, user_id = Trail(kim.api.joined.services.new_id(), kim.api.clock.now(), ADMIN), kim.user.user_id
    kim.unit(lambda unit: complete_registration(unit, TENANT, user_id, trail))
    assert (PerUserState.Enforced, "Core Directory: Update user") == (kim.user.mfa_state, kim.activities()[0])
