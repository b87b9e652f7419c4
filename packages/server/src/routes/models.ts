import { CcpbError } from "@ccpb/core";
import type { InboundRequest } from "../http/inbound-request.ts";
import { jsonReply } from "../http/server-reply.ts";
import { modelsPage, modelsView, nameOfPath } from "../views/models-view.ts";
import type { Handler, ServerContext } from "./server-context.ts";

/**
 * `GET /v1/models`: what is configured, what providers list themselves and what was served, in a list that clients of Anthropic's and of OpenAI's API can
 * read; `limit`, `after_id` and `before_id` as Anthropic has them.
 */
export const getModels: Handler = async (inbound, context) =>
  jsonReply(200, modelsPage(await allModels(inbound, context), new URLSearchParams(inbound.query)));

/** `GET /v1/models/{id}`: one of them. */
export const getModel: Handler = async (inbound, context) => {
  const id = nameOfPath(inbound.path);
  const model = (await allModels(inbound, context)).find((one) => one.id === id);
  if (model) return jsonReply(200, model);
  const message = `No configured provider has a model ${id.slice(0, 200)}; GET /v1/models lists them.`;
  throw new CcpbError("invalid_request", message, { status: 404, type: "not_found_error" });
};

async function allModels({ headers }: InboundRequest, context: ServerContext): Promise<ReturnType<typeof modelsView>> {
  const { balancer, config, servedModels, transport, authorize, upstreamModels } = context;
  const listed = await upstreamModels.all({ config, transport, authorize, headers });
  return modelsView(config, { balancer, served: servedModels.names(), listed });
}
