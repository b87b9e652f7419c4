import type { ChatContentPart, ChatSystemMessage, ChatUserMessage } from "../../protocol/chat.ts";
import type { AssistantTurn, ToolCallDraft } from "./assistant-turn.ts";
import { joinContent } from "./message-content.ts";
import type { RequestScope } from "./request-scope.ts";
import { ToolCallIds } from "./tool-call-ids.ts";
import { orphanText, type ToolResult } from "./tool-result.ts";

/** A call of the history under the upstream's id, and its result where there is one. */
export interface HistoryCall {
  readonly draft: ToolCallDraft;
  readonly id: string;
  result?: ToolResult;
}

export type SpokenMessage = ChatSystemMessage | ChatUserMessage;

/** An assistant's turn whose results are all in. */
export interface ClosedTurn {
  readonly turn: AssistantTurn;
  /** In the order of the turn. */
  readonly calls: readonly HistoryCall[];
  /** What came before its results were all there: it goes behind them, for these have to follow their calls directly. */
  readonly held: readonly SpokenMessage[];
}

interface OpenTurn {
  turn: AssistantTurn;
  readonly calls: HistoryCall[];
  readonly held: SpokenMessage[];
}

const responsesIdLimit = 64; // OpenAI refuses a longer call_id; the profile's limit is that of Chat Completions

/** What a call without a result is answered with. */
export const interruptedCall = "[no result: the tool call was interrupted]";

/**
 * Puts the messages of a conversation into the order that OpenAI's APIs want: every call answered, once, directly behind its turn. `render` writes a
 * turn with its results, and what was held behind them, in its dialect.
 */
export class HistoryWriter<Entry> {
  readonly #scope: RequestScope;
  readonly #ids: ToolCallIds;
  readonly #render: (closed: ClosedTurn) => readonly (Entry | SpokenMessage)[];
  readonly #entries: (Entry | SpokenMessage)[] = [];
  #open: OpenTurn | undefined;
  /** The last entry, if it is a user's. */
  #lastUser: ChatUserMessage | undefined;
  /** The next user message continues the last one. */
  #joinsNext = false;
  #isEmpty = true;

  constructor(scope: RequestScope, render: (closed: ClosedTurn) => readonly (Entry | SpokenMessage)[]) {
    const { dialect, profile } = scope;
    this.#scope = scope;
    this.#render = render;
    const toolIdLimit = dialect === "responses" ? responsesIdLimit : profile.toolIdLimit;
    this.#ids = new ToolCallIds({ toolIdFormat: profile.toolIdFormat, toolIdLimit });
  }

  addAssistant(turn: AssistantTurn): void {
    if (turn.every((piece) => piece.type === "thought")) return;
    this.#isEmpty = false;
    const open = this.#open;
    // A turn that a client sent in pieces: its results come after the last piece.
    if (open && open.held.length === 0 && open.calls.every((call) => call.result === undefined)) {
      open.turn = [...open.turn, ...turn];
      this.#openCalls(open, turn);
      return;
    }
    this.#closeTurn();
    this.#lastUser = undefined;
    const next: OpenTurn = { turn, calls: [], held: [] };
    this.#openCalls(next, turn);
    this.#open = next;
    if (next.calls.length === 0) this.#closeTurn();
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

  finish(): (Entry | SpokenMessage)[] {
    this.#closeTurn();
    return this.#entries;
  }

  /** Whether nothing that a model would answer to has been added. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  #push(message: SpokenMessage, joinsLast: boolean): void {
    this.#joinsNext = false;
    if (message.role === "user") this.#isEmpty = false;
    if (joinsLast && message.role === "user" && this.#lastUser) {
      this.#lastUser.content = joinContent(this.#lastUser.content, message.content);
      return;
    }
    const target: (Entry | SpokenMessage)[] = this.#open?.held ?? this.#entries;
    target.push(message);
    this.#lastUser = message.role === "user" ? message : undefined;
  }

  #answer(result: ToolResult): boolean {
    const calls = this.#open?.calls.filter(({ draft }) => draft.clientId === result.clientId) ?? [];
    const open = calls.find((call) => call.result === undefined);
    if (open) open.result = result;
    else if (calls.length > 0) {
      this.#scope.warnings.add("duplicate_tool_result", "duplicate tool_result dropped", result.path);
    }
    return calls.length > 0;
  }

  #openCalls(open: OpenTurn, turn: AssistantTurn): void {
    for (const piece of turn) {
      if (piece.type === "call") open.calls.push({ draft: piece.draft, id: this.#ids.claim(piece.draft.clientId) });
    }
  }

  #closeTurn(): void {
    const open = this.#open;
    this.#open = undefined;
    if (!open) return;
    for (const { draft, result } of open.calls) {
      if (!result) this.#scope.warnings.add("orphan_tool_use", "tool_use without a result", draft.path);
    }
    this.#entries.push(...this.#render(open));
  }
}
