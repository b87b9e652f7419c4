import { isObject, parseJson } from "../../base/json.ts";
import type { ClientDialect } from "../dialect.ts";
import { ToResponsesStreamWriter, toResponse } from "./client-answer.ts";
import { toResponsesError } from "./client-error.ts";
import { responsesToMessages } from "./client-request.ts";

/** The client side of the Responses API. */
export const responsesClient: ClientDialect = {
  name: "responses",
  idPrefix: "resp_",
  read: responsesToMessages,
  openAnswer: (context) => new ToResponsesStreamWriter(context),
  whole: toResponse,
  error: toResponsesError,
  earlyError,
};

function earlyError(json: string): string {
  const body = parseJson(json);
  const inner = isObject(body) && isObject(body["error"]) ? body["error"] : {};
  const response = {
    id: "resp_ccpb_none",
    object: "response",
    status: "failed",
    output: [],
    error: { code: inner["code"] ?? "server_error", message: inner["message"] ?? "The request failed." },
  };
  const event = { type: "response.failed", sequence_number: 0, response };
  return `event: response.failed\ndata: ${JSON.stringify(event)}\n\n`;
}
