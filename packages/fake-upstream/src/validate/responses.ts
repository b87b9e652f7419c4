import { responsesRefusal } from "./responses-check.ts";
import { firstOf, isObject, type Json, objects, text } from "./json.ts";

/** Knowledge of an API of OpenAI Responses about the reasoning that it encrypted. */
export interface ResponsesRules {
  /** Returns the follower of the reasoning with this encrypted content: the id of a call, or the text of a message; undefined if this API did not make it. */
  readonly followerOf: (encryptedContent: string) => string | undefined;
}

/** Returns the message of the 400 with which the API refuses the request, for its form or for its reasoning; undefined where it takes it. */
export function refuseResponses(body: unknown, rules: ResponsesRules): string | undefined {
  const refusal = responsesRefusal(body);
  if (refusal || !isObject(body)) return refusal?.message;
  return firstOf(complaints(objects(body["input"]), rules));
}

function* complaints(input: readonly Json[], rules: ResponsesRules): Generator<string> {
  const ids = input.filter(({ type }) => type === "function_call").map((item) => item["call_id"]);
  if (new Set(ids).size < ids.length) yield "Duplicate function call ids.";
  for (const [index, item] of input.entries()) {
    if (Array.isArray(item["content"]) && item["content"].length === 0) yield `input[${index}].content: empty`;
    if (item["type"] === "reasoning") yield* reasoningComplaints(item, input[index + 1], rules);
  }
}

function* reasoningComplaints(item: Json, next: Json | undefined, rules: ResponsesRules): Generator<string> {
  const id = text(item["id"]);
  const follower = rules.followerOf(text(item["encrypted_content"]));
  if (follower === undefined) {
    yield `The encrypted content for item ${id} could not be verified.`;
    return;
  }
  const isFollowed = next?.["type"] === "function_call" ? next["call_id"] === follower : spoken(next) === follower;
  if (!isFollowed) yield `Item '${id}' of type 'reasoning' was provided without its required following item.`;
}

function spoken(item: Json | undefined): string | undefined {
  if (item === undefined || (item["type"] ?? "message") !== "message") return undefined;
  const { content } = item;
  if (typeof content === "string") return content;
  return objects(content)
    .map((part) => text(part["text"]))
    .join("");
}
