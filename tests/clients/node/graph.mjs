// @microsoft/microsoft-graph-client with @azure/identity, msal-node and openid-client, as ordinary
// scripts use them. Prints one JSON object of what it saw. The authority is trusted through NODE_EXTRA_CA_CERTS.

import { ClientSecretCredential } from "@azure/identity";
import { ConfidentialClientApplication, PublicClientApplication } from "@azure/msal-node";
import graphClient from "@microsoft/microsoft-graph-client";
import * as openid from "openid-client";

const { Client, PageIterator } = graphClient;
const { ROOT, TENANT, APP, SECRET, PUBLIC_APP } = process.env;
const scope = "https://graph.microsoft.com/.default";
const host = new URL(ROOT).host;

async function withGraphClient() {
  const credential = new ClientSecretCredential(TENANT, APP, SECRET, {
    authorityHost: ROOT,
    disableInstanceDiscovery: true,
  });
  const authProvider = { getAccessToken: async () => (await credential.getToken(scope)).token };
  const client = Client.initWithMiddleware({
    baseUrl: `${ROOT}/`,
    defaultVersion: "v1.0",
    customHosts: new Set(["localhost"]),
    authProvider,
  });
  let seen = 0;
  const first = await client.api("/users").top(1).select("id,userPrincipalName").get();
  await new PageIterator(client, first, () => ((seen += 1), true)).iterate();
  const phones = client.api("/users/kim@contoso.example/authentication/phoneMethods");
  const made = await phones.post({ phoneNumber: "+1 4255550133", phoneType: "mobile" });
  await client.api(`/users/kim@contoso.example/authentication/phoneMethods/${made.id}`).delete();
  const batch = await client.api("/$batch").post({
    requests: [
      { id: "1", method: "GET", url: "/users/kim@contoso.example" },
      { id: "2", method: "GET", url: "/users/nobody@contoso.example" },
    ],
  });
  const error = await client.api("/users/nobody@contoso.example").get().catch((refused) => refused);
  return {
    seen,
    phone: made.phoneNumber,
    batch: batch.responses.map((one) => one.status),
    error: [error.statusCode, error.code, Boolean(error.requestId)],
  };
}

async function withMsalNode() {
  const auth = { authority: `${ROOT}/${TENANT}`, knownAuthorities: [host] };
  const confidential = new ConfidentialClientApplication({ auth: { ...auth, clientId: APP, clientSecret: SECRET } });
  const token = await confidential.acquireTokenByClientCredential({ scopes: [scope] });
  const again = await confidential.acquireTokenByClientCredential({ scopes: [scope] });
  const device = new PublicClientApplication({ auth: { ...auth, clientId: PUBLIC_APP } });
  let shown = "";
  const request = { scopes: ["User.Read"], deviceCodeCallback: (one) => ((shown = one.userCode), (request.cancel = true)) };
  await device.acquireTokenByDeviceCode(request).catch(() => undefined);
  return { token: token.accessToken.split(".").length, cached: again.fromCache, device: shown.length };
}

async function withOpenidClient() {
  const server = new URL(`${ROOT}/${TENANT}/v2.0`);
  const post = await openid.discovery(server, APP, undefined, openid.ClientSecretPost(SECRET));
  const basic = await openid.discovery(server, APP, undefined, openid.ClientSecretBasic(SECRET));
  const tokens = await Promise.all([post, basic].map((one) => openid.clientCredentialsGrant(one, { scope })));
  return { issuer: post.serverMetadata().issuer === `${ROOT}/${TENANT}/v2.0`, types: tokens.map((one) => one.token_type) };
}

console.log(
  JSON.stringify({ graph: await withGraphClient(), msal: await withMsalNode(), openid: await withOpenidClient() }),
);
