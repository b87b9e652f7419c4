import { isForbiddenAddress } from "./host-address.ts";
import { urlFault, type UrlForm } from "./url-fault.ts";

const form: UrlForm = {
  schemes: ["http", "https"],
  begins: "https:// or http://",
  example: "https://example.com/hooks/ccpb",
  // The path may be the secret.
  guess: () => undefined,
};

/** Returns the fault of a webhook's address, or undefined without one. The address may hold a secret in its path, so it is never quoted. */
export function webhookUrlFault(text: string): string | undefined {
  const fault = urlFault(text, form);
  if (fault !== undefined) return fault;
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") return "holds a user name or password; take it out of the URL";
  if (text.includes("#")) return "holds a fragment (#…); write the URL without it";
  return isForbiddenAddress(url.hostname)
    ? `leads to ${url.hostname}, a link-local or cloud metadata address; write the address of the receiver`
    : undefined;
}
