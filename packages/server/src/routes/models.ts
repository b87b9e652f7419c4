import { CcpbError, type ModelEntry, modelsPage, modelsView } from "@ccpb/core";
import type { InboundRequest } from "../http/inbound-request.ts";
import { type Caller, mayUseOf } from "../http/permissions.ts";
import { jsonReply } from "../http/server-reply.ts";
import type { Handler, ServerContext } from "./server-context.ts";

/**
 * `GET /v1/models`: what is configured, what providers list themselves and what was served, in a list that clients of Anthropic's and of OpenAI's API can
 * read; `limit`, `after_id` and `before_id` as Anthropic has them.
 */
export const getModels: Handler = async (inbound, context, caller) =>
  jsonReply(200, modelsPage(await allModels(inbound, context, caller), new URLSearchParams(inbound.query)));

/** `GET /v1/models/{id}`: one of them. */
export const getModel: Handler = async (inbound, context, caller) => {
  const id = nameOfPath(inbound.path);
  const model = (await allModels(inbound, context, caller)).find((one) => one.id === id);
  if (model) return jsonReply(200, model);
  const message = `No configured provider has a model ${id.slice(0, 200)}; GET /v1/models lists them.`;
  throw new CcpbError("invalid_request", message, { status: 404, type: "not_found_error" });
};

/** Every model that `caller` may ask for. */
async function allModels(
  { headers }: InboundRequest,
  context: ServerContext,
  caller: Caller,
): Promise<readonly ModelEntry[]> {
  const { balancer, config, servedModels, transport, authorize, upstreamModels } = context;
  const listed = await upstreamModels.all({ config, transport, authorize, headers });
  return modelsView(balancer, { served: servedModels.names(), listed, mayUse: mayUseOf(caller) });
}

/** Start of the path of `GET /v1/models/{id}`. */
export const modelPath = "/v1/models/";

/** The model's name in the path of `GET /v1/models/{id}`. */
function nameOfPath(path: string): string {
  const name = path.slice(modelPath.length);
  try {
    return decodeURIComponent(name);
  } catch {
    return name; // not encoded
  }
}
