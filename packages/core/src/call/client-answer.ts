import { isObject, type JsonObject } from "../base/json.ts";
import type { ClientAnswer } from "../dialects/client-reader.ts";
import { clientDialect } from "../dialects/client-side.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import type { Runtime } from "./runtime.ts";

/** Returns what writing an answer in the client's API needs; undefined for a client of Messages. */
export function clientAnswer(
  request: ClientRequest,
  { generateId, clock, responseItems }: Pick<Runtime, "generateId" | "clock" | "responseItems">,
): ClientAnswer | undefined {
  const dialect = clientDialect(request.dialect);
  if (dialect === undefined) return undefined;
  const { json, facts } = request;
  const options = json["stream_options"];
  const isStored = request.dialect === "responses" && json["store"] !== false;
  const context = {
    model: facts.model,
    includeUsage: isObject(options) && options["include_usage"] === true,
    request: json,
    // A request that passes through unchanged may be one that ccpb cannot read.
    customTools: (request.readable && request.reading.extras.customTools) ?? new Map(),
    id: generateId(dialect.idPrefix),
    createdAtMs: clock.wallNow(),
    ...(isStored && { onItem: (item: JsonObject) => responseItems.keep(request.owner, item) }),
  };
  return { dialect, context };
}
