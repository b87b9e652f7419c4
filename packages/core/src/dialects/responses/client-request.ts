import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import { printableName, WarningList } from "../../conversation/request/warning-list.ts";
import type { ClientAnswerContext, ClientReading, RequestExtras } from "../dialect.ts";
import { ClientConversation } from "./client-conversation.ts";
import { includeFields, requestFields } from "./client-fields.ts";
import { readInput } from "./client-input.ts";
import { readReasoningWish, readTextFormat, readSampling } from "./client-parameters.ts";
import { listAt, numberAt, refusal, textAt } from "./client-refusal.ts";
import { selectTools } from "./client-tool-choice.ts";
import { ClientTools } from "./client-tools.ts";

/**
 * Facts about the request that the writers of a Responses answer need; the caller adds the id and the time of the
 * answer.
 */
export type ResponsesAnswerBasis = Omit<ClientAnswerContext, "id" | "createdAtMs">;

/** A Responses request as the Messages API says it. */
export interface ResponsesReading extends ClientReading {
  /** For `toResponse`, `toResponsesStream` and `ToResponsesStreamWriter`, together with an `id` (`resp_…`) and `createdAtMs`. */
  readonly context: ResponsesAnswerBasis;
}

/**
 * Reads a request of the Responses API into a Messages request. Pure: nothing of `body` is changed or kept, except schemas.
 *
 * @param body A parsed body of `POST /v1/responses`, such as an `OpenAI.Responses.ResponseCreateParams`.
 * @returns The request without `max_tokens` where the client set no limit; `extras` for providers of OpenAI's family; a warning for each thing that was
 * left out.
 * @throws `CcpbError` `invalid_request` (400) whose message begins with the path of the member, such as `input[2].content[0].type`, where the answer
 * would be wrong without it.
 *
 * @example
 * ```ts
 * const reading = responsesToMessages({ model: "claude-opus-5", input: "Hi" });
 * const reply = await send(balancer.open({ max_tokens: 8192, ...reading.request }), transport);
 * console.log(reply.status); // 200
 * const response = toResponse(message, { ...reading.context, id: "resp_1", createdAtMs: Date.now() });
 * console.log(response["object"]); // response
 * ```
 */
export function responsesToMessages(body: object): ResponsesReading {
  if (!isObject(body)) throw refusal("body", "a JSON object is required");
  const warnings = new WarningList();
  checkMembers(body, warnings);
  const model = textAt(body["model"], "model");
  const { input, instructions } = body;
  if (input === undefined || input === null) throw refusal("input", "a string or an array of items is required");
  const conversation = new ClientConversation(warnings);
  const tools = new ClientTools(warnings, numberAt(body, "max_tool_calls"));
  tools.add(body["tools"], "tools");
  readInput(input, { conversation, tools, warnings });
  const { system, messages } = conversation.finish();
  if (messages.length === 0) throw refusal("input", "at least one message with content is required");
  const format = readTextFormat(body["text"], warnings);
  const { tools: sent, choice } = selectTools(body, tools.tools, warnings);
  const isForced = choice?.["type"] === "any" || choice?.["type"] === "tool";
  const thinking = readReasoningWish(body["reasoning"], isForced, warnings);
  const user = endUser(body);
  const texts = [instructions, format.instruction].filter((text) => typeof text === "string" && text.trim() !== "");
  const prompt = [...texts.map((text) => ({ type: "text", text })), ...system];
  const config = { ...thinking.outputConfig, ...format.outputConfig };

  const request: MessagesRequest & JsonObject = {
    model,
    ...maxTokens(body),
    ...(prompt.length > 0 && { system: prompt }),
    messages: messages as unknown as MessagesRequest["messages"],
    ...readSampling(body, thinking.isAsked, warnings),
    ...(body["stream"] === true && { stream: true }),
    ...(sent.length > 0 && { tools: sent }),
    ...(choice && { tool_choice: choice }),
    ...(thinking.thinking && { thinking: thinking.thinking }),
    ...(Object.keys(config).length > 0 && { output_config: config }),
    ...(user !== undefined && { metadata: { user_id: user } }),
  };
  const context = { model, includeUsage: false, request: body, customTools: tools.custom };
  return { request, extras: readExtras(body, tools.custom), warnings: warnings.all, context };
}

/** Warns about members that are left out, and refuses those without which the answer would be wrong. */
function checkMembers(body: JsonObject, warnings: WarningList): void {
  for (const [name, value] of Object.entries(body)) {
    const field = requestFields[name];
    if (field === undefined) warnings.add("member_dropped", `${printableName(name)} dropped: it is not known`, name);
    else if (isUnset(value)) continue;
    else if (field.fate === "refused") throw refusal(name, field.how);
    else if (field.fate === "warned") warnings.add("member_dropped", `${name} dropped: ${field.how}`, name);
  }
  for (const [index, value] of listAt(body["include"], "include").entries()) {
    const field = typeof value === "string" ? includeFields[value] : undefined;
    if (field?.fate === "refused") throw refusal(`include[${index}]`, field.how);
    if (field === undefined || field.fate === "warned") {
      warnings.add("include_dropped", `include ${printableName(value)} dropped`, `include[${index}]`);
    }
  }
  if (body["store"] === true)
    warnings.add("store_dropped", "the response is not stored; send the whole conversation each time", "store");
}

/** Decides whether a member has the value that the API uses without it. */
function isUnset(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === false ||
    value === 0 ||
    (Array.isArray(value) && value.length === 0)
  );
}

function maxTokens(body: JsonObject): { readonly max_tokens?: number } {
  const limit = numberAt(body, "max_output_tokens");
  if (limit === undefined) return {};
  if (!Number.isInteger(limit) || limit < 1)
    throw refusal("max_output_tokens", "a whole number of at least 1 is required");
  return { max_tokens: limit };
}

function endUser(body: JsonObject): string | undefined {
  const { safety_identifier: safety, user } = body;
  if (typeof safety === "string" && safety !== "") return safety;
  return typeof user === "string" && user !== "" ? user : undefined;
}

const textExtras = [
  "service_tier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "safety_identifier",
  "user",
  "truncation",
] as const;

function readExtras(body: JsonObject, customTools: ReadonlyMap<string, JsonObject>): RequestExtras {
  const { text, reasoning, metadata, store, include } = body;
  const verbosity = isObject(text) ? text["verbosity"] : undefined;
  const summary = isObject(reasoning) ? (reasoning["summary"] ?? reasoning["generate_summary"]) : undefined;
  const presence = numberAt(body, "presence_penalty");
  const frequency = numberAt(body, "frequency_penalty");
  const included = Array.isArray(include) ? include.filter((one) => typeof one === "string") : [];
  const texts = textExtras.flatMap((name): [string, unknown][] =>
    typeof body[name] === "string" ? [[name, body[name]]] : [],
  );
  return {
    ...Object.fromEntries(texts),
    ...(typeof verbosity === "string" && { verbosity }),
    ...(typeof summary === "string" && { reasoning_summary: summary }),
    ...(presence !== undefined && { presence_penalty: presence }),
    ...(frequency !== undefined && { frequency_penalty: frequency }),
    ...(isObject(metadata) && { metadata: textMembers(metadata) }),
    ...(typeof store === "boolean" && { store }),
    ...(included.length > 0 && { include: included }),
    ...(customTools.size > 0 && { customTools }),
  };
}

function textMembers(source: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(source).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])),
  );
}
