import { firstOf, isObject, type Json, objects, text } from "./json.ts";

/** What an API of OpenAI Responses insists on. */
export interface ResponsesRules {
  /** What followed the reasoning with this encrypted content when it was made: the call's id, or the message's text; undefined where it was not made here. */
  readonly followerOf: (encryptedContent: string) => string | undefined;
}

const members: ReadonlySet<string> = new Set(
  (
    "model input instructions max_output_tokens stream store include reasoning text tools tool_choice parallel_tool_calls temperature top_p " +
    "prompt_cache_key safety_identifier service_tier user metadata truncation"
  ).split(" "),
);

/** The message of the 400 with which the API refuses the request; undefined where it takes it. */
export function refuseResponses(body: unknown, rules: ResponsesRules): string | undefined {
  if (!isObject(body)) return "the body is no object";
  return firstOf(complaints(body, rules));
}

function* complaints(body: Json, rules: ResponsesRules): Generator<string> {
  for (const name of Object.keys(body)) if (!members.has(name)) yield `Unknown parameter: '${name}'.`;
  if (typeof body["max_output_tokens"] === "number" && body["max_output_tokens"] < 16)
    yield "Invalid 'max_output_tokens': integer below minimum value.";
  if (body["store"] !== false) yield "store: the test's organisation keeps nothing";
  for (const tool of objects(body["tools"])) {
    if (tool["type"] === "function" && !/^[a-zA-Z0-9_-]{1,64}$/.test(text(tool["name"])))
      yield "Invalid 'tools[0].name'";
  }
  const input = typeof body["input"] === "string" ? [] : objects(body["input"]);
  if (typeof body["input"] !== "string" && input.length === 0) yield "input: at least one item";
  yield* callComplaints(input);
  for (const [index, item] of input.entries()) {
    yield* itemComplaints(item, index);
    if (item["type"] === "reasoning") yield* reasoningComplaints(item, input[index + 1], rules);
  }
}

function* itemComplaints(item: Json, index: number): Generator<string> {
  const type = item["type"] ?? "message";
  if (!["message", "function_call", "function_call_output", "reasoning", "web_search_call"].includes(text(type))) {
    yield `Invalid value: '${text(type)}'. input[${index}].type`;
  }
  if (type !== "message") return;
  const { role, content } = item;
  if (!["user", "assistant", "system", "developer"].includes(text(role))) yield `input[${index}].role: invalid`;
  if (content === "" || (Array.isArray(content) && content.length === 0)) yield `input[${index}].content: empty`;
  for (const part of objects(content)) {
    const allowed = role === "assistant" ? ["output_text", "refusal"] : ["input_text", "input_image", "input_file"];
    if (!allowed.includes(text(part["type"])))
      yield `Invalid value: '${text(part["type"])}'. Supported values are: ${allowed.join()}`;
  }
}

function* callComplaints(input: readonly Json[]): Generator<string> {
  const calls = input.filter(({ type }) => type === "function_call").map((item) => text(item["call_id"]));
  const outputs = input.filter(({ type }) => type === "function_call_output").map((item) => text(item["call_id"]));
  for (const id of [...calls, ...outputs]) {
    if (id === "" || id.length > 64)
      yield `Invalid 'input.call_id': string too long. Expected a string with maximum length 64, but got a string with length ${id.length} instead.`;
  }
  for (const id of calls) if (!outputs.includes(id)) yield `No tool output found for function call ${id}.`;
  for (const id of outputs)
    if (!calls.includes(id)) yield `No tool call found for function call output with call_id ${id}.`;
  if (new Set(calls).size < calls.length) yield "duplicate call_id";
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
  return typeof content === "string"
    ? content
    : objects(content)
        .map((part) => text(part["text"]))
        .join("");
}
