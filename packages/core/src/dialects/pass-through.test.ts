import { describe, expect, it } from "vitest";
import type { MessagesError } from "../failures/messages-error.ts";
import type { AnswerWatch } from "./answer-watch.ts";
import { ChatStreamWatch } from "./chat/stream-watch.ts";
import { PassThroughReader } from "./pass-through.ts";
import { readPassedWhole } from "./pass-through-whole.ts";
import { ResponsesStreamWatch } from "./responses/stream-watch.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const writeError = ({ error }: MessagesError) => ({ error: { message: error.message, type: "server_error" } });
const chatWatch = (): AnswerWatch => new ChatStreamWatch(writeError);

const chunk = (change: object, head: object = {}): string =>
  `data: ${JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "upstream-model", ...head, ...change })}\n\n`;
const delta = (value: object, finish: string | null = null, index = 0): string =>
  chunk({ choices: [{ index, delta: value, logprobs: null, finish_reason: finish }], obfuscation: "x1" });

const role = delta({ role: "assistant", content: "" });
const words = [delta({ content: "Grüße" }), delta({ content: ', "finish_reason":"stop" 👋' })];
const finish = delta({}, "stop");
const usage = chunk({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 } });
const done = "data: [DONE]\n\n";
const chat = [role, ...words, finish, usage, done];

interface Read {
  readonly out: string;
  readonly first: number | undefined;
  readonly reader: PassThroughReader;
}

function read(text: string, size: number, watch: AnswerWatch, answerModel?: string): Read {
  const reader = new PassThroughReader(watch, { answerModel });
  const bytes = encoder.encode(text);
  let out = "";
  let first: number | undefined;
  for (let at = 0; at < bytes.length; at += size) {
    const given = reader.push(bytes.slice(at, at + size));
    if (given !== undefined && first === undefined) first = at + size;
    out += given === undefined ? "" : decoder.decode(given);
  }
  if (reader.state !== "complete" && reader.state !== "failed") out += decoder.decode(reader.end() ?? new Uint8Array());
  return { out, first, reader };
}

const sizes = [1, 7, 64, 1_000_000];

describe.each(sizes)("a chat stream that passes through, at reads of %i,", (size) => {
  it("is byte for byte what the provider sent", () => {
    const text = chat.join("");
    const { out, reader } = read(text, size, chatWatch());
    expect(out).toBe(text);
    expect(reader).toMatchObject({ state: "complete", stopReason: "stop" });
    expect(reader.usage).toMatchObject({ inputTokens: 9, outputTokens: 3 });
  });

  it("keeps CRLF, comments, unknown fields and odd spacing as they are", () => {
    const text = `: OPENROUTER PROCESSING\r\n\r\n${chat.join("").replaceAll("\n", "\r\n").replaceAll('"delta":', '"delta" :  ')}`;
    expect(read(text, size, chatWatch()).out).toBe(text);
  });

  it("gets the client's name for the model in each chunk, and nothing else changes", () => {
    const text = chat.join("");
    const expected = text.replaceAll('"model":"upstream-model"', '"model":"gpt-5.6"');
    expect(read(text, size, chatWatch(), "gpt-5.6").out).toBe(expected);
    const moved = chat
      .map((one) => one.replace(/"model":"upstream-model",/, "").replace(/\}\n\n$/, ',"model":"m"}\n\n'))
      .join("");
    expect(read(moved, size, chatWatch(), "gpt-5.6").out).toBe(moved.replaceAll('"model":"m"', '"model":"gpt-5.6"'));
  });

  it("gets the name in each of hundreds of chunks, whatever their text and their form", () => {
    const texts = Array.from(
      { length: 300 },
      (_, index) => "xy".repeat(index % 7) + (index % 5 === 0 ? '"quoted"' : ""),
    );
    const many = texts.map((content, index) =>
      index % 11 === 3 ? `: alive\n\n${delta({ content }).replace('"model":', '"model" : ')}` : delta({ content }),
    );
    const long = delta({ content: "z".repeat(20_000) });
    const text = [role, ...many.slice(0, 150), long, ...many.slice(150), finish, usage, done].join("");
    const named = read(text, Math.max(size, 64), chatWatch(), "asked");
    expect(named.out).toBe(text.replaceAll("upstream-model", "asked"));
    expect(named.reader.state).toBe("complete");
    expect(read(text, Math.max(size, 64), chatWatch()).out).toBe(text);
  });

  it("gets the name also in front of what is no JSON", () => {
    const odd = words[0]!.replace('"index":0', '"index":\\');
    const text = [role, words[0], odd, words[0], odd, finish, done].join("");
    const expected = text.replaceAll("upstream-model", "asked");
    expect(read(text, size, chatWatch(), "asked").out).toBe(expected);
  });

  it("holds everything back until the first content", () => {
    const { first } = read(chat.join(""), 1, chatWatch());
    expect(first).toBe(encoder.encode(role + words[0]).length);
  });

  it("is whole after its finish reason, with the [DONE] that the provider left out", () => {
    for (const rest of ["", usage, `${usage}<html>`, 'data: {"cut']) {
      const { out, reader } = read(role + words[0] + finish + rest, size, chatWatch());
      expect(reader.state).toBe("complete");
      expect(out.endsWith(done)).toBe(true);
      expect(out.startsWith(role + words[0] + finish)).toBe(true);
    }
  });

  it("is cut where it ends without a finish reason, also with several choices", () => {
    for (const text of [role + words[0], role + words[0] + words[1]!.slice(0, 30)]) {
      expect(read(text, size, chatWatch()).reader.failure).toEqual({ type: "truncated" });
    }
    const two = role + delta({ content: "b" }, null, 1) + delta({}, "stop", 0);
    expect(read(two, size, chatWatch()).reader.failure).toEqual({ type: "truncated" });
    expect(read(two + delta({}, "stop", 1), size, chatWatch()).reader.state).toBe("complete");
  });

  it("is cut where a choice that began late has no finish reason", () => {
    const late = role + words.join("") + delta({ content: "late" }, null, 1) + delta({ content: "r" }, null, 1);
    expect(read(late + finish, size, chatWatch()).reader.failure).toEqual({ type: "truncated" });
    expect(read(late + finish + delta({}, "stop", 1), size, chatWatch()).reader.state).toBe("complete");
  });

  it("is no answer where [DONE] comes first, and a cut one where calls are unfinished by it", () => {
    expect(read(role + done, size, chatWatch()).reader.failure?.type).toBe("not-an-answer");
    expect(read("", size, chatWatch()).reader.failure?.type).toBe("not-an-answer");
  });

  it.each([
    ["an error chunk", chunk({ error: { message: "Overloaded", code: 529 }, choices: [] })],
    ["a bare error", `data: ${JSON.stringify({ error: { message: "Overloaded", code: 529 } })}\n\n`],
    ["an error event", `event: error\ndata: ${JSON.stringify({ message: "Overloaded" })}\n\n`],
    ["an error line", `error: ${JSON.stringify({ error: { message: "Overloaded" } })}\n\n`],
    ["a finish reason that says so", delta({}, "error")],
    ["HTML", "<html>502 Bad Gateway</html>\n\n"],
    ["junk", "upstream connect error\n\n"],
    ["data that is no JSON", "data: oops\n\n"],
  ])("fails at %s, before and after the content", (_name, fault) => {
    const before = read(role + fault + words.join(""), size, chatWatch());
    expect(before).toMatchObject({ out: "", reader: { state: "failed" } });
    const after = read(role + words[0] + fault + words[1], size, chatWatch());
    expect(after.reader.state).toBe("failed");
    if (size <= 7) expect(after.out).toBe(role + words[0]);
  });
});

const event = (type: string, value: object, number: number): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number, ...value })}\n\n`;
const response = { id: "resp_1", object: "response", model: "upstream-model", status: "in_progress", output: [] };
const completed = { ...response, status: "completed", usage: { input_tokens: 5, output_tokens: 2, total_tokens: 7 } };
const item = { id: "msg_1", type: "message", role: "assistant", content: [] };
const responses = [
  event("response.created", { response }, 0),
  event("response.output_item.added", { output_index: 0, item }, 1),
  event("response.output_text.delta", { item_id: "msg_1", output_index: 0, content_index: 0, delta: "Hello" }, 2),
  event("response.function_call_arguments.delta", { item_id: "fc_1", output_index: 1, delta: "{}" }, 3),
  event("response.completed", { response: completed }, 4),
];

describe.each(sizes)("a responses stream that passes through, at reads of %i,", (size) => {
  const watch = (): AnswerWatch => new ResponsesStreamWatch(writeError);

  it.each([true, false])("is byte for byte what the provider sent, event names: %s", (isNamed) => {
    const text = (isNamed ? responses : responses.map((one) => one.replace(/^event: .*\n/, ""))).join("");
    const { out, reader } = read(text, size, watch());
    expect(out).toBe(text);
    expect(reader).toMatchObject({
      state: "complete",
      stopReason: "completed",
      usage: { inputTokens: 5, outputTokens: 2 },
    });
  });

  it("gets the client's name for the model", () => {
    const expected = responses.join("").replaceAll('"model":"upstream-model"', '"model":"gpt-5.6"');
    expect(read(responses.join(""), size, watch(), "gpt-5.6").out).toBe(expected);
  });

  it("is cut without its terminal event, and ends with a failed response of the next number", () => {
    const { reader } = read(responses.slice(0, 4).join(""), size, watch());
    expect(reader.failure).toEqual({ type: "truncated" });
    const end = decoder.decode(reader.breakOff({ status: 502, error: { type: "api_error", message: "It broke." } }));
    expect(end.startsWith("event: response.failed\ndata: ")).toBe(true);
    expect(JSON.parse(end.slice(end.indexOf("{")))).toMatchObject({
      type: "response.failed",
      sequence_number: 4,
      response: { id: "resp_1", status: "failed", error: { message: "It broke." } },
    });
  });

  it("reads an event of two data lines as a whole: a part of the answer cannot hide an end", () => {
    const part = event("response.output_item.done", { output_index: 0, item }, 3).trimEnd();
    const end = event("response.completed", { response: completed }, 4).split("\n")[1]!;
    const merged = read(`${responses.slice(0, 3).join("")}${part}\n${end}\n\n`, size, watch());
    expect(merged.reader.failure?.type).toBe("junk");
    expect(merged.out).not.toContain("response.completed");
    const halves = part.replace(',"output_index"', ',\ndata: "output_index"');
    const text = [...responses.slice(0, 3), `${halves}\n\n`, responses[4]].join("");
    expect(read(text, size, watch())).toMatchObject({ out: text, reader: { state: "complete" } });
  });

  it("reads an event whose name is that of a part and whose data is not", () => {
    const named = responses[4]!.replace("event: response.completed", "event: response.output_item.done");
    const moved = named
      .replace('{"type":"response.completed",', "{")
      .replace(/\}\n\n$/, ',"type":"response.completed"}\n\n');
    for (const end of [named, moved]) {
      const { reader } = read(responses.slice(0, 3).join("") + end, size, watch());
      expect(reader).toMatchObject({ state: "complete", stopReason: "completed" });
    }
  });

  it("fails with what a failed response or an error event says", () => {
    const failed = event(
      "response.failed",
      { response: { ...response, error: { code: "rate_limit_exceeded", message: "Slow down" } } },
      1,
    );
    const error = event("error", { code: "server_error", message: "Slow down" }, 1);
    for (const fault of [failed, error]) {
      const { out, reader } = read(responses[0] + fault, size, watch());
      expect(out).toBe("");
      expect(reader.failure).toMatchObject({ type: "error", error: { message: "Slow down" } });
    }
  });
});

describe("a whole answer that passes through", () => {
  const whole = {
    id: "c",
    object: "chat.completion",
    model: "upstream-model",
    choices: [{ index: 0, message: { role: "assistant", content: "Hi" }, finish_reason: "stop" }],
    usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    x_vendor: 1.0e2,
  };

  it("is what the provider sent but for the name of the model", () => {
    const text = ` ${JSON.stringify(whole)}\n`.replace("100", "1.0e2");
    const answer = readPassedWhole(encoder.encode(text), {
      watch: chatWatch(),
      contentMember: "choices",
      answerModel: "gpt-5.6",
    });
    expect(answer).toMatchObject({ type: "answer", stopReason: "stop", usage: { inputTokens: 1, outputTokens: 2 } });
    if (answer.type === "answer") expect(decoder.decode(answer.bytes)).toBe(text.replace("upstream-model", "gpt-5.6"));
  });

  it.each([
    [{ error: { message: "Overloaded", code: 529 } }, "error"],
    [{ ...whole, choices: [] }, "not-an-answer"],
    [{ ...whole, choices: [{ index: 0, error: { message: "no" } }] }, "error"],
    [{ hello: "world" }, "not-an-answer"],
  ])("is a failure where it is no answer: %j", (body, type) => {
    const answer = readPassedWhole(encoder.encode(JSON.stringify(body)), {
      watch: chatWatch(),
      contentMember: "choices",
      answerModel: undefined,
    });
    expect(answer).toMatchObject({ type: "failure", failure: { type } });
  });
});
