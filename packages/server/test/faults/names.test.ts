import type { LookupAddress } from "node:dns";
import { startFakeUpstream } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { createHttpTransport } from "../../src/transport/transport.ts";
import type { NameSources } from "../../src/transport/name-lookup.ts";
import { postMessages, provider, startTestServer } from "../running-server.ts";
import { timeouts } from "./fault-bench.ts";

const loopback: readonly LookupAddress[] = [{ address: "127.0.0.1", family: 4 }];

/** Names that begin with "hang" are never answered, by nobody; others at once, as long as the system has a turn for them. */
function hangingNames(): NameSources & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    system(hostname, done) {
      asked.push(hostname);
      if (!hostname.startsWith("hang")) setImmediate(() => done(null, loopback));
    },
    direct: (hostname) => (hostname.startsWith("hang") ? new Promise(() => undefined) : Promise.resolve(loopback)),
  };
}

describe("host names that are never answered", () => {
  for (const hanging of [1, 2, 3]) {
    it(`(${hanging} of them) cost a call their own deadlines, and the healthy provider behind them nothing`, async () => {
      await using upstream = await startFakeUpstream({ dialect: "anthropic" });
      const { port } = new URL(upstream.url);
      const names = hangingNames();
      const http = createHttpTransport({ nameSources: names });
      const dead = Array.from({ length: hanging }, (_, index) =>
        provider(`dead${index}`, `http://hang${index}.test:${port}`, { timeouts: { connectMs: 1_000 } }),
      );
      const providers = [...dead, provider("healthy", `http://good.test:${port}`)];
      const config = { providers, settings: { timeouts } };
      await using server = await startTestServer(config, {}, { transport: http.send });
      const replies = await Promise.all(Array.from({ length: 8 }, () => postMessages(server.url)));
      expect(replies.map(({ status }) => status)).toEqual(Array(8).fill(200));
      expect(replies.map(({ headers }) => headers["x-ccpb-provider"])).toEqual(Array(8).fill("healthy"));
      const healthy = server.balancer.status().providers.find(({ name }) => name === "healthy");
      expect(healthy).toMatchObject({ state: "closed", failureCount: 0 });
      // However many calls wait for a name, it is asked for once.
      expect(new Set(names.asked).size).toBe(names.asked.length);
      http.close();
    });
  }
});
