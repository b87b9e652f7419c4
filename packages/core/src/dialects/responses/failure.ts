import type { StreamFailure } from "../../base/outcome.ts";
import type { JsonObject } from "../../base/json.ts";
import { errorFailure } from "../../conversation/answer/answer-body.ts";
import { impliedStatus } from "../../failures/implied-status.ts";

/** Reads an `error` event, a failed answer or its `error` member, with the HTTP status that its code stands for: OpenAI's errors of answers come without one. */
export function responsesFailure(error: JsonObject): StreamFailure {
  const failure = errorFailure(error);
  if (failure.type !== "error" || failure.status !== undefined) return failure;
  const status = impliedStatus(failure.error);
  return status === undefined ? failure : { ...failure, status };
}
