import { CredentialError } from "@ccpb/core";
import { loadOptional } from "./optional-package.ts";
import { type Token, tokenOf } from "./token-text.ts";

const scope = "https://www.googleapis.com/auth/cloud-platform";

/** Returns an access token of Google's Application Default Credentials: a service account, `gcloud auth application-default login`, or the metadata server. */
export async function googleToken(): Promise<Token> {
  const google = await loadOptional(() => import("google-auth-library"), {
    name: "google-auth-library",
    need: "auth_type: google",
    packages: ["google-auth-library"],
  });
  try {
    // A new one each time: it keeps tokens of its own, also one that the provider refused.
    const client = await new google.GoogleAuth({ scopes: scope }).getClient();
    const { token } = await client.getAccessToken();
    const expiresAtMs = client.credentials.expiry_date ?? undefined;
    return tokenOf(token ?? "", expiresAtMs, "Application Default Credentials");
  } catch (cause) {
    if (cause instanceof CredentialError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CredentialError(googleFailureText(reason), { cause });
  }
}

/** Describes why Google gave no token. Its library signs by this machine's clock alone, so that a wrong one is told as what it is. */
export function googleFailureText(reason: string): string {
  const isClock = /\breasonable timeframe\b/.test(reason);
  return `Application Default Credentials gave no token: ${reason}${isClock ? "; the clock of this machine may be wrong: set it" : ""}`;
}
