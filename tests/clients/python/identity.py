"""azure-identity, sync and async, and MSAL: a token by secret, by certificate and by device code's first step."""

import asyncio
import json
import os

import msal
import requests
from azure.identity import CertificateCredential, ClientSecretCredential
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential

ROOT, CA, TENANT = os.environ["ROOT"], os.environ["CA"], os.environ["TENANT"]
APP, SECRET = os.environ["APP"], os.environ["SECRET"]
SCOPE = "https://graph.microsoft.com/.default"


def count(token: str) -> int:
    """How many users the token shows."""
    got = requests.get(f"{ROOT}/v1.0/users", headers={"Authorization": f"Bearer {token}"}, verify=CA, timeout=30)
    got.raise_for_status()
    return len(got.json()["value"])


async def with_aio() -> str:
    """The async credential, which never reads discovery."""
    async with AsyncClientSecretCredential(TENANT, APP, SECRET, authority=ROOT) as credential:
        return (await credential.get_token(SCOPE)).token


def with_msal(**how: object) -> dict[str, object]:
    """A confidential client."""
    application = msal.ConfidentialClientApplication(APP, client_credential=SECRET, verify=CA, **how)
    return application.acquire_token_for_client([SCOPE])


sync = ClientSecretCredential(TENANT, APP, SECRET, authority=ROOT, disable_instance_discovery=True, connection_verify=CA)
certificate = CertificateCredential(
    TENANT,
    os.environ["CERTIFIED_APP"],
    os.environ["CERTIFICATE"],
    authority=ROOT,
    disable_instance_discovery=True,
    connection_verify=CA,
)
public = msal.PublicClientApplication(os.environ["PUBLIC_APP"], authority=f"{ROOT}/{TENANT}", instance_discovery=False, verify=CA)
wrong = msal.ConfidentialClientApplication(
    APP, client_credential="wrong", authority=f"{ROOT}/{TENANT}", instance_discovery=False, verify=CA
).acquire_token_for_client([SCOPE])
flow = public.initiate_device_flow(["User.Read"])
print(
    json.dumps(
        {
            "sync": count(sync.get_token(SCOPE).token),
            "aio": count(asyncio.run(with_aio())),
            "certificate": count(certificate.get_token(SCOPE).token),
            "msal": count(with_msal(authority=f"{ROOT}/{TENANT}", instance_discovery=False)["access_token"]),
            "domain": count(with_msal(authority=f"{ROOT}/contoso.example", instance_discovery=False)["access_token"]),
            "oidc": count(with_msal(oidc_authority=f"{ROOT}/{TENANT}/v2.0")["access_token"]),
            "wrong": [wrong["error"], wrong["error_description"].partition(":")[0]],
            "device": sorted(set(flow) & {"user_code", "device_code", "verification_uri", "message", "expires_in"}),
        }
    )
)
