import { CcpbError } from "@ccpb/core";
import { modelsPage, modelsView, nameOfPath } from "../views/models-view.ts";
import type { Handler } from "./server-context.ts";
import { jsonReply } from "../http/server-reply.ts";

/** `GET /v1/models`: what is configured and what was served, in a list that clients of Anthropic's and of OpenAI's API can read; `limit`, `after_id` and `before_id` as
 * Anthropic has them. */
export const getModels: Handler = ({ query }, { config, servedModels }) =>
  jsonReply(200, modelsPage(modelsView(config, servedModels.names()), new URLSearchParams(query)));

/** `GET /v1/models/{id}`: one of them. */
export const getModel: Handler = ({ path }, { config, servedModels }) => {
  const id = nameOfPath(path);
  const model = modelsView(config, servedModels.names()).find((one) => one.id === id);
  if (model) return jsonReply(200, model);
  const message = `No configured provider has a model ${id.slice(0, 200)}; GET /v1/models lists them.`;
  throw new CcpbError("invalid_request", message, { status: 404, type: "not_found_error" });
};
