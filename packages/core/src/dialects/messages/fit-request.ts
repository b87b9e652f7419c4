import type { JsonObject } from "../../base/json.ts";
import type { TranslationWarning } from "../../conversation/context.ts";
import { WarningList } from "../../conversation/request/warning-list.ts";
import type { MessagesRequest } from "../../protocol/anthropic.ts";
import { messagesModel } from "../../vendors/claude-models.ts";
import { calledTools, fitConversation } from "./fit-conversation.ts";
import { fitMembers, formatOf } from "./fit-members.ts";
import { fitSchemas } from "./fit-schemas.ts";

/** A request that a model takes, with what was changed for that. */
export interface FittedRequest {
  readonly request: MessagesRequest;
  readonly warnings: readonly TranslationWarning[];
}

/**
 * Fits a Messages request that was made from one of another API to a model: gives it the `max_tokens` that the Messages API demands, and takes back what older
 * and stricter models refuse. A client of the Messages API knows its model; a client of OpenAI's APIs cannot.
 *
 * @param request - As `chatToMessages` and `responsesToMessages` make it. It is not changed.
 * @param model - The upstream's name of the model.
 */
export function fitRequest(request: MessagesRequest, model: string): FittedRequest {
  const takes = messagesModel(model);
  const warnings = new WarningList();
  const source: MessagesRequest & JsonObject = { ...request };
  const schemas = takes.isClaude
    ? fitSchemas({ tools: source.tools, format: formatOf(source), compiles: takes.format }, warnings)
    : undefined;
  const format = schemas ? schemas.format : formatOf(source);
  const { members, isThinking, words, instruction } = fitMembers(source, { takes, format, warnings });
  const asked = words === undefined ? [] : [{ role: "user" as const, content: words }];
  const conversation = fitConversation([...source.messages, ...asked], { takes, isThinking, warnings });
  const { system } = source;
  const fitted: MessagesRequest & JsonObject = {
    model: source.model,
    ...members,
    ...(instruction === undefined
      ? system !== undefined && { system }
      : { system: withInstruction(system, instruction) }),
    ...(schemas?.tools && { tools: schemas.tools }),
    messages: conversation,
    ...(takes.isClaude && declaredTools(source, conversation)),
  };
  return { request: withSoundStops(fitted, warnings), warnings: warnings.all };
}

/** Claude's API wants tools where the conversation has called some: those are declared for a request without any, and none may be called. */
function declaredTools(
  { tools }: JsonObject,
  messages: MessagesRequest["messages"],
): Partial<MessagesRequest> & JsonObject {
  const called = Array.isArray(tools) && tools.length > 0 ? [] : calledTools(messages);
  if (called.length === 0) return {};
  return {
    tools: called.map((name) => ({ name, input_schema: { type: "object" } })),
    tool_choice: { type: "none" },
  };
}

/** The members that `POST /v1/messages/count_tokens` takes: it refuses all others. */
const counted: ReadonlySet<string> = new Set([
  "model",
  "messages",
  "system",
  "tools",
  "tool_choice",
  "thinking",
  "output_config",
  "cache_control",
]);

/** Returns a fitted request as a question for the number of its tokens. */
export function countedPart(request: MessagesRequest): MessagesRequest {
  return Object.fromEntries(
    Object.entries(request).filter(([name]) => counted.has(name)),
  ) as unknown as MessagesRequest; // model and messages stay
}

function withInstruction(system: MessagesRequest["system"], instruction: string): MessagesRequest["system"] {
  const blocks = typeof system === "string" ? [{ type: "text" as const, text: system }] : (system ?? []);
  return [...blocks, { type: "text", text: instruction } as (typeof blocks)[number]];
}

/** "stop_sequences: each stop sequence must contain non-whitespace" */
function withSoundStops(request: MessagesRequest & JsonObject, warnings: WarningList): MessagesRequest {
  const { stop_sequences: stops, ...rest } = request;
  if (!Array.isArray(stops)) return request;
  const sound = stops.filter((one) => typeof one !== "string" || one.trim() !== "");
  if (sound.length === stops.length) return request;
  warnings.add(
    "stop_dropped",
    "stop sequences of white space dropped: the Messages API refuses them",
    "stop_sequences",
  );
  const kept: MessagesRequest & JsonObject = sound.length === 0 ? rest : { ...rest, stop_sequences: sound };
  return kept;
}
