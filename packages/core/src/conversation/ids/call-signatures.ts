import { isObject } from "../../base/json.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { encodeToolId, readToolId } from "./tool-ids.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** Returns the thought signatures that the ids of a conversation's tool calls carry, in order. */
export function callSignatures({ messages }: Pick<MessagesRequest, "messages">): readonly string[] {
  return objectsIn(messages).flatMap(({ content }) =>
    objectsIn(content).flatMap(({ type, id }) =>
      type === "tool_use" && typeof id === "string" ? (readToolId(id).signature ?? []) : [],
    ),
  );
}

/**
 * Returns the request with ids that do not carry the signatures which `isDropped` names. A call and its result keep one id.
 */
export function withoutCallSignatures(
  request: MessagesRequest,
  isDropped: (signature: string) => boolean,
): MessagesRequest {
  if (!callSignatures(request).some(isDropped)) return request;
  const bare = (id: unknown): unknown => {
    if (typeof id !== "string") return id;
    const { id: own, signature, copy } = readToolId(id);
    return signature !== undefined && isDropped(signature) ? encodeToolId(own, undefined, copy) : id;
  };
  const messages: readonly unknown[] = request.messages.map((message: unknown) => {
    if (!isObject(message) || !Array.isArray(message["content"])) return message;
    return { ...message, content: message["content"].map((block: unknown) => withBareId(block, bare)) };
  });
  return { ...request, messages: messages as MessagesRequest["messages"] }; // the client's, but for the ids
}

function withBareId(block: unknown, bare: (id: unknown) => unknown): unknown {
  if (!isObject(block)) return block;
  if (block["type"] === "tool_use") return { ...block, id: bare(block["id"]) };
  return block["type"] === "tool_result" ? { ...block, tool_use_id: bare(block["tool_use_id"]) } : block;
}

function objectsIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((one): one is JsonObject => isObject(one)) : [];
}
