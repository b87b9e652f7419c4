import { expect, test, vi } from "vitest";
import { Balancer } from "../balancer/balancer.ts";
import { createFetch } from "../skins/fetch.ts";
import { scriptedTransport } from "../testing/scripted-transport.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { FactsOf } from "./facts-of-attempt.ts";

test("a refused request, which may be large, is read once for a judgement", async () => {
  using read = vi.spyOn(FactsOf.prototype, "refused", "get");
  const clock = new VirtualClock();
  const { transport } = scriptedTransport(clock, () => ({
    status: 400,
    body: '{"error":{"message":"No such thing."}}',
  }));
  const auth = { type: "api_key", keys: ["key"] } as const;
  const provider = {
    name: "one",
    type: "openai",
    baseUrl: "https://one.test/v1",
    auth,
    bigModel: "passthrough",
  } as const;
  const balancer = new Balancer({ providers: [{ ...provider, smallModel: "passthrough" }] }, { clock });
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] });
  const reply = await createFetch(balancer, transport)("https://ccpb.test/v1/chat/completions", {
    method: "POST",
    body,
  });
  expect(reply.status).toBe(400);
  const requests = new Set(read.mock.results.map(({ value }) => value as unknown));
  expect(read.mock.calls.length).toBeGreaterThan(1);
  expect([...requests]).toEqual([expect.objectContaining({ dialect: "chat", isPassed: true })]);
});
