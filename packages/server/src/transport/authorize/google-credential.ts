import { CredentialError } from "@ccpb/core";
import { loadOptional } from "./optional-package.ts";
import { type Token, tokenOf } from "./token-text.ts";

const scope = "https://www.googleapis.com/auth/cloud-platform";

/** Returns an access token of Google's Application Default Credentials: a service account, `gcloud auth application-default login`, or the metadata server. */
export async function googleToken(): Promise<Token> {
  const google = await loadOptional(() => import("google-auth-library"), "auth_type: google", ["google-auth-library"]);
  try {
    // A new one each time: it keeps tokens of its own, also one that the provider refused.
    const client = await new google.GoogleAuth({ scopes: scope }).getClient();
    const { token } = await client.getAccessToken();
    const expiresAtMs = client.credentials.expiry_date ?? undefined;
    return tokenOf(token ?? "", expiresAtMs, "Application Default Credentials");
  } catch (cause) {
    if (cause instanceof CredentialError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    // Google's library signs by the machine's clock alone: "Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
    const hint = /\breasonable timeframe\b/.test(reason) ? "; set the clock of this machine" : "";
    throw new CredentialError(`Application Default Credentials gave no token: ${reason}${hint}`, { cause });
  }
}
