import { modelsView } from "../models-view.ts";
import type { Handler } from "../server-context.ts";
import { jsonReply } from "../server-reply.ts";

/** `GET /v1/models`: the union of what is configured, in Anthropic's list shape. */
export const getModels: Handler = (_inbound, { config }) => jsonReply(200, modelsView(config));
