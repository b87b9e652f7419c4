import type { ChatContentPart, ChatSystemMessage, ChatUserMessage } from "../../protocol/chat.ts";
import type { AssistantTurn, ToolCallDraft } from "./assistant-turn.ts";
import { joinAll, JoinedContent } from "./message-content.ts";
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
  /**
   * Messages that came before all results were there. They go behind the results, which must follow their calls
   * directly.
   */
  readonly held: readonly SpokenMessage[];
}

interface OpenTurn {
  readonly turn: AssistantTurn[number][];
  readonly calls: HistoryCall[];
  readonly held: SpokenMessage[];
  /**
   * Waiting calls by the client's id, in the order of the turn. Searching `calls` would read all calls for each
   * result.
   */
  readonly waiting: Map<string, WaitingCalls>;
  hasResults: boolean;
}

/** The calls of one id. `next` is the index of the first without a result. */
interface WaitingCalls {
  readonly calls: HistoryCall[];
  next: number;
}

const responsesIdLimit = 64; // OpenAI refuses a longer call_id; the profile's limit is that of Chat Completions

/** Answer for a call without a result. */
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
  /** Content joined to the last entry; written into the entry when nothing more is joined. */
  #joined: JoinedContent | undefined;
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
    if (open && open.held.length === 0 && !open.hasResults) {
      this.#extend(open, turn);
      return;
    }
    this.#closeTurn();
    this.#setLastUser(undefined);
    const next: OpenTurn = { turn: [], calls: [], held: [], waiting: new Map(), hasResults: false };
    this.#extend(next, turn);
    this.#open = next;
    if (next.calls.length === 0) this.#closeTurn();
  }

  addUser(results: readonly ToolResult[], content: string | ChatContentPart[] | undefined): void {
    const orphans = results.filter((result) => !this.#answer(result));
    if (orphans.length === 0) {
      if (content !== undefined) this.#push({ role: "user", content }, this.#joinsNext);
      return;
    }
    const pieces: (string | readonly ChatContentPart[])[] = [];
    for (const orphan of orphans) {
      this.#scope.warnings.add("orphan_tool_result", "orphan tool_result", orphan.path);
      const { text, attachments } = orphanText(orphan);
      pieces.push(text);
      if (attachments.length > 0) pieces.push(attachments);
    }
    if (content !== undefined) pieces.push(content);
    this.#push({ role: "user", content: joinAll(pieces) }, this.#joinsNext);
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
    this.#setLastUser(undefined);
    return this.#entries;
  }

  /** True if nothing has been added that a model would answer. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  #push(message: SpokenMessage, joinsLast: boolean): void {
    this.#joinsNext = false;
    if (message.role === "user") this.#isEmpty = false;
    if (joinsLast && message.role === "user" && this.#lastUser) {
      this.#joined ??= new JoinedContent(this.#lastUser.content);
      this.#joined.add(message.content);
      return;
    }
    const target: (Entry | SpokenMessage)[] = this.#open?.held ?? this.#entries;
    target.push(message);
    this.#setLastUser(message.role === "user" ? message : undefined);
  }

  #setLastUser(message: ChatUserMessage | undefined): void {
    if (this.#lastUser && this.#joined) this.#lastUser.content = this.#joined.content;
    this.#joined = undefined;
    this.#lastUser = message;
  }

  #answer(result: ToolResult): boolean {
    const open = this.#open;
    const waiting = open?.waiting.get(result.clientId);
    if (!open || !waiting) return false;
    const call = waiting.calls[waiting.next];
    if (call) {
      call.result = result;
      waiting.next += 1;
      open.hasResults = true;
    } else this.#scope.warnings.add("duplicate_tool_result", "duplicate tool_result dropped", result.path);
    return true;
  }

  #extend(open: OpenTurn, turn: AssistantTurn): void {
    for (const piece of turn) {
      open.turn.push(piece);
      if (piece.type !== "call") continue;
      const { draft } = piece;
      const call: HistoryCall = { draft, id: this.#ids.claim(draft.clientId) };
      open.calls.push(call);
      const waiting = open.waiting.get(draft.clientId);
      if (waiting) waiting.calls.push(call);
      else open.waiting.set(draft.clientId, { calls: [call], next: 0 });
    }
  }

  #closeTurn(): void {
    const open = this.#open;
    this.#open = undefined;
    if (!open) return;
    // Text that was joined to the last user message must be in it before the turn that holds it is written.
    this.#setLastUser(this.#lastUser);
    for (const { draft, result } of open.calls) {
      if (!result) this.#scope.warnings.add("orphan_tool_use", "tool_use without a result", draft.path);
    }
    for (const entry of this.#render(open)) this.#entries.push(entry);
  }
}
