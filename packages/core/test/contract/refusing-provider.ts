import { isObject } from "../../src/base/json.ts";
import type { ScriptedReply, ScriptedRequest } from "../../src/testing/scripted-transport.ts";

type Json = Readonly<Record<string, unknown>>;

/** What a scripted provider does not take: looks at a request's body, and answers with what it says, or undefined where it takes the request. */
export type Refuse = (body: Json, dialect: Dialect) => Refusal | undefined;

/** The wire forms of a provider's API. */
export type Dialect = "chat" | "responses" | "messages";

/** An error, with its status: 200 puts it into an answer, and into the first event of a stream. */
export interface Refusal {
  readonly message: string;
  readonly status?: number;
  readonly param?: string;
  readonly code?: string;
}

/** Which API a request is for. */
export function dialectOf({ url }: Pick<ScriptedRequest, "url">): Dialect {
  if (url.includes("/chat/completions")) return "chat";
  return url.includes("/responses") ? "responses" : "messages";
}

/** A provider that refuses exactly what `refuse` says, and serves all else with a text. */
export function refusingProvider(refuse: Refuse): (request: ScriptedRequest) => ScriptedReply {
  return (request) => {
    const dialect = dialectOf(request);
    const body: unknown = JSON.parse(request.body);
    if (!isObject(body)) throw new TypeError("no request");
    const isStream = body["stream"] === true;
    const refusal = refuse(body, dialect);
    if (refusal === undefined) return served(dialect, isStream);
    const { status = 400, message, param, code } = refusal;
    const error = {
      message,
      type: "invalid_request_error",
      ...(param !== undefined && { param }),
      ...(code !== undefined && { code }),
    };
    const text = JSON.stringify(dialect === "messages" ? { type: "error", error } : { error });
    if (status !== 200 || !isStream) return { status, headers: json, body: text };
    return {
      status,
      headers: events,
      body: dialect === "chat" ? `data: ${text}\n\n` : `event: error\ndata: ${text}\n\n`,
    };
  };
}

const json = { "content-type": "application/json" };
const events = { "content-type": "text/event-stream" };

/** The text of every answer. */
export const answerText = "served";

function served(dialect: Dialect, isStream: boolean): ScriptedReply {
  switch (dialect) {
    case "chat":
      return isStream ? chatStream() : { headers: json, body: JSON.stringify(chatWhole) };
    case "responses":
      return isStream ? responsesStream() : { headers: json, body: JSON.stringify(responsesWhole) };
    case "messages":
      return isStream ? messagesStream() : { headers: json, body: JSON.stringify(messagesWhole) };
  }
}

const usage = { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 };
const chatWhole = {
  id: "c1",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: answerText }, finish_reason: "stop" }],
  usage,
};

function chatStream(): ScriptedReply {
  const chunk = (delta: Json, finish: string | null) =>
    `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const body = `${chunk({ role: "assistant", content: answerText }, null)}${chunk({}, "stop")}data: [DONE]\n\n`;
  return { headers: events, body };
}

const item = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text: answerText, annotations: [] }],
};
const responsesWhole = {
  id: "resp_1",
  object: "response",
  status: "completed",
  output: [item],
  usage: { input_tokens: 5, output_tokens: 1, total_tokens: 6 },
};

function responsesStream(): ScriptedReply {
  const place = { item_id: "msg_1", output_index: 0, content_index: 0 };
  const all: readonly (Json & { readonly type: string })[] = [
    { type: "response.created", response: { ...responsesWhole, status: "in_progress", output: [] } },
    { type: "response.output_item.added", output_index: 0, item: { ...item, content: [] } },
    { type: "response.output_text.delta", ...place, delta: answerText },
    { type: "response.output_text.done", ...place, text: answerText },
    { type: "response.output_item.done", output_index: 0, item },
    { type: "response.completed", response: responsesWhole },
  ];
  return {
    headers: events,
    body: all.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""),
  };
}

const messagesWhole = {
  id: "msg_1",
  type: "message",
  role: "assistant",
  model: "m",
  content: [{ type: "text", text: answerText }],
  stop_reason: "end_turn",
  usage: { input_tokens: 5, output_tokens: 1 },
};

function messagesStream(): ScriptedReply {
  const all: readonly (Json & { readonly type: string })[] = [
    { type: "message_start", message: { ...messagesWhole, content: [], stop_reason: null } },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: answerText } },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 1 } },
    { type: "message_stop" },
  ];
  return {
    headers: events,
    body: all.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(""),
  };
}
