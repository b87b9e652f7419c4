import type { UpstreamErrorText } from "./outcome.ts";

/** Returns the vendor's words for an error, in brackets after a space; empty if there are none that are sure to hold no key and no text of a prompt. */
export function errorName({ type, code }: UpstreamErrorText): string {
  const words = [...new Set([type, code])].filter((word) => word !== undefined && isPlainWord(word));
  return words.length === 0 ? "" : ` (${words.join(", ")})`;
}

function isPlainWord(word: string): boolean {
  return /^(?:[A-Za-z][A-Za-z_.]{1,60}|\d{1,7})$/.test(word);
}

/**
 * Returns the system's code for a failure of the network, such as `ECONNREFUSED`, from wherever in the chain of causes it stands. OpenSSL 3.2 and later write
 * a slash in some: `ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE`.
 */
export function transportCode(cause: unknown): string {
  let current: unknown = cause;
  for (let depth = 0; depth < 6 && typeof current === "object" && current !== null; depth += 1) {
    if ("code" in current && typeof current.code === "string" && /^[A-Z][A-Z0-9_/]{2,60}$/.test(current.code)) {
      return current.code;
    }
    // An attempt at several addresses fails with one error for each.
    const errors: unknown = "errors" in current ? current.errors : undefined;
    current = Array.isArray(errors) ? errors[0] : "cause" in current ? current.cause : undefined;
  }
  return "no response";
}
