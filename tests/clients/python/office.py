"""Office365-REST-Python-Client: its own code base, with phone methods and batches; one entry of its cloud table is replaced."""

import json
import os

import msal
from office365.azure_env import _ENDPOINTS, AzureEnvironment
from office365.graph_client import GraphClient

ROOT, CA = os.environ["ROOT"], os.environ["CA"]


def token() -> dict[str, object]:
    """From a callback, because its own MSAL call cannot switch instance discovery off."""
    application = msal.ConfidentialClientApplication(
        os.environ["APP"],
        client_credential=os.environ["SECRET"],
        authority=f"{ROOT}/{os.environ['TENANT']}",
        instance_discovery=False,
        verify=CA,
    )
    return application.acquire_token_for_client(["https://graph.microsoft.com/.default"])


_ENDPOINTS[AzureEnvironment.Global]["graph"] = ROOT
graph = GraphClient(token)
user = graph.users["kim@contoso.example"]
phones = user.authentication.phone_methods.get().execute_query()
names = [one.user_principal_name for one in graph.users.get().top(5).execute_query()]
print(json.dumps({"phones": len(phones), "users": names}))
