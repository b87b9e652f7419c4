import { createHash } from "node:crypto";
import type { BalancerConfig, CircuitScope } from "@ccpb/core";

/**
 * Returns a function that says what each scope of a configuration stands for: a digest of the provider's type and URL and, for a key, of the key.
 * Two servers share the health of a scope only where it is the same for both; so nothing that was learned of an old key, or of another URL, sticks to a
 * new one. It returns `undefined` for what is not configured, and for the key of a provider that passes credentials through: what is refused there is
 * one client's own credential, which says nothing about other clients. Nor for a credential that is renewed: each server gets its own.
 */
export function scopeIdentities({ providers }: BalancerConfig): (scope: CircuitScope) => string | undefined {
  const identities = new Map(
    providers.map(({ name, type, baseUrl, auth }) => {
      const keys = "keys" in auth ? auth.keys : [];
      const own = digest([type, baseUrl]);
      return [name, { own, keys: keys.map((key) => digest([type, baseUrl, key])) }];
    }),
  );
  return (scope) => {
    const identity = identities.get(scope.provider);
    switch (scope.type) {
      case "provider":
      case "deployment":
        return identity?.own;
      case "key":
      case "key-deployment":
        return identity?.keys[scope.keyIndex];
    }
  };
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url").slice(0, 16);
}
