import { isObject, type JsonObject } from "../base/json.ts";
import type { MessagesError } from "../failures/messages-error.ts";
import { keepAliveComment } from "./answer-watch.ts";
import { chatClient } from "./chat/client-dialect.ts";
import type { ClientDialect, DialectName } from "./dialect.ts";
import { errorEvent, pingEvent } from "./messages/gate.ts";
import { responsesClient } from "./responses/client-dialect.ts";

const encoder = new TextEncoder();

const clients: Readonly<Record<Exclude<DialectName, "messages">, ClientDialect>> = {
  chat: chatClient,
  responses: responsesClient,
};

/** Returns the reader and writer of a client's API; undefined for Messages, which is the neutral model itself. */
export function clientDialect(name: DialectName): ClientDialect | undefined {
  return name === "messages" ? undefined : clients[name];
}

/** Holds the details of an error beside its message. */
export interface ErrorNotes {
  readonly requestId: string;
  /** In the Messages API `error.details`; of these, `code` and `param` overrule those of an error of OpenAI's. */
  readonly details?: JsonObject | undefined;
}

/** Returns the text of an error's body in the shape of the client's API. */
export function errorText(
  dialect: DialectName,
  { status, error }: MessagesError,
  { requestId, details }: ErrorNotes,
): string {
  const client = clientDialect(dialect);
  if (client === undefined)
    return JSON.stringify({ type: "error", error: { ...error, ...(details && { details }) }, request_id: requestId });
  const body = client.error({ status, error });
  const inner = body["error"];
  const { code, param } = details ?? {};
  if (!isObject(inner) || (code === undefined && param === undefined)) return JSON.stringify(body);
  const own = { ...(code !== undefined && { code }), ...(param !== undefined && { param }) };
  return JSON.stringify({ ...body, error: { ...inner, ...own } });
}

/** Returns a sign of life for a client whose stream has not begun. */
export function earlyKeepAlive(dialect: DialectName): Uint8Array {
  return dialect === "messages" ? pingEvent : keepAliveComment;
}

/** Returns an error body, JSON in UTF-8, as the only event of a stream that has not begun. Line breaks in JSON stand between tokens, where a space means the same. */
export function earlyErrorEvent(dialect: DialectName, json: Uint8Array): Uint8Array {
  const client = clientDialect(dialect);
  if (client === undefined) return errorEvent(json);
  return encoder.encode(client.earlyError(new TextDecoder().decode(json).replaceAll(/[\r\n]+/g, " ")));
}
