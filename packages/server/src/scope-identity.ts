import { createHash } from "node:crypto";
import type { BalancerConfig, CircuitScope } from "@ccpb/core";

/**
 * What each scope of a configuration stands for: a digest of the provider's type and URL and, for a key, of the key. Two servers share the health
 * of a scope only where it is the same for both; so nothing that was learned of an old key, or of another URL, sticks to a new one.
 */
export function scopeIdentities({ providers }: BalancerConfig): (scope: CircuitScope) => string | undefined {
  const identities = new Map(
    providers.map(({ name, type, baseUrl, auth }) => {
      const keys = auth.type === "passthrough" ? [] : auth.keys;
      const own = digest([type, baseUrl]);
      return [name, { own, keys: keys.map((key) => digest([type, baseUrl, key])) }];
    }),
  );
  return (scope) => {
    const identity = identities.get(scope.provider);
    // A provider that passes credentials through has no keys of its own, but counts as having one.
    return "keyIndex" in scope
      ? (identity?.keys[scope.keyIndex] ?? (scope.keyIndex === 0 ? identity?.own : undefined))
      : identity?.own;
  };
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 16);
}
