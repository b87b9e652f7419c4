import { describe, expect, it } from "vitest";
import { chatClient } from "./chat/client-dialect.ts";
import type { JsonObject } from "../base/json.ts";
import { ClientStreamReader } from "./client-reader.ts";
import { PassedEvents } from "./passed-events.ts";
import type { ClientAnswerContext } from "./dialect.ts";
import { NativeStreamReader } from "./messages/stream.ts";
import { responsesClient } from "./responses/client-dialect.ts";

const context: ClientAnswerContext = {
  model: "gpt-x",
  includeUsage: true,
  request: {},
  customTools: new Map<string, JsonObject>([
    ["patch", { type: "custom", name: "patch" }],
    ["local_shell", { type: "local_shell" }],
  ]),
  id: "id_1",
  createdAtMs: 0,
};

const event = (data: { readonly type: string; readonly [member: string]: unknown }, line = data.type): string =>
  `event: ${line}\ndata: ${JSON.stringify(data)}\n\n`;
const message = { id: "m", type: "message", role: "assistant", model: "m", content: [], usage: { input_tokens: 1 } };
const start = event({ type: "message_start", message });
const said =
  event({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }) +
  event({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hi" } }) +
  event({ type: "content_block_stop", index: 0 }) +
  event({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } });
const stop = event({ type: "message_stop" });

const clients = [
  { name: "Chat Completions", dialect: chatClient, end: "data: [DONE]" },
  { name: "Responses", dialect: responsesClient, end: "response.completed" },
];

/** The stream in pieces of `size` bytes, as the client gets it, with the words for a break where the reader reports one. */
function read(stream: string, size: number, { dialect }: (typeof clients)[number]) {
  const reader = new ClientStreamReader(new PassedEvents(new NativeStreamReader()), { dialect, context });
  const bytes = new TextEncoder().encode(stream);
  const decoder = new TextDecoder();
  let text = "";
  for (let at = 0; at < bytes.length && reader.state !== "failed" && reader.state !== "complete"; at += size) {
    text += decoder.decode(reader.push(bytes.subarray(at, at + size)));
  }
  if (reader.state !== "failed" && reader.state !== "complete") text += decoder.decode(reader.end());
  if (reader.state === "failed" && text !== "") {
    text += decoder.decode(reader.breakOff({ status: 502, error: { type: "api_error", message: "it broke" } }));
  }
  return { state: reader.state, text };
}

describe.each(clients)("a stream of the Messages API for a client of $name", (client) => {
  const sizes = [1, 7, 64, 16_384];

  it.each([
    ["an end under the name of another event", start + said + event({ type: "message_stop" }, "message[stop")],
    ["an end that never comes", start + said],
    ["junk before the end", `${start}${said}event: message_delta\ndata: {"type":"message_d\n\n${stop}`],
  ])("is no whole answer with %s", (_what, stream) => {
    for (const size of sizes) {
      const { state, text } = read(stream, size, client);
      expect(state).toBe("failed");
      expect(text).not.toContain(client.end);
    }
  });

  const call = (index: number, json: string, name = "get"): string =>
    event({
      type: "content_block_start",
      index,
      content_block: { type: "tool_use", id: `toolu_${index}`, name, input: {} },
    }) +
    event({ type: "content_block_delta", index, delta: { type: "input_json_delta", partial_json: json } }) +
    event({ type: "content_block_stop", index });
  const ended =
    event({ type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 1 } }) + stop;

  it.each([
    ["a string that is cut", call(0, '{"command":"rm -rf ./build')],
    ["arguments that are no JSON", call(0, "rm -rf ./build")],
    ["a value that is missing", call(0, '{"command":')],
    ["a second call that is cut", call(0, "{}") + call(1, '{"a":1')],
    ["a first call that is cut", call(0, '{"a":1') + call(1, "{}")],
    ["a cut call of a custom tool", call(0, '{"input":"*** Begin', "patch")],
    ["a cut call of the client's shell", call(0, '{"command":["ls"', "local_shell")],
  ])("holds no call that a client would run with %s", (_what, calls) => {
    for (const size of sizes) {
      const { state, text } = read(start + calls + ended, size, client);
      expect(state).toBe("failed");
      expect(text).not.toContain(client.end);
      expect(text).not.toContain('"finish_reason":"tool_calls"');
      // Codex runs a call when its item is done.
      const done = text.split("\n").filter((line) => line.includes('"type":"response.output_item.done"'));
      for (const line of done) expect(line).toContain('"arguments":"{}"');
    }
    // All at once it was seen by no client: another provider is asked.
    expect(read(start + calls + ended, 16_384, client).text).toBe("");
  });

  it("fails before its first content where it begins without a message", () => {
    for (const size of sizes) {
      const { state, text } = read(event({ type: "message_start", mersage: message }) + said + stop, size, client);
      expect([state, text]).toEqual(["failed", ""]);
    }
  });

  it("is over with its end, whatever comes behind", () => {
    for (const size of sizes) {
      const whole = read(start + said + stop, size, client);
      expect(whole.state).toBe("complete");
      expect(whole.text).toContain(client.end);
      for (const behind of ["data: {junk\n\n", stop, start, event({ type: "error", error: { message: "no" } })]) {
        expect(read(start + said + stop + behind, size, client)).toEqual(whole);
      }
    }
  });
});
