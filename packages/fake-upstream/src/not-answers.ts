import type { Behaviour, ErrorShape, HttpBehaviour } from "./behaviour.ts";
import { body, cut, errorWithin, frames, inserted, raw, stall, text } from "./behaviours.ts";

const html = "<!DOCTYPE html><html><head><title>Welcome</title></head><body>Please log in.</body></html>";
const sse = "text/event-stream; charset=utf-8";
const shapes: readonly ErrorShape[] = [
  "anthropic",
  "openai",
  "openrouter",
  "google",
  "list",
  "fastapi",
  "string",
  "message",
  "aws",
  "code-message",
];

function errorShapes(): Record<string, HttpBehaviour> {
  return Object.fromEntries(
    shapes.map((shape) => [
      `an error object (${shape})`,
      { type: "http", payload: { type: "error", error: { message: "the model is overloaded", shape } } } as const,
    ]),
  );
}

/** Successful statuses that carry no answer, for requests of either form in either dialect, by what is wrong. */
export const notAnswers: Readonly<Record<string, HttpBehaviour>> = {
  "an HTML page": body(html, { contentType: "text/html" }),
  "an HTML page said to be JSON": body(html),
  "an HTML page said to be an event stream": body(html, { contentType: sse }),
  "an empty body": body(""),
  "an empty body with no content type": body("", { contentType: null }),
  "an empty event stream": body("", { contentType: sse, framing: "chunked" }),
  "{}": body("{}"),
  null: body("null"),
  "[]": body("[]"),
  "a string": body('"ok"'),
  "a number": body("1"),
  true: body("true"),
  "plain text": body("OK", { contentType: "text/plain" }),
  ...errorShapes(),
  "cut JSON": { ...cut(jsonAnswer(), { bytes: 40 }, "end"), framing: "chunked" },
  "JSON with something after it": inserted(jsonAnswer(), "end", "}{"),
  "invalid UTF-8": inserted(jsonAnswer("a long text ".repeat(60)), "mid-event", Buffer.from([0xff, 0xc0, 0xfe])),
  binary: body(Buffer.from([0x00, 0x01, 0x02, 0xff, 0x1f, 0x8b]), { contentType: "application/octet-stream" }),
  "201": body('{"id":"queued"}', { status: 201 }),
  "202": body('{"status":"accepted"}', { status: 202 }),
  "204": body("", { status: 204 }),
  "206": { ...text("Only a part of it."), status: 206, headers: { "content-range": "bytes 0-99/1000" } },
  "a stream that ends after its first event": cut(streamAnswer(), "start", "end"),
  "a stream that ends before its content": cut(streamAnswer(), "before-content", "end"),
  "a stream of nothing but comments": frames(": one\n\n", ": two\n\n"),
  "a stream of nothing but [DONE]": frames("data: [DONE]\n\n"),
  "a stream that errs at once": errorWithin(streamAnswer(), "headers"),
  "a stream that errs before its content": errorWithin(streamAnswer(), "before-content"),
  "a stream of JSON errors": frames('data: {"error":{"message":"bad gateway","code":502}}\n\n'),
  "a stream with junk before its content": cut(
    inserted(streamAnswer(), "before-content", `${html}\n\n`),
    "before-content",
    "end",
  ),
  "a stream of unknown events": frames('event: status\ndata: {"type":"status","state":"warming up"}\n\n'),
  "a stream of data that is no JSON": frames("data: hello\n\n", "data: world\n\n"),
};

/** Connections that carry no valid HTTP response, for requests of either form in either dialect, by what is wrong. */
export const malformedHttp: Readonly<Record<string, Behaviour>> = {
  "another protocol": raw("SSH-2.0-OpenSSH_9.6\r\n"),
  "a body with no head": raw('{"type":"message"}\n'),
  "a bad status line": raw("HTTP/1.1 OK\r\ncontent-length: 2\r\n\r\n{}"),
  "a status that is no number": raw("HTTP/1.1 2x0 OK\r\ncontent-length: 2\r\n\r\n{}"),
  "an unknown version": raw("HTTP/9.9 200 OK\r\ncontent-length: 2\r\n\r\n{}"),
  "a header with no colon": raw("HTTP/1.1 200 OK\r\nnonsense\r\ncontent-length: 2\r\n\r\n{}"),
  "a NUL in a header": raw("HTTP/1.1 200 OK\r\nx-odd: a\0b\r\ncontent-length: 2\r\n\r\n{}"),
  "half a head": raw("HTTP/1.1 200 OK\r\ncontent-type: appl"),
  "two different lengths": raw("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} "),
  "a negative length": raw("HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\n{}"),
  "a head of a megabyte": { ...text("behind a head that is too long"), head: { paddingBytes: 1_000_000 } },
  "100 Continue and nothing more": raw("HTTP/1.1 100 Continue\r\n\r\n"),
  "101 Switching Protocols": raw(
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
  ),
  "a length shorter than the body": { ...text("cut by its own length"), framing: { declaredLength: 10 } },
  "a length longer than the body": {
    ...cut(text("less than it says"), "before-content", "fin"),
    framing: { declaredLength: 100_000 },
  },
  "a chunk size that is no number": { ...text("in broken chunks"), framing: "bad-chunk", delivery: { size: 20 } },
  "a chunk longer than its size": { ...text("in broken chunks"), framing: "long-chunk", delivery: { size: 20 } },
  "chunks that end without the last": { ...cut(text("cut"), "before-content", "fin"), framing: "chunked" },
};

/** Responses that never come to an end, by how far they get before the content. */
export const silences: Readonly<Record<string, Behaviour>> = {
  "before its head": raw("", "stall"),
  "within its head": raw("HTTP/1.1 200 OK\r\ncontent-ty", "stall"),
  "after its head": stall(text("never said"), "headers"),
  "after its first event": stall(text("never said"), "start"),
  "before its content": stall(text("never said"), "before-content"),
  "within its first content": stall(text("never said"), "mid-event"),
};

function jsonAnswer(words = "cut"): HttpBehaviour {
  return {
    type: "http",
    payload: { type: "answer", answer: { blocks: [{ type: "text", text: words }] }, form: "json" },
  };
}

function streamAnswer(): HttpBehaviour {
  return {
    type: "http",
    payload: { type: "answer", answer: { blocks: [{ type: "text", text: "cut" }] }, form: "stream" },
  };
}
