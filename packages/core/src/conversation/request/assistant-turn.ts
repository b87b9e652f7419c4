import type { ChatTextPart } from "../../protocol/chat.ts";
import { digestServerBlock } from "./block-digest.ts";
import { isBlank } from "./content-parts.ts";
import { jsonText, requireContent, requireObject, requireText } from "./invalid-request.ts";
import { isObject, type JsonObject, parseJson } from "../../base/json.ts";
import type { RequestScope } from "./request-scope.ts";
import { isOwnReasoning, isSameProvider } from "../ids/provenance.ts";
import { type ReasoningOrigin, readSignature, type SignatureEnvelope } from "../ids/signature.ts";
import { checkDepth } from "./tool-schema.ts";
import { printableName } from "./warning-list.ts";

export interface ToolCallDraft {
  readonly clientId: string;
  readonly path: string;
  /** The client's. */
  readonly name: string;
  /** JSON text of an object. */
  readonly input: string;
}

/** A stretch of an assistant's text; `isDigest`: it tells what a server did. */
export interface TurnText {
  readonly type: "text";
  readonly part: ChatTextPart;
  readonly isDigest: boolean;
}

/** Thinking that may be replayed to this provider; `text` is "" where there is none that can be read. */
export interface TurnThought {
  readonly type: "thought";
  readonly text: string;
  readonly origin: ReasoningOrigin;
}

export interface TurnCall {
  readonly type: "call";
  readonly draft: ToolCallDraft;
}

/** Content of an assistant message of the history, in order. */
export type AssistantTurn = readonly (TurnText | TurnThought | TurnCall)[];

type OpenTurn = (TurnText | TurnThought | TurnCall)[];

/** Reads an assistant message; with `start` the blocks before it are passed over. */
export function readAssistantTurn(content: unknown, path: string, scope: RequestScope, start = 0): AssistantTurn {
  const turn: OpenTurn = [];
  const blocks = requireContent(content, path);
  if (typeof blocks === "string") {
    addText(turn, blocks, false);
    return turn;
  }
  for (const [index, entry] of blocks.entries()) {
    if (index >= start) readBlock(requireObject(entry, `${path}.${index}`), `${path}.${index}`, turn, scope);
  }
  return turn;
}

function readBlock(block: JsonObject, path: string, turn: OpenTurn, scope: RequestScope): void {
  switch (block["type"]) {
    case "text": {
      const part = addText(turn, requireText(block["text"], `${path}.text`), false);
      if (part) carryMark(block, part, path, scope);
      if (Array.isArray(block["citations"]) && block["citations"].length > 0)
        scope.warnings.add("citations_dropped", "citations of earlier turns dropped", `${path}.citations`);
      return;
    }
    case "tool_use":
      turn.push({ type: "call", draft: readCall(block, path) });
      return;
    case "thinking":
    case "redacted_thinking":
      readThinking(block, path, turn, scope);
      return;
    case "image":
    case "document":
      scope.warnings.add(`${block["type"]}_dropped`, `${block["type"]} dropped`, path);
      addText(turn, `[${block["type"]} omitted]`, false);
      return;
    case "compaction":
      return; // the caller has told its summary
    default: {
      const digest = digestServerBlock(block, path, scope);
      if (digest !== undefined) addText(turn, digest, true);
      else {
        const name = printableName(block["type"]);
        scope.warnings.add("unknown_block_dropped", `unknown block ${name} dropped`, path);
      }
    }
  }
}

// OpenAI takes no breakpoint in an assistant message, in neither dialect; gateways to Claude take Anthropic's mark there.
function carryMark(block: JsonObject, part: ChatTextPart, path: string, scope: RequestScope): void {
  if (scope.profile.cacheControl === "pass" && scope.dialect === "chat") scope.marks.carry(block, part, path);
}

function addText(turn: OpenTurn, text: string, isDigest: boolean): ChatTextPart | undefined {
  if (isBlank(text)) return undefined;
  const part: ChatTextPart = { type: "text", text };
  turn.push({ type: "text", part, isDigest });
  return part;
}

function readCall(block: JsonObject, path: string): ToolCallDraft {
  return {
    clientId: requireText(block["id"], `${path}.id`),
    path,
    name: requireText(block["name"], `${path}.name`),
    input: inputText(block["input"], `${path}.input`),
  };
}

/** Old histories hold texts, lists and null where the API wants an object. */
function inputText(input: unknown, path: string): string {
  if (isObject(input)) return jsonText(input, path);
  if (input === undefined || input === null || input === "") return "{}";
  if (typeof input === "string" && isObject(parseJson(input))) return input;
  return jsonText({ value: input }, path);
}

function readThinking(block: JsonObject, path: string, turn: OpenTurn, scope: RequestScope): void {
  const envelope = readSignature(block["signature"]);
  if (envelope === undefined || !isReplayed(envelope, scope)) {
    scope.warnings.add("thinking_dropped", "thinking of earlier turns dropped", path);
    return;
  }
  const { origin } = envelope;
  if (origin.kind === "rd") checkDepth(origin.details, { path: `${path}.signature`, depth: 0 }); // it comes from the client
  const text = block["thinking"];
  turn.push({ type: "thought", origin, text: typeof text === "string" && origin.kind !== "none" ? text : "" });
}

/**
 * Decides whether reasoning is sent back. Items of Responses, and content of members of its own, go back by
 * themselves; reasoning in clear, and its details, if the profile wants them. Opaque reasoning goes only to the model
 * that made it, readable text to the provider with any model.
 */
function isReplayed({ origin, ...maker }: SignatureEnvelope, { dialect, profile, provenance }: RequestScope): boolean {
  const isWanted = profile.reasoningHistory !== "drop";
  switch (origin.kind) {
    case "rc":
    case "none":
      return isWanted && isSameProvider(maker, provenance);
    case "rd":
      return isWanted && isOwnReasoning(maker, provenance);
    case "rs":
      return (isWanted || dialect === "responses") && isOwnReasoning(maker, provenance);
    case "ro":
      return (isWanted || dialect === "chat") && isOwnReasoning(maker, provenance);
  }
}
