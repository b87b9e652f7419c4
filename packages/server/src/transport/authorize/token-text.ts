import { CredentialError } from "@ccpb/core";
import type { Credential } from "./credential-cache.ts";
import { isObject } from "../../base/json-object.ts";

/** A bearer token or key and when it expires. */
export interface Token extends Credential {
  readonly token: string;
}

const tokenNames = ["token", "access_token", "accessToken"] as const;
const expiryNames = ["expires_at", "expires_on", "expirationTimestamp", "expiration", "expiry"] as const;
// Header values are visible ASCII here: anything else would be refused by the HTTP client, or is a mistake.
const tokenForm = /^[\u0021-\u007e]+$/;

/**
 * Reads a token from what a command printed: the token alone, or JSON with `token` (also `access_token`, `accessToken`, or Kubernetes' `status.token`)
 * and `expires_at` (also `expires_on`, `expirationTimestamp`, `expiration`, `expiry`; ISO 8601 with its zone, or seconds since the Unix epoch).
 *
 * @param text - The text; white space around it is not part of the token.
 * @param source - Source of the text, for the error: `auth_command gcloud`.
 * @throws `CredentialError` where there is no token. It never quotes the text.
 */
export function readToken(text: string, source: string): Token {
  const trimmed = text.trim();
  if (trimmed.startsWith("{")) return readJson(trimmed, source);
  return tokenOf(trimmed, undefined, source);
}

/** Checks a token by itself. */
export function tokenOf(token: string, expiresAtMs: number | undefined, source: string): Token {
  if (token === "") throw new CredentialError(`${source} gave no token: it is empty`);
  if (/[\r\n]/.test(token)) throw new CredentialError(`${source} gave several lines; it must give the token alone`);
  if (!tokenForm.test(token)) {
    throw new CredentialError(`${source} gave a token with a space, a control character or a character beyond ASCII`);
  }
  return { token, identity: token, expiresAtMs };
}

function readJson(text: string, source: string): Token {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw new CredentialError(`${source} gave text that begins with { and is no JSON`);
  }
  const outer = isObject(value) ? value : {};
  const holder = isObject(outer["status"]) ? outer["status"] : outer;
  const token = tokenNames.map((name) => holder[name]).find((one) => typeof one === "string");
  if (typeof token !== "string") throw new CredentialError(`${source} gave JSON without a token; write {"token": …}`);
  const expiry = expiryNames.map((name) => holder[name]).find((one) => one !== undefined && one !== null);
  return tokenOf(token, expiry === undefined ? undefined : readExpiry(expiry, source), source);
}

function readExpiry(value: unknown, source: string): number {
  if (typeof value === "number" || (typeof value === "string" && /^\d{9,11}$/.test(value)))
    return Number(value) * 1_000;
  const ms = typeof value === "string" && /(?:Z|[+-]\d\d:?\d\d)$/i.test(value.trim()) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new CredentialError(
      `${source} gave an expires_at that is neither seconds since 1970 nor a date with its zone, such as 2026-11-29T12:00:00Z`,
    );
  }
  return ms;
}
