"""`policies/authenticationMethodsPolicy` and its configurations, to read. Sources: surface a3, b4; the CSDL.

Changing the policy is not served yet, so every tenant has the default one.
"""

from __future__ import annotations

from typing import Any, Final

from ringfence.domain.policy.authority import Action
from ringfence.domain.policy.methods_policy import DEFAULT_POLICY, MethodsPolicy, PolicyMethod
from ringfence.graph.call import Answer, Call
from ringfence.graph.errors import not_found
from ringfence.graph.routes import Route

_POLICY: Final = "policies/authenticationMethodsPolicy"
_CONFIGURATIONS: Final = f"{_POLICY}/authenticationMethodConfigurations"
_SHAPES: Final = {
    PolicyMethod.FIDO2: ("Fido2", "fido2"),
    PolicyMethod.MICROSOFT_AUTHENTICATOR: ("MicrosoftAuthenticator", "microsoftAuthenticator"),
    PolicyMethod.SMS: ("Sms", "sms"),
    PolicyMethod.TEMPORARY_ACCESS_PASS: ("TemporaryAccessPass", "temporaryAccessPass"),
    PolicyMethod.SOFTWARE_OATH: ("SoftwareOath", "softwareOath"),
    PolicyMethod.VOICE: ("Voice", "voice"),
    PolicyMethod.EMAIL: ("Email", "email"),
    PolicyMethod.X509_CERTIFICATE: ("X509Certificate", "x509Certificate"),
    PolicyMethod.HARDWARE_OATH: ("HardwareOath", "hardwareOath"),
    PolicyMethod.QR_CODE_PIN: ("QRCodePin", "qrCodePin"),
}
"""Per method the id of its configuration, and the beginning of its type."""

_BETA_ONLY: Final = frozenset({PolicyMethod.HARDWARE_OATH, PolicyMethod.QR_CODE_PIN})
_ALL: Final = {"id": "all_users", "targetType": "group"}
_NOBODY: Final = {"id": "00000000-0000-0000-0000-000000000000", "targetType": "group"}


def _get_policy(call: Call) -> Answer:
    policy = DEFAULT_POLICY
    campaign: dict[str, Any] = {
        "snoozeDurationInDays": policy.snooze_days,
        "state": "disabled",
        "excludeTargets": [],
        "includeTargets": [{**_ALL, "targetedAuthenticationMethod": "microsoftAuthenticator"}],
    }
    document: dict[str, Any] = {
        "@odata.context": call.context("authenticationMethodsPolicy"),
        "id": "authenticationMethodsPolicy",
        "displayName": "Authentication Methods Policy",
        "description": "The tenant-wide policy that controls which authentication methods are allowed in the tenant.",
        "lastModifiedDateTime": None,
        "policyVersion": policy.version,
        "policyMigrationState": "migrationComplete",
        "reconfirmationInDays": None,
        "registrationEnforcement": {"authenticationMethodsRegistrationCampaign": campaign},
    }
    if call.request.version == "beta":
        state = "enabled" if policy.is_system_preferred else "disabled"
        document |= {
            "systemCredentialPreferences": {"state": state, "includeTargets": [_ALL], "excludeTargets": []},
            "reportSuspiciousActivitySettings": {"state": "disabled", "includeTarget": _ALL, "voiceReportingCode": 0},
            "microsoftAuthenticatorPlatformSettings": None,
        }
    document["authenticationMethodConfigurations@odata.context"] = call.context(_CONFIGURATIONS)
    document["authenticationMethodConfigurations"] = _configurations(call)
    return Answer(200, document)


def _list(call: Call) -> Answer:
    return Answer(200, {"@odata.context": call.context(_CONFIGURATIONS), "value": _configurations(call)})


def _get(call: Call) -> Answer:
    wanted = call.arguments["configuration"].casefold()
    for one in _configurations(call):
        if one["id"].casefold() == wanted:
            return Answer(200, {"@odata.context": call.context(f"{_CONFIGURATIONS}/$entity"), **one})
    message = "The requested authentication method configuration does not exist."
    raise not_found(message, call.family)


def _configurations(call: Call) -> list[dict[str, Any]]:
    is_beta = call.request.version == "beta"
    return [_configuration(DEFAULT_POLICY, method) for method in _SHAPES if is_beta or method not in _BETA_ONLY]


def _configuration(policy: MethodsPolicy, method: PolicyMethod) -> dict[str, Any]:
    name, kind = _SHAPES[method]
    own, target = _own(policy, method)
    return {
        "@odata.type": f"#microsoft.graph.{kind}AuthenticationMethodConfiguration",
        "id": name,
        "state": "enabled" if method in policy.enabled else "disabled",
        "excludeTargets": [],
        **own,
        "includeTargets": [{**_ALL, "isRegistrationRequired": False, **target}],
    }


def _own(policy: MethodsPolicy, method: PolicyMethod) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the configuration of a method has beside the common properties, and what each of its targets has."""
    access_pass, qr_code = policy.access_pass, policy.qr_code
    restrictions = {"isEnforced": False, "enforcementType": "allow", "aaGuids": []}
    feature = {"state": "default", "includeTarget": _ALL, "excludeTarget": _NOBODY}
    features = ("displayAppInformationRequiredState", "displayLocationInformationRequiredState")
    found: dict[PolicyMethod, tuple[dict[str, Any], dict[str, Any]]] = {
        PolicyMethod.EMAIL: ({"allowExternalIdToUseEmailOtp": "default"}, {}),
        PolicyMethod.FIDO2: (
            {
                "isSelfServiceRegistrationAllowed": policy.is_passkey_self_service,
                "isAttestationEnforced": policy.is_attestation_enforced,
                "keyRestrictions": restrictions,
                "defaultPasskeyProfile": None,
            },
            {"allowedPasskeyProfiles": []},
        ),
        PolicyMethod.MICROSOFT_AUTHENTICATOR: (
            {"isSoftwareOathEnabled": policy.is_code_in_authenticator, "featureSettings": dict.fromkeys(features, feature)},
            {"authenticationMode": "any"},
        ),
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
        PolicyMethod.X509_CERTIFICATE: (_CERTIFICATE, {}),
    }
    return found.get(method, ({}, {}))


_CERTIFICATE: Final = {
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

ROUTES: Final = (
    Route("GET", _POLICY, _get_policy, Action.READ_POLICY),
    Route("GET", _CONFIGURATIONS, _list, Action.READ_POLICY),
    Route("GET", f"{_CONFIGURATIONS}/{{configuration}}", _get, Action.READ_POLICY),
)
