import { createHash } from "node:crypto";
import { Balancer, type BalancerConfig, type CircuitScope } from "@ccpb/core";
import { createRedisReplica, type RedisReplica } from "@ccpb/redis";

/** A balancer that shares health, with what ends the sharing. */
export interface SharedBalancer extends AsyncDisposable {
  readonly balancer: Balancer;
  readonly replica: RedisReplica;
}

/** Makes a balancer that tells all others at the same Redis who failed and who recovered, and hears it from them. A Redis that is away costs no request anything. */
export function sharedBalancer(config: BalancerConfig, redisUrl: string): SharedBalancer {
  const replica = createRedisReplica({
    url: redisUrl,
    prefix: "my-app",
    identify: (scope) => identityOf(config, scope),
    onNotice: (notice) => console.warn("shared health:", notice),
  });
  const balancer = new Balancer(config, { replica });
  return {
    balancer,
    replica,
    async [Symbol.asyncDispose]() {
      balancer[Symbol.dispose]();
      await replica[Symbol.asyncDispose]();
    },
  };
}

/** Two processes mean the same only where URL and key are the same: what was learned of an old key does not stick to a new one. */
function identityOf({ providers }: BalancerConfig, scope: CircuitScope): string | undefined {
  const provider = providers.find(({ name }) => name === scope.provider);
  if (provider === undefined) return undefined;
  const keys = "keys" in provider.auth ? provider.auth.keys : [];
  const key = "keyIndex" in scope ? (keys[scope.keyIndex] ?? "") : "";
  return createHash("sha256").update(`${provider.baseUrl}\n${key}`).digest("base64url").slice(0, 16);
}
