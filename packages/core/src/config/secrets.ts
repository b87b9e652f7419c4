import type { ConfigPath } from "./problem.ts";

// Whatever stands under one of these keys is a secret, or may hold one.
const secretKeys = new Set([
  "auth_value",
  "auth_command",
  "api_key",
  "api_keys",
  "headers",
  "proxy",
  "redis",
  "extra_body",
  // The addresses of Slack and Discord are credentials.
  "webhooks",
]);
const secretWord = /key|token|secret|passw|credential|bearer|cookie|authorization|signature$/i;
const publicKeys = new Set([
  "max_output_tokens",
  "max_tokens_field",
  "prompt_cache_key",
  "tokens",
  "tokens_per_minute",
]);

/**
 * Decides whether the value at `path` is a secret or may hold one, so that it must not be shown. Also true under
 * unknown keys with such a name.
 */
export function isSecretPath(path: ConfigPath): boolean {
  const isTlsKey = path[path[0] === "settings" ? 1 : 2] === "tls";
  return !isTlsKey && path.some((step) => typeof step === "string" && isSecretKey(step));
}

/** Decides by a key's name whether its value is a secret. */
export function isSecretKey(key: string): boolean {
  return secretKeys.has(key) || (!publicKeys.has(key) && secretWord.test(key));
}
