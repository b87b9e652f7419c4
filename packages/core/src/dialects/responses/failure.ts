import type { StreamFailure, UpstreamErrorText } from "../../base/outcome.ts";
import type { JsonObject } from "../../base/json.ts";
import { errorFailure } from "../../conversation/answer/answer-body.ts";

// OpenAI's error codes of answers come without a status. The first that fits counts.
const statuses: readonly (readonly [RegExp, number])[] = [
  [/rate_limit|quota|too_many_requests/, 429],
  [/overloaded|slow_down|unavailable/, 503],
  [/timeout|timed_out/, 504],
  [/server_error|internal/, 500],
  [/api_key|authentication|unauthorized/, 401],
  [/permission|forbidden/, 403],
  [/model_not_found/, 404],
  [
    /invalid|policy|content_filter|image|context_length|context_window|unsupported|not_found|mismatch|too_large|bad_request/,
    400,
  ],
];

/** Reads an `error` event, a failed answer or its `error` member, with the HTTP status that its code stands for. */
export function responsesFailure(error: JsonObject): StreamFailure {
  const failure = errorFailure(error);
  if (failure.type !== "error" || failure.status !== undefined) return failure;
  const status = statusOf(failure.error);
  return status === undefined ? failure : { ...failure, status };
}

function statusOf({ code = "", type = "" }: UpstreamErrorText): number | undefined {
  const find = (word: string): number | undefined =>
    statuses.find(([pattern]) => pattern.test(word.toLowerCase()))?.[1];
  return find(code) ?? find(type);
}
