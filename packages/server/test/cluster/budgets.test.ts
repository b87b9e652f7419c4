import { startFakeUpstream } from "@ccpb/fake-upstream";
import { describe, expect, it, vi } from "vitest";
import { call, messagesBody, type TestReply } from "../running-server.ts";
import { WorkersStage } from "./stage.ts";

const key = "key-of-alice-0123456789";
const opsKey = "key-of-ops-0123456789";

const yaml = (url: string, budget: number): string => `
providers:
  - { name: one, type: anthropic, base_url: "${url}", auth_type: api_key, auth_value: sk-test, big_model: passthrough, small_model: passthrough }
settings:
  port: 0
  auth:
    clients:
      - { name: alice, key: ${key}, budget: { tokens: ${budget}, per: month } }
      - { name: ops, key: ${opsKey}, role: operator }
`;

const ask = (url: string): Promise<TestReply> =>
  call(url, "/v1/messages", {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": key },
    body: messagesBody(),
  });

async function used(url: string): Promise<number> {
  const { budgets } = (await call(url, "/usage", { headers: { "x-api-key": opsKey } })).json();
  return budgets.find((one: { client: string }) => one.client === "alice")?.used;
}

describe("a budget with two workers", () => {
  it("is one, is gone over by little, and outlives a worker and the server", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    let tokens = 0;
    await using stage = await WorkersStage.start(yaml(upstream.url, 1_000_000_000));
    const { url } = stage;
    for (let index = 0; index < 20; index += 1) {
      const { usage } = (await ask(url)).json() as { usage: { input_tokens: number; output_tokens: number } };
      tokens += usage.input_tokens + usage.output_tokens;
    }
    // Whichever worker is asked.
    for (let index = 0; index < 4; index += 1)
      await vi.waitFor(async () => expect(await used(url)).toBe(tokens), 30_000);
    const [pid] = [...(await stage.pids()).values()];
    process.kill(pid ?? 0, "SIGKILL");
    await stage.untilLines(() => stage.lines("worker_started").length >= 3);
    for (let index = 0; index < 4; index += 1)
      await vi.waitFor(async () => expect(await used(url)).toBe(tokens), 30_000);
    const each = tokens / 20;
    stage.write(yaml(upstream.url, tokens + each * 60));
    await stage.untilLines(() => stage.lines("config_reloaded").length > 0);
    let served = 0;
    let refused = 0;
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let reply = await ask(url); reply.status === 200 || refused < 8; reply = await ask(url)) {
          if (reply.status === 200) served += 1;
          else refused += 1;
        }
      }),
    );
    expect(served).toBeGreaterThanOrEqual(60);
    expect(served).toBeLessThan(60 + 60);
  });
});
