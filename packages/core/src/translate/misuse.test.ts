import { describe, expect, it } from "vitest";
import {
  chatToMessages,
  FromChatStreamReader,
  fromChatCompletion,
  fromChatStream,
  fromChatStreamTransform,
  fromResponse,
  fromResponsesStream,
  fromResponsesStreamTransform,
  messagesToChat,
  messagesToResponses,
  responsesToMessages,
  toChatCompletion,
  toChatStream,
  toChatStreamTransform,
  ToChatStreamWriter,
  toResponse,
  toResponsesStream,
  toResponsesStreamTransform,
  translationContext,
} from "./index.ts";

const request = { model: "claude-opus-5", max_tokens: 10, messages: [{ role: "user" as const, content: "Hi" }] };
const { context } = messagesToChat(request, { model: "gpt-5.6" });
const asked = chatToMessages({ model: "gpt-5.6", messages: [{ role: "user", content: "Hi" }] }).context;
const askedResponses = responsesToMessages({ model: "gpt-5.6", input: "Hi" }).context;

/** Passes a value of a wrong type, as a program in JavaScript can do by mistake. */
function wrong(value: unknown): never {
  return value as never;
}

async function* nothing(): AsyncGenerator<never> {
  // A stream that ends at once.
}

const calls: readonly (readonly [what: string, call: () => unknown, message: RegExp])[] = [
  ["no options", () => messagesToChat(request, wrong(undefined)), /^options are undefined; pass \{ model/],
  ["a model for options", () => messagesToChat(request, wrong("gpt-5.6")), /^options are a string; pass \{ model/],
  ["no model", () => messagesToChat(request, wrong({})), /^options\.model is undefined; write the name/],
  ["an empty model", () => messagesToResponses(request, { model: "" }), /^options\.model is an empty string; write/],
  ["no options for Responses", () => messagesToResponses(request, wrong(undefined)), /^options are undefined; pass/],
  ["a response", () => fromChatStream(wrong(new Response("")), context), /^source is a Response; pass its body/],
  ["no body", () => fromChatStream(wrong(null), context), /^source is null; pass the body of a response/],
  ["text", () => fromResponsesStream(wrong("data: {}"), context), /^source is a string; pass the body/],
  ["an array", () => fromResponsesStream(wrong([]), context), /^source is an array; pass the body/],
  ["no context", () => fromChatStream(nothing(), wrong(undefined)), /^context is undefined; pass the one that/],
  ["no context for a machine", () => new FromChatStreamReader(wrong(undefined)), /^context is undefined; pass the one/],
  ["no context for bytes", () => fromChatStreamTransform(wrong(undefined)), /^context is undefined; pass the one/],
  [
    "the same of Responses",
    () => fromResponsesStreamTransform(wrong(undefined)),
    /^context is undefined; pass the one/,
  ],
  [
    "a context that went through JSON",
    () => fromResponsesStream(nothing(), wrong(JSON.parse(JSON.stringify(context)))),
    /^context is no whole context; pass .* not a copy by way of JSON/,
  ],
  ["a whole answer without a context", () => fromChatCompletion({}, wrong(undefined)), /^context is undefined; pass/],
  [
    "the same of Responses",
    () => fromResponse({}, wrong({ requestedModel: "m" })),
    /^context is no whole context; pass/,
  ],
  [
    "the result of messagesToChat for its context",
    () => fromChatStream(nothing(), wrong(messagesToChat(request, { model: "m" }))),
    /^context is no whole context/,
  ],
  [
    "a client's context without an id",
    () => toChatStreamTransform(wrong(asked)),
    /^context has no id; pass \{ \.\.\.context/,
  ],
  [
    "one without the time",
    () => toResponsesStreamTransform(wrong({ ...askedResponses, id: "resp_1" })),
    /^context has no createdAtMs; pass/,
  ],
  ["no context for a client", () => new ToChatStreamWriter(wrong(undefined)), /^context is undefined; pass/],
  [
    "half a context",
    () => toChatCompletion(wrong({ content: [] }), wrong({ id: "c", createdAtMs: 0, model: "m" })),
    /^context is no whole context; pass/,
  ],
  [
    "no context for a response",
    () => toResponse(wrong({ content: [] }), wrong(undefined)),
    /^context is undefined; pass/,
  ],
];

describe("a translator that is called wrongly", () => {
  it.each(calls)("with %s says what to pass", (_what, call, message) => {
    expect(call).toThrow(TypeError);
    expect(call).toThrow(message);
  });

  it.each([
    ["toChatStream", () => toChatStream(nothing(), wrong(asked))],
    ["toResponsesStream", () => toResponsesStream(nothing(), wrong(askedResponses))],
  ])("%s says so at the first event that is asked for", async (_name, open) => {
    await expect(open().next()).rejects.toThrow(/^context has no id; pass/);
  });

  it.each([
    ["text", "data: [DONE]\n\n", /^source gave a string; give it as Uint8Array/],
    ["a parsed event", { choices: [] }, /^source gave an object; give it as Uint8Array/],
    ["an ArrayBuffer", new ArrayBuffer(3), /^source gave an ArrayBuffer; give it as Uint8Array/],
    ["null", null, /^source gave null; give it as Uint8Array/],
  ])("whose source gives %s says so, and does not blame the provider", async (_what, chunk, message) => {
    let isClosed = false;
    async function* source(): AsyncGenerator<never> {
      try {
        yield wrong(chunk);
        yield wrong(chunk);
      } finally {
        isClosed = true;
      }
    }
    const events = fromChatStream(source(), translationContext());
    await expect(events.next()).rejects.toThrow(message);
    expect(await events.next()).toEqual({ done: true, value: undefined });
    expect(isClosed).toBe(true);
  });

  it("and takes a context of translationContext", () => {
    expect(() => fromChatStreamTransform(translationContext())).not.toThrow();
  });
});
