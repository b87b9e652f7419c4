import { isObject } from "../base/json.ts";
import { opaqueMembers, placeholderSignature } from "../conversation/ids/signature.ts";
import type { RefusedRequest } from "./refusal-types.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** Returns the objects of a list; none where it is no list. */
export function objectsIn(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter((one): one is JsonObject => isObject(one)) : [];
}

/** Returns the messages or input items that were sent. */
export function turnsOf({ dialect, body }: RefusedRequest): readonly JsonObject[] {
  return objectsIn(body[dialect === "responses" ? "input" : "messages"]);
}

/** Returns the parts of all contents, those inside tool results too. */
export function partsOf(request: RefusedRequest): readonly JsonObject[] {
  return turnsOf(request).flatMap(({ content, output }) =>
    [...objectsIn(content), ...objectsIn(output)].flatMap((part) => [part, ...objectsIn(part["content"])]),
  );
}

/** Decides whether a part of one of these types was sent. */
export function holdsPart(request: RefusedRequest, types: readonly string[]): boolean {
  return partsOf(request).some(({ type }) => types.includes(String(type)));
}

/** A tool that was sent, with what both dialects and Anthropic's form call otherwise. */
export interface SentTool {
  readonly tool: JsonObject;
  readonly schema: JsonObject | undefined;
  readonly strict: unknown;
}

/** Returns the function tools that were sent. */
export function toolsOf({ dialect, body }: RefusedRequest): readonly SentTool[] {
  return objectsIn(body["tools"]).flatMap((tool): SentTool[] => {
    const inner = dialect === "chat" ? tool["function"] : tool;
    if (!isObject(inner)) return [];
    const schema = inner[dialect === "messages" ? "input_schema" : "parameters"];
    return [{ tool, schema: isObject(schema) ? schema : undefined, strict: inner["strict"] }];
  });
}

/** Returns the demanded output format that was sent. */
export function formatOf({ body }: RefusedRequest): JsonObject | undefined {
  const text = body["text"];
  const format = body["response_format"] ?? (isObject(text) ? text["format"] : undefined);
  return isObject(format) ? format : undefined;
}

/** Returns every schema that was sent: of the tools, and of the output format. */
export function schemasOf(request: RefusedRequest): readonly JsonObject[] {
  const format = formatOf(request);
  const inner = format && (isObject(format["json_schema"]) ? format["json_schema"]["schema"] : format["schema"]);
  return [...toolsOf(request).map(({ schema }) => schema), inner].filter((schema): schema is JsonObject =>
    isObject(schema),
  );
}

/** Returns the effort that was asked for. */
export function effortOf({ body }: RefusedRequest): string | undefined {
  const { reasoning, output_config: config } = body;
  const effort =
    body["reasoning_effort"] ??
    (isObject(reasoning) ? reasoning["effort"] : undefined) ??
    (isObject(config) ? config["effort"] : undefined);
  return typeof effort === "string" ? effort : undefined;
}

/** Decides whether the request tells the model not to think. */
export function isThinkingOff(request: RefusedRequest): boolean {
  const { thinking, enable_thinking: isEnabled, reasoning } = request.body;
  return (
    (isObject(thinking) && thinking["type"] === "disabled") ||
    isEnabled === false ||
    (isObject(reasoning) && reasoning["enabled"] === false) ||
    effortOf(request) === "none"
  );
}

/**
 * Decides whether a request over Chat Completions gives back reasoning that only its maker can read: signatures,
 * encrypted texts and their containers.
 */
export function holdsOpaqueReasoning(request: RefusedRequest): boolean {
  return request.dialect === "chat" && turnsOf(request).some(isOpaqueTurn);
}

function isOpaqueTurn(turn: JsonObject): boolean {
  if (opaqueMembers.some((member) => isFilled(turn[member]))) return true;
  if (objectsIn(turn["reasoning_details"]).some(({ data, signature }) => isFilled(data) || isFilled(signature)))
    return true;
  return objectsIn(turn["tool_calls"]).some(({ extra_content: extra }) =>
    Object.values(isObject(extra) ? extra : {}).some(
      (holder) => isObject(holder) && isFilled(holder["thought_signature"]),
    ),
  );
}

function isFilled(value: unknown): boolean {
  return typeof value === "string" && value !== "" && value !== placeholderSignature;
}

/** The members with which a request asks for thinking. */
export const thinkingMembers: readonly string[] = [
  "reasoning_effort",
  "reasoning",
  "thinking",
  "enable_thinking",
  "thinking_budget",
];

/** Decides whether a word stands in a text as a name of its own, not inside a longer one. */
export function namesWord(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (!isWordCharacter(text.charAt(at - 1)) && !isWordCharacter(text.charAt(at + word.length))) return true;
  }
  return false;
}

function isWordCharacter(character: string): boolean {
  return character !== "" && /[\w$]/.test(character);
}
