import type {
  ChatAssistantMessage,
  ChatContentPart,
  ChatMessage,
  ChatSystemMessage,
  ChatTextPart,
  ChatToolCall,
  ChatUserMessage,
} from "../../protocol/chat.ts";
import type { AssistantTurn, ToolCallDraft } from "./assistant-turn.ts";
import { assistantText, joinContent } from "./message-content.ts";
import type { RequestScope } from "./request-scope.ts";
import { readThoughtSignature } from "../code/tool-ids.ts";
import { ToolCallIds } from "./tool-call-ids.ts";
import { orphanText, type ToolResult, toToolMessage } from "./tool-result.ts";

interface OpenCall {
  readonly draft: ToolCallDraft;
  readonly id: string;
  result?: ToolResult;
}

/** A turn with tool calls whose results are still coming in. */
interface OpenTurn {
  readonly message: ChatAssistantMessage;
  readonly calls: OpenCall[];
  /** What came in between: it goes behind the tool messages, for these have to follow their calls directly. */
  readonly held: (ChatSystemMessage | ChatUserMessage)[];
}

const placeholderSignature = "skip_thought_signature_validator"; // ai.google.dev, "Thought signatures": for calls that Gemini did not make

/** Puts the messages of a conversation into the order that Chat Completions wants: every call answered, once, directly behind its turn. */
export class HistoryWriter {
  readonly #scope: RequestScope;
  readonly #ids: ToolCallIds;
  readonly #messages: ChatMessage[] = [];
  #turn: OpenTurn | undefined;
  /** The next user message continues the last one. */
  #joinsNext = false;

  constructor(scope: RequestScope) {
    this.#scope = scope;
    this.#ids = new ToolCallIds(scope.profile);
  }

  addAssistant(turn: AssistantTurn): void {
    if (turn.texts.length === 0 && turn.calls.length === 0) return;
    const open = this.#turn;
    // A turn that a client sent in pieces: its results come after the last piece.
    if (open && open.held.length === 0 && open.calls.every((call) => call.result === undefined)) {
      this.#fill(open.message, turn);
      this.#openCalls(open, turn);
      return;
    }
    this.#closeTurn();
    const message: ChatAssistantMessage = { role: "assistant", content: null };
    this.#fill(message, turn);
    this.#messages.push(message);
    if (turn.calls.length > 0) {
      this.#turn = { message, calls: [], held: [] };
      this.#openCalls(this.#turn, turn);
    }
  }

  addUser(results: readonly ToolResult[], content: string | ChatContentPart[] | undefined): void {
    const orphans = results.filter((result) => !this.#answer(result));
    let whole = content;
    for (const orphan of orphans.toReversed()) {
      this.#scope.warnings.add("orphan_tool_result", "orphan tool_result", orphan.path);
      const { text, attachments } = orphanText(orphan);
      if (attachments.length > 0) whole = joinContent([...attachments], whole);
      whole = joinContent(text, whole);
    }
    if (whole !== undefined) this.#push({ role: "user", content: whole }, this.#joinsNext);
  }

  /** Text of the translator's own in the user's voice; it continues the user message before it, or with `joinsNext` begins the one after it. */
  addUserText(text: string, joinsNext: boolean): void {
    this.#push({ role: "user", content: text }, !joinsNext || this.#joinsNext);
    this.#joinsNext = joinsNext;
  }

  addSystem(message: ChatSystemMessage): void {
    this.#push(message, false);
  }

  finish(): ChatMessage[] {
    this.#closeTurn();
    return this.#messages;
  }

  /** Whether nothing that a model would answer to has been added. */
  get isEmpty(): boolean {
    return !this.#turn && this.#messages.every(({ role }) => role === "system" || role === "developer");
  }

  #push(message: ChatSystemMessage | ChatUserMessage, joinsLast: boolean): void {
    this.#joinsNext = false;
    const target: ChatMessage[] = this.#turn?.held ?? this.#messages;
    const last = target.at(-1);
    if (joinsLast && message.role === "user" && last?.role === "user") {
      last.content = joinContent(last.content, message.content);
    } else target.push(message);
  }

  #answer(result: ToolResult): boolean {
    const calls = this.#turn?.calls.filter(({ draft }) => draft.clientId === result.clientId) ?? [];
    const open = calls.find((call) => call.result === undefined);
    if (open) open.result = result;
    else if (calls.length > 0) {
      this.#scope.warnings.add("duplicate_tool_result", "duplicate tool_result dropped", result.path);
    }
    return calls.length > 0;
  }

  #fill(message: ChatAssistantMessage, turn: AssistantTurn): void {
    const text = assistantText(turn.texts);
    if (text !== undefined) {
      // An assistant's parts are all text.
      message.content =
        message.content === null ? text : (joinContent(message.content, text) as string | ChatTextPart[]);
    }
    const { reasoningHistory } = this.#scope.profile;
    const thoughts = turn.thoughts.join("\n\n");
    if (reasoningHistory === "reasoning_content") {
      message.reasoning_content = [message.reasoning_content, thoughts].filter(Boolean).join("\n\n");
    } else if (turn.details.length > 0 && reasoningHistory === "reasoning_details") {
      message.reasoning_details = [...(message.reasoning_details ?? []), ...turn.details];
    } else if (thoughts !== "" && reasoningHistory !== "drop") message.reasoning = thoughts;
  }

  #openCalls(open: OpenTurn, turn: AssistantTurn): void {
    for (const draft of turn.calls) {
      const id = this.#ids.claim(draft.clientId);
      open.calls.push({ draft, id });
      const call: ChatToolCall = {
        id,
        type: "function",
        function: { name: this.#scope.names.toUpstream(draft.name), arguments: draft.input },
      };
      const { thoughtSignatures } = this.#scope.profile;
      if (thoughtSignatures !== "drop") {
        // Of parallel calls only the first carries one.
        const missing = open.message.tool_calls === undefined ? placeholderSignature : undefined;
        const signature = readThoughtSignature(draft.clientId) ?? missing;
        if (signature !== undefined) call.extra_content = { [thoughtSignatures]: { thought_signature: signature } };
      }
      (open.message.tool_calls ??= []).push(call);
    }
  }

  #closeTurn(): void {
    const open = this.#turn;
    this.#turn = undefined;
    if (!open) return;
    const attachments: ChatContentPart[] = [];
    for (const { draft, id, result } of open.calls) {
      if (result) {
        const translated = toToolMessage(result, id, this.#scope);
        this.#messages.push(translated.message);
        attachments.push(...translated.attachments);
      } else {
        this.#scope.warnings.add("orphan_tool_use", "tool_use without a result", draft.path);
        const content = "[no result: the tool call was interrupted]";
        this.#messages.push({ role: "tool", tool_call_id: id, content });
      }
    }
    const [first, ...rest] = open.held;
    if (attachments.length > 0 && first?.role === "user") {
      this.#messages.push({ role: "user", content: joinContent(attachments, first.content) }, ...rest);
      return;
    }
    if (attachments.length > 0) this.#messages.push({ role: "user", content: attachments });
    this.#messages.push(...open.held);
  }
}
