"""The policy of authentication methods as the API shows it. Sources: surface b4; the CSDL."""

from __future__ import annotations

from typing import Any, Final

from ringfence.application.ports.policies import StoredPolicy
from ringfence.domain.policy.methods_policy import VERSION, Managed, MethodsPolicy, PolicyMethod
from ringfence.graph.resources.fields import shown_instant

ALL_USERS: Final = "all_users"
NOBODY: Final = "00000000-0000-0000-0000-000000000000"
GROUP: Final = "group"
CAMPAIGN_METHOD: Final = "microsoftAuthenticator"
POLICY_TYPE: Final = "#microsoft.graph.authenticationMethodsPolicy"
FEATURES: Final = ("displayAppInformationRequiredState", "displayLocationInformationRequiredState")

_ALL: Final = {"id": ALL_USERS, "targetType": GROUP}
_NOBODY: Final = {"id": NOBODY, "targetType": GROUP}
_BEGINNINGS: Final = {
    PolicyMethod.FIDO2: "fido2",
    PolicyMethod.MICROSOFT_AUTHENTICATOR: "microsoftAuthenticator",
    PolicyMethod.SMS: "sms",
    PolicyMethod.TEMPORARY_ACCESS_PASS: "temporaryAccessPass",
    PolicyMethod.SOFTWARE_OATH: "softwareOath",
    PolicyMethod.VOICE: "voice",
    PolicyMethod.EMAIL: "email",
    PolicyMethod.X509_CERTIFICATE: "x509Certificate",
    PolicyMethod.HARDWARE_OATH: "hardwareOath",
    PolicyMethod.QR_CODE_PIN: "qrCodePin",
}
"""Per method the beginning of its configuration's type, in the order in which they are listed."""
_BETA_ONLY: Final = frozenset({PolicyMethod.HARDWARE_OATH, PolicyMethod.QR_CODE_PIN})
CERTIFICATE: Final = {
    "authenticationModeConfiguration": {
        "x509CertificateAuthenticationDefaultMode": "x509CertificateSingleFactor",
        "x509CertificateDefaultRequiredAffinityLevel": "low",
        "rules": [],
    },
    "certificateAuthorityScopes": [],
    "certificateUserBindings": [],
    "crlValidationConfiguration": {"state": "disabled", "exemptedCertificateAuthoritiesSubjectKeyIdentifiers": []},
    "issuerHintsConfiguration": {"state": "disabled"},
}
"""What no certificate is checked by yet."""


def configuration_type(method: PolicyMethod) -> str:
    """The `@odata.type` of a method's configuration."""
    return f"#microsoft.graph.{_BEGINNINGS[method]}AuthenticationMethodConfiguration"


def methods_shown(*, is_beta: bool) -> tuple[PolicyMethod, ...]:
    """The methods that a version has a configuration of."""
    return tuple(method for method in _BEGINNINGS if is_beta or method not in _BETA_ONLY)


def rendered_policy(stored: StoredPolicy, *, is_beta: bool) -> dict[str, Any]:
    """The policy without its configurations."""
    policy = stored.policy
    document: dict[str, Any] = {
        "id": "authenticationMethodsPolicy",
        "displayName": "Authentication Methods Policy",
        "description": "The tenant-wide policy that controls which authentication methods are allowed in the tenant.",
        "lastModifiedDateTime": shown_instant(stored.changed_at),
        "policyVersion": VERSION,
        "policyMigrationState": policy.migration.value,
        "reconfirmationInDays": policy.reconfirmation_days,
        "registrationEnforcement": {"authenticationMethodsRegistrationCampaign": _campaign(policy, is_beta=is_beta)},
    }
    if is_beta:
        suspicious = policy.suspicious_activity
        state = policy.system_preferred.value
        document |= {
            "systemCredentialPreferences": {"state": state, "includeTargets": [_ALL], "excludeTargets": []},
            "reportSuspiciousActivitySettings": {
                "state": suspicious.state.value,
                "includeTarget": _ALL,
                "voiceReportingCode": suspicious.voice_code,
            },
            "microsoftAuthenticatorPlatformSettings": None,
        }
    return document


def _campaign(policy: MethodsPolicy, *, is_beta: bool) -> dict[str, Any]:
    campaign = policy.campaign
    enforced = {"enforceRegistrationAfterAllowedSnoozes": campaign.is_enforced} if is_beta else {}
    return {
        "snoozeDurationInDays": campaign.snooze_days,
        **enforced,
        "state": campaign.state.value,
        "excludeTargets": [],
        "includeTargets": [{**_ALL, "targetedAuthenticationMethod": CAMPAIGN_METHOD}],
    }


def rendered_configuration(policy: MethodsPolicy, method: PolicyMethod) -> dict[str, Any]:
    """The configuration of a method."""
    own, target = _own(policy, method)
    return {
        "@odata.type": configuration_type(method),
        "id": method.value,
        "state": "enabled" if method in policy.enabled else "disabled",
        "excludeTargets": [],
        **own,
        "includeTargets": [{**_ALL, "isRegistrationRequired": method in policy.registration_required, **target}],
    }


def _own(policy: MethodsPolicy, method: PolicyMethod) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the configuration of a method has beside the common properties, and what each of its targets has."""
    access_pass, qr_code = policy.access_pass, policy.qr_code
    found: dict[PolicyMethod, tuple[dict[str, Any], dict[str, Any]]] = {
        PolicyMethod.EMAIL: ({"allowExternalIdToUseEmailOtp": policy.external_email.value}, {}),
        PolicyMethod.FIDO2: (_passkeys(policy), {"allowedPasskeyProfiles": []}),
        PolicyMethod.MICROSOFT_AUTHENTICATOR: (_authenticator(policy), {"authenticationMode": policy.authenticator.mode.value}),
        PolicyMethod.QR_CODE_PIN: (
            {"pinLength": qr_code.pin_length, "standardQRCodeLifetimeInDays": qr_code.lifetime_days},
            {},
        ),
        PolicyMethod.SMS: ({}, {"isUsableForSignIn": policy.is_sms_sign_in_allowed}),
        PolicyMethod.TEMPORARY_ACCESS_PASS: (
            {
                "defaultLifetimeInMinutes": access_pass.usual_minutes,
                "minimumLifetimeInMinutes": access_pass.least_minutes,
                "maximumLifetimeInMinutes": access_pass.most_minutes,
                "defaultLength": access_pass.length,
                "isUsableOnce": access_pass.is_usable_once,
            },
            {},
        ),
        PolicyMethod.VOICE: ({"isOfficePhoneAllowed": policy.is_office_phone_allowed}, {}),
        PolicyMethod.X509_CERTIFICATE: (CERTIFICATE, {}),
    }
    return found.get(method, ({}, {}))


def _passkeys(policy: MethodsPolicy) -> dict[str, Any]:
    passkeys = policy.passkeys
    return {
        "isSelfServiceRegistrationAllowed": passkeys.is_self_service,
        "isAttestationEnforced": passkeys.is_attestation_enforced,
        "keyRestrictions": {
            "isEnforced": passkeys.are_models_enforced,
            "enforcementType": passkeys.restriction.value,
            "aaGuids": list(passkeys.models),
        },
        "defaultPasskeyProfile": None,
    }


def _authenticator(policy: MethodsPolicy) -> dict[str, Any]:
    own = policy.authenticator
    features = zip(FEATURES, (own.shows_application, own.shows_location), strict=True)
    return {
        "isSoftwareOathEnabled": own.is_code_allowed,
        "featureSettings": {name: _feature(state) for name, state in features},
    }


def _feature(state: Managed) -> dict[str, Any]:
    return {"state": state.value, "includeTarget": _ALL, "excludeTarget": _NOBODY}
