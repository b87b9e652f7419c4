import type { TranslationWarning } from "../../conversation/context.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { invalidRequest } from "../../conversation/request/invalid-request.ts";
import { printableName, WarningList } from "../../conversation/request/warning-list.ts";
import type { ClientAnswerContext, ClientReading, RequestExtras } from "../dialect.ts";
import { type ChatField, chatRequestFields } from "./client-fields.ts";
import { readMessages } from "./client-messages.ts";
import { readSettings } from "./client-settings.ts";
import { readTools } from "./client-tools.ts";

/** Carries from the request what writing its answer needs. The caller adds the answer's id and time. */
export type ChatAnswerBasis = Omit<ClientAnswerContext, "id" | "createdAtMs">;

/** Chat Completions request, read into the form of the Messages API. */
export interface ChatReading extends ClientReading {
  /** Request of the Messages API. */
  readonly request: MessagesRequest;
  /** Members of the request that the Messages API cannot express. */
  readonly extras: RequestExtras;
  /** Warnings about each part that was left out or replaced; empty: none was. */
  readonly warnings: readonly TranslationWarning[];
  /** Facts for `toChatCompletion`, `toChatStream` and `ToChatStreamWriter`; add an `id` and `createdAtMs`. */
  readonly context: ChatAnswerBasis;
}

/**
 * Translates a Chat Completions request for the Messages API. Pure and deterministic: the request is not changed, and the same request always gives
 * the same value. `max_tokens` is absent where the client names no limit; Anthropic's own API wants one.
 *
 * @param body The parsed JSON body of `POST /v1/chat/completions`, such as an `OpenAI.ChatCompletionCreateParams`.
 * @returns The Messages request; what only OpenAI's APIs can be told (`extras`); what was left out or replaced (`warnings`); and what the writers of
 * the answer need (`context`).
 * @throws `CcpbError` `invalid_request` (status 400) whose message begins with the path of the member, such as `messages[2].content[0].type`.
 *
 * @example
 * ```ts
 * const reading = chatToMessages({ model: "claude-opus-5", messages: [{ role: "user", content: "Hi" }] });
 * const reply = await send(balancer.open({ max_tokens: 8192, ...reading.request }), transport);
 * console.log(reply.status); // 200
 * const completion = toChatCompletion(message, { ...reading.context, id: "chatcmpl-1", createdAtMs: Date.now() });
 * console.log(completion.choices.length); // 1
 * ```
 */
export function chatToMessages(body: object): ChatReading {
  if (!isObject(body)) throw invalidRequest("body", "a JSON object is required");
  const { model } = body;
  if (typeof model !== "string" || model === "") throw invalidRequest("model", "a string is required");
  const warnings = new WarningList();
  const extras = readMembers(body, warnings);
  const { system, messages } = readMessages(body["messages"], warnings);
  const { fields, customTools } = readTools(body, warnings);
  const choice = fields.tool_choice?.["type"];
  const { instruction, ...settings } = readSettings(body, choice === "any" || choice === "tool", warnings);
  const prompt = instruction === undefined ? system : [...system, { type: "text", text: instruction }];
  const request: MessagesRequest = {
    model,
    ...settings,
    ...(prompt.length > 0 && { system: prompt }),
    messages,
    ...fields,
    ...(body["stream"] === true && { stream: true }),
  };
  const options = body["stream_options"];
  const includeUsage = isObject(options) && options["include_usage"] === true;
  return {
    request,
    extras: customTools.size > 0 ? { ...extras, customTools } : extras,
    warnings: warnings.all,
    context: { model, includeUsage, request: body, customTools },
  };
}

const rows: ReadonlyMap<string, ChatField> = new Map(chatRequestFields.map((field) => [field.path, field]));

/** Does with each member of the body what its row says, apart from those that are carried. */
function readMembers(body: JsonObject, warnings: WarningList): RequestExtras {
  const extras: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(body)) {
    if (value === null || value === undefined) continue;
    const field = rows.get(key);
    if (field?.asksNothing?.(value) === true) continue;
    switch (field?.treatment) {
      case "carried":
        if (key === "user" || key === "safety_identifier") extras[key] = readExtra(key, value);
        break;
      case "extra":
        extras[key] = readExtra(key, value);
        break;
      case "refused":
        throw invalidRequest(key, `not supported here: ${field.note}`);
      case "warned":
      case "left out":
      case undefined: {
        const name = printableName(key);
        warnings.add("member_dropped", `${name} dropped`, name);
      }
    }
  }
  return extras; // each member was checked for the type that the interface gives it
}

const extraTypes: Readonly<Record<string, "number" | "boolean" | "object">> = {
  seed: "number",
  frequency_penalty: "number",
  presence_penalty: "number",
  logit_bias: "object",
  metadata: "object",
  store: "boolean",
};

function readExtra(key: string, value: unknown): unknown {
  const wanted = extraTypes[key] ?? "string";
  const isFitting = wanted === "object" ? isObject(value) : typeof value === wanted;
  if (isFitting) return value;
  throw invalidRequest(key, `${wanted === "object" ? "an object" : `a ${wanted}`} is required`);
}
