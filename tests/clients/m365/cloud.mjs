// Adds the cloud at ROOT to the table of clouds of CLI for Microsoft 365, which has no option for one. To be imported before the
// CLI starts: NODE_OPTIONS="--import /path/to/cloud.mjs".

import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { ROOT } = process.env;
const cli = pathToFileURL(realpathSync(process.argv[1]));
const { Auth, CloudType } = await import(new URL("Auth.js", cli));
CloudType.Ringfence = "Ringfence";
Auth.cloudEndpoints.Ringfence = { "https://graph.microsoft.com": ROOT, "https://login.microsoftonline.com": ROOT };
