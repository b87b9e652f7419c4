import { expect, test } from "vitest";
import { Balancer } from "../balancer/balancer.ts";
import type { Reply } from "../base/reply.ts";
import { send } from "../skins/send.ts";
import { scriptedTransport } from "../testing/scripted-transport.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { nativeProvider } from "../../test/native-provider.ts";

const message = JSON.stringify({
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "m",
  content: [{ type: "text", text: "Hi" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 1, output_tokens: 1 },
});
const completion = JSON.stringify({
  id: "c",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
});

const webSearch = { type: "web_search_20250305", name: "web_search" };
const request = {
  model: "claude-opus-5",
  max_tokens: 9,
  messages: [{ role: "user", content: "hi" }],
  tools: [webSearch],
};

/** A native provider that takes one request at a time and holds it for `busyMs`, and a translated one, which has no web search. */
function stage(busyMs: number) {
  const clock = new VirtualClock();
  const providers = [
    nativeProvider("native", { maxConcurrent: 1 }),
    nativeProvider("chat", { type: "openai", baseUrl: "https://chat.test/v1" }),
  ];
  const balancer = new Balancer({ providers }, { clock, random: () => 0.5 });
  const { transport } = scriptedTransport(clock, ({ url }) =>
    url.includes("native") ? { delayMs: busyMs, body: message } : { body: completion },
  );
  const ask = (): Promise<Reply> => send(balancer.open(request as never), transport, { clock });
  return { clock, ask };
}

test("a request waits for the provider that can do all it needs, rather than losing a server tool", async () => {
  const { clock, ask } = stage(4_000);
  const first = ask();
  const second = ask();
  await clock.advance(9_000);
  expect([(await first).provider, (await second).provider]).toEqual(["native", "native"]);
});

test("it takes one that cannot do everything when the wait is over", async () => {
  const { clock, ask } = stage(60_000);
  const first = ask();
  const second = ask();
  await clock.advance(10_001);
  expect((await second).provider).toBe("chat");
  await clock.advance(60_000);
  expect((await first).provider).toBe("native");
});
