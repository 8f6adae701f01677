"""msgraph-sdk as a script's author uses it: the client is pointed at the server, everything else is the SDK's own way.

Prints one JSON object of what it saw.
"""

import asyncio
import json
import os
import ssl

import httpx
from azure.identity import ClientSecretCredential
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.authentication_methods_policy import AuthenticationMethodsPolicy
from msgraph.generated.models.authentication_methods_policy_migration_state import AuthenticationMethodsPolicyMigrationState
from msgraph.generated.models.authentication_phone_type import AuthenticationPhoneType
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.password_profile import PasswordProfile
from msgraph.generated.models.phone_authentication_method import PhoneAuthenticationMethod
from msgraph.generated.models.temporary_access_pass_authentication_method_configuration import (
    TemporaryAccessPassAuthenticationMethodConfiguration,
)
from msgraph.generated.models.user import User
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph_core import GraphClientFactory

ROOT, CA = os.environ["ROOT"], os.environ["CA"]


def client() -> GraphServiceClient:
    """The documented way to another host: an HTTP client, allowed hosts, and the base URL."""
    credential = ClientSecretCredential(
        os.environ["TENANT"],
        os.environ["APP"],
        os.environ["SECRET"],
        authority=ROOT,
        disable_instance_discovery=True,
        connection_verify=CA,
    )
    auth = AzureIdentityAuthenticationProvider(
        credential, scopes=["https://graph.microsoft.com/.default"], allowed_hosts=["localhost"]
    )
    transport = httpx.AsyncClient(verify=ssl.create_default_context(cafile=CA))
    http = GraphClientFactory.create_with_default_middleware(client=transport)
    adapter = GraphRequestAdapter(auth, client=http)
    adapter.base_url = f"{ROOT}/v1.0"
    return GraphServiceClient(request_adapter=adapter)


async def main() -> dict[str, object]:
    """Make a user, give them a phone, change it, page through users, read methods, meet an error, tidy up, change the policy."""
    graph = client()
    made = await graph.users.post(
        User(
            account_enabled=True,
            display_name="Sam SDK",
            mail_nickname="sam",
            user_principal_name="sam.sdk@contoso.example",
            password_profile=PasswordProfile(password="Correct-Horse-9"),
        )
    )
    one = graph.users.by_user_id("sam.sdk@contoso.example")
    phones = one.authentication.phone_methods
    phone = await phones.post(PhoneAuthenticationMethod(phone_number="+1 4255550100", phone_type=AuthenticationPhoneType.Mobile))
    await phones.by_phone_authentication_method_id(phone.id).patch(PhoneAuthenticationMethod(phone_number="+14255550101"))
    again = await phones.by_phone_authentication_method_id(phone.id).get()
    methods = await one.authentication.methods.get()
    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(top=1, select=["id", "displayName"])
    page = await graph.users.get(RequestConfiguration(query_parameters=query))
    seen = 0
    while page is not None:
        seen += len(page.value)
        page = await graph.users.with_url(page.odata_next_link).get() if page.odata_next_link else None
    try:
        await phones.post(PhoneAuthenticationMethod(phone_number="nonsense", phone_type=AuthenticationPhoneType.Office))
        error = None
    except ODataError as refused:
        error = [refused.response_status_code, refused.error.code, bool(refused.error.inner_error.request_id)]
    await one.delete()
    policy = graph.policies.authentication_methods_policy
    item = policy.authentication_method_configurations.by_authentication_method_configuration_id("TemporaryAccessPass")
    await item.patch(TemporaryAccessPassAuthenticationMethodConfiguration(is_usable_once=True))
    access_pass = await item.get()
    await item.delete()
    migrating = AuthenticationMethodsPolicyMigrationState.MigrationInProgress
    changed = await policy.patch(AuthenticationMethodsPolicy(policy_migration_state=migrating))
    return {
        "created": made.display_name,
        "phone": [phone.id, again.phone_number, again.phone_type.value],
        "methods": sorted(type(method).__name__ for method in methods.value),
        "users": seen,
        "error": error,
        "policy": [
            type(access_pass).__name__,
            access_pass.is_usable_once,
            (await item.get()).is_usable_once,
            changed.policy_migration_state.value,
        ],
    }


print(json.dumps(asyncio.run(main())))
