import { encodeToolId } from "../../conversation/ids/tool-ids.ts";
import type { JsonObject } from "../../base/json.ts";
import type { WarningList } from "../../conversation/request/warning-list.ts";
import type { ReadCall } from "./client-calls.ts";
import type { Block } from "./client-parts.ts";
import { refusal } from "./client-refusal.ts";

interface AssistantTurn {
  readonly role: "assistant";
  readonly blocks: Block[];
  /** The id of each call, and its result once it is known. */
  readonly calls: Map<string, Block | undefined>;
  /** A result is there: what the assistant says next is another turn. */
  isAnswered: boolean;
}

interface SpokenTurn {
  readonly role: "user" | "system";
  readonly blocks: readonly Block[];
}

/**
 * Puts items into turns of the Messages API. Responses has calls and outputs in any order; Messages demands the results of all calls of a turn in the
 * message that follows it.
 */
export class ClientConversation {
  readonly #system: Block[] = [];
  readonly #turns: (AssistantTurn | SpokenTurn)[] = [];
  /** The client's id of a call → the turn that made it last, and its id there. */
  readonly #open = new Map<string, { readonly turn: AssistantTurn; readonly id: string }>();
  readonly #copies = new Map<string, number>();
  readonly #warnings: WarningList;

  constructor(warnings: WarningList) {
    this.#warnings = warnings;
  }

  /** Adds what the user, or the developer, says. Instructions before the first turn are part of the system prompt. */
  say(role: "user" | "system", blocks: readonly Block[]): void {
    if (blocks.length === 0) return;
    if (role !== "system" || this.#turns.length > 0) this.#turns.push({ role, blocks });
    else for (const block of blocks) this.#system.push(block);
  }

  /** Adds text or thinking of the assistant. */
  answer(blocks: readonly Block[]): void {
    for (const block of blocks) this.#assistant().blocks.push(block);
  }

  /** Adds a call of the assistant. */
  call({ callId, name, input }: ReadCall): void {
    const turn = this.#assistant();
    const copy = (this.#copies.get(callId) ?? 0) + 1;
    this.#copies.set(callId, copy);
    const id = encodeToolId(callId, undefined, copy);
    turn.blocks.push({ type: "tool_use", id, name, input });
    turn.calls.set(id, undefined);
    this.#open.set(callId, { turn, id });
  }

  /** Adds the output of a call. @throws `CcpbError` where the conversation has no such call. */
  result(callId: string, content: readonly Block[], isError: boolean, path: string): void {
    const open = this.#open.get(callId);
    if (open === undefined) throw refusal(path, `No tool call found for function call output with call_id ${callId}.`);
    const { turn, id } = open;
    const block = {
      type: "tool_result",
      tool_use_id: id,
      content: resultContent(content),
      ...(isError && { is_error: true }),
    };
    turn.calls.set(id, block);
    turn.isAnswered = true;
  }

  /** Returns the system prompt and the messages. */
  finish(): { readonly system: readonly Block[]; readonly messages: readonly JsonObject[] } {
    const turns = this.#turns.filter((turn) => turn.role !== "assistant" || this.#isSpoken(turn));
    const first = turns.findIndex(({ role }) => role !== "system");
    const instructions = first === -1 ? turns : turns.slice(0, first);
    const system = [...this.#system, ...instructions.flatMap(({ blocks }) => blocks)];
    // OpenAI answers instructions alone; the Messages API wants a user.
    if (first === -1)
      return { system: [], messages: system.length > 0 ? [{ role: "user", content: simple(system) }] : [] };
    const messages = turns
      .slice(first)
      .flatMap((turn): readonly JsonObject[] =>
        turn.role === "assistant" ? this.#assistantMessages(turn) : [{ role: turn.role, content: simple(turn.blocks) }],
      );
    return { system, messages };
  }

  /** Decides whether a turn of the assistant holds more than thinking, which the Messages API refuses alone. */
  #isSpoken({ blocks }: AssistantTurn): boolean {
    if (blocks.some(({ type }) => type !== "thinking" && type !== "redacted_thinking")) return true;
    this.#warnings.add("thinking_dropped", "reasoning dropped: the item that it was made for is not part of the input");
    return false;
  }

  #assistant(): AssistantTurn {
    const last = this.#turns.at(-1);
    if (last?.role === "assistant" && !last.isAnswered) return last;
    const turn: AssistantTurn = { role: "assistant", blocks: [], calls: new Map(), isAnswered: false };
    this.#turns.push(turn);
    return turn;
  }

  #assistantMessages({ blocks, calls }: AssistantTurn): readonly JsonObject[] {
    const message = { role: "assistant", content: blocks };
    if (calls.size === 0) return [message];
    const results = [...calls].map(([id, result]) => result ?? this.#missingResult(id));
    return [message, { role: "user", content: results }];
  }

  #missingResult(id: string): Block {
    this.#warnings.add("tool_output_missing", "the output of a tool call is missing; the model is told so", "input");
    return {
      type: "tool_result",
      tool_use_id: id,
      content: "The call was interrupted: there is no output.",
      is_error: true,
    };
  }
}

function resultContent(content: readonly Block[]): string | readonly Block[] {
  return content.length === 0 ? "(no output)" : simple(content);
}

/** One text is a string: shorter, and the form that every compatible vendor takes. */
function simple(blocks: readonly Block[]): string | readonly Block[] {
  const [first] = blocks;
  const isPlain = blocks.length === 1 && first?.type === "text" && first["cache_control"] === undefined;
  return isPlain && typeof first["text"] === "string" ? first["text"] : blocks;
}
