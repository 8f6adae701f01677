// @microsoft/msgraph-sdk with @azure/identity, as its authors' readme has it: the adapter is pointed at the server, everything
// else is the SDK's own way. Prints one JSON object of what it saw. The authority is trusted through NODE_EXTRA_CA_CERTS.

import { ClientSecretCredential } from "@azure/identity";
import { AzureIdentityAuthenticationProvider } from "@microsoft/kiota-authentication-azure";
import { createGraphServiceClient, GraphRequestAdapter } from "@microsoft/msgraph-sdk";
import { BatchRequestContent, PageIterator } from "@microsoft/msgraph-sdk-core";
import { AuthenticationPhoneTypeObject, createUserCollectionResponseFromDiscriminatorValue } from "@microsoft/msgraph-sdk/models/index.js";
import { createODataErrorFromDiscriminatorValue } from "@microsoft/msgraph-sdk/models/oDataErrors/index.js";
import "@microsoft/msgraph-sdk-users";

const { ROOT, TENANT, APP, SECRET } = process.env;
const errors = { XXX: createODataErrorFromDiscriminatorValue };

function pointed() {
  const credential = new ClientSecretCredential(TENANT, APP, SECRET, {
    authorityHost: ROOT,
    disableInstanceDiscovery: true,
  });
  const scopes = ["https://graph.microsoft.com/.default"];
  const provider = new AzureIdentityAuthenticationProvider(credential, scopes, undefined, new Set(["localhost"]));
  const adapter = new GraphRequestAdapter(provider);
  adapter.baseUrl = `${ROOT}/v1.0`;
  return adapter;
}

async function pages(graph, adapter) {
  const seen = [];
  const first = await graph.users.get({ queryParameters: { select: ["id", "displayName"], top: 2 } });
  const note = (user) => (seen.push(user.displayName), true);
  await new PageIterator(adapter, first, note, createUserCollectionResponseFromDiscriminatorValue, errors).iterate();
  return { first: first.value.length, users: seen.sort(), unselected: first.value[0].userPrincipalName ?? null };
}

async function phones(kim) {
  const all = kim.authentication.phoneMethods;
  const made = await all.post({ phoneNumber: "+1 4255550133", phoneType: AuthenticationPhoneTypeObject.Mobile });
  const one = all.byPhoneAuthenticationMethodId(made.id);
  await one.patch({ phoneNumber: "+1 4255550134" });
  const read = await one.get();
  const methods = await kim.authentication.methods.get();
  const listed = (await all.get()).value.length;
  await one.delete();
  const left = (await all.get()).value.length;
  return { id: made.id, read: [read.phoneNumber, read.phoneType], methods: methods.value.map((x) => x.odataType), listed, left };
}

async function batch(graph, adapter) {
  const content = new BatchRequestContent(adapter, errors);
  const ask = (name) => content.addBatchRequest(graph.users.byUserId(name).toGetRequestInformation());
  const items = [ask("kim@contoso.example"), ask("nobody@contoso.example")];
  const answered = await content.postAsync();
  return items.map((item) => answered.getResponseById(item.id).status);
}

const adapter = pointed();
const graph = createGraphServiceClient(adapter);
const kim = graph.users.byUserId("kim@contoso.example");
const refused = await graph.users.byUserId("nobody@contoso.example").get().catch((error) => error);
console.log(
  JSON.stringify({
    pages: await pages(graph, adapter),
    user: (await kim.get()).displayName,
    phones: await phones(kim),
    batch: await batch(graph, adapter),
    error: [refused.responseStatusCode, refused.errorEscaped?.code, Boolean(refused.errorEscaped?.innerError?.requestId)],
  }),
);
