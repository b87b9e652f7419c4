import { isObject, parseJson, type JsonObject } from "../../base/json.ts";
import type { ToolBlock } from "../../conversation/answer/message-blocks.ts";
import { argumentsText } from "../../conversation/answer/tool-json.ts";

/** Content of one entry of `tool_calls`, whatever was left out, blank or in an unusual place. */
export interface ToolCallEntry {
  readonly index: number | undefined;
  readonly id: string;
  readonly name: string;
  readonly args: string;
  /** Gemini's signature, which must come back with the call. */
  readonly thoughtSignature: string | undefined;
}

/** Receiver of recognised tool calls. */
export interface ToolCallSink {
  addTool(): ToolBlock;
  /** The name of a call has begun to come. */
  announceTool(block: ToolBlock): void;
  /** The name of a call is whole. */
  nameTool(block: ToolBlock, call: Pick<ToolCallEntry, "id" | "name" | "thoughtSignature">): void;
  /** False where the call is closed already. */
  toolArguments(block: ToolBlock, fragment: string): boolean;
  /** Arguments came after the call was closed, and were dropped. */
  lateArguments(block: ToolBlock): void;
}

interface Slot {
  readonly block: ToolBlock;
  index: number | undefined;
  id: string;
  /** The upstream's own name, as far as it has come; the block's is the client's. */
  name: string;
  /** The name is whole: arguments have come, or another call, or the end. */
  isNamed: boolean;
  thoughtSignature: string | undefined;
  /** The delta that touched it last: two entries of one delta are never the same call. */
  round: number;
  /** Number of calls that began before it. */
  readonly ordinal: number;
}

/**
 * Finds out which call each piece belongs to. Vendors number calls from 0 or 1, all 0 or not at all; send the id once, always, never, blank,
 * or another one with every piece; and the name first, late, blank or repeated.
 */
export class ChatToolCalls {
  readonly #sink: ToolCallSink;
  readonly #offered: ReadonlySet<string> | undefined;
  readonly #slots: Slot[] = [];
  /** Of several calls with one number, or one id, the one that began last: looking for it among all calls would take quadratic time. */
  readonly #byIndex = new Map<number, Slot>();
  readonly #byId = new Map<string, Slot>();
  readonly #wholeNames = new Map<string, boolean>();
  #latest: Slot | undefined;
  #round = 0;

  /** `offered`: the names of the request's tools; undefined where they are not known. */
  constructor(offered: ReadonlySet<string> | undefined, sink: ToolCallSink) {
    this.#offered = offered;
    this.#sink = sink;
  }

  /** No more pieces come: names are whole as they are. */
  settle(): void {
    for (const slot of this.#slots) this.#nameWhole(slot);
  }

  /** Pieces of calls: the `tool_calls` of one streamed delta. */
  delta(entries: readonly unknown[], thoughtSignature?: string): void {
    this.#round += 1;
    for (const raw of entries) {
      const entry = readToolCall(raw, thoughtSignature);
      if (entry && (entry.name !== "" || entry.args !== "" || entry.id !== "")) this.#apply(this.#find(entry), entry);
    }
  }

  /** Reads whole calls: the `tool_calls` of a message. Each is a call of its own, whatever its id and index. */
  whole(entries: readonly unknown[], thoughtSignature?: string): void {
    this.#round += 1;
    let signature = thoughtSignature;
    for (const raw of entries) {
      const entry = readToolCall(raw, signature);
      if (entry === undefined || (entry.name === "" && entry.args.trim() === "" && entry.id === "")) continue;
      const slot = this.#add();
      // Arguments that are complete but broken are held back, so that they can be repaired before any of them is sent.
      if (parseJson(entry.args) === undefined) slot.block.hold();
      this.#apply(slot, entry);
      this.#nameWhole(slot);
      signature = undefined;
    }
  }

  #apply(found: Slot | undefined, entry: ToolCallEntry): void {
    const slot = found ?? this.#add();
    slot.round = this.#round;
    slot.index ??= entry.index;
    slot.thoughtSignature ??= entry.thoughtSignature;
    if (slot.id === "" && slot.name === "") slot.id = entry.id;
    this.#index(slot);
    if (slot !== this.#latest && this.#latest) this.#nameWhole(this.#latest);
    this.#latest = slot;
    const { block } = slot;
    if (entry.id !== "") block.hasIdentity = true;
    if (!slot.isNamed && entry.name !== "") {
      slot.name = joinedName(slot.name, entry.name);
      this.#sink.announceTool(block);
      if (this.#isWholeName(slot.name)) this.#nameWhole(slot);
    }
    if (entry.args === "" || isRepeat(slot, entry)) return;
    this.#nameWhole(slot);
    if (!this.#sink.toolArguments(block, entry.args) && entry.args.trim() !== "") this.#sink.lateArguments(block);
  }

  #nameWhole(slot: Slot): void {
    if (slot.isNamed || slot.name === "") return;
    slot.isNamed = true;
    const { block, id, name, thoughtSignature } = slot;
    this.#sink.nameTool(block, { id, name, thoughtSignature });
  }

  #index(slot: Slot): void {
    const { index, id, ordinal } = slot;
    if (index !== undefined && ordinal >= (this.#byIndex.get(index)?.ordinal ?? 0)) this.#byIndex.set(index, slot);
    if (id !== "" && ordinal >= (this.#byId.get(id)?.ordinal ?? 0)) this.#byId.set(id, slot);
  }

  /** A name that the request has, and that no other of its names goes on from. */
  #isWholeName(name: string): boolean {
    let isWhole = this.#wholeNames.get(name);
    if (isWhole === undefined) {
      isWhole = this.#isUnlikeOthers(name);
      if (this.#offered?.has(name) === true) this.#wholeNames.set(name, isWhole);
    }
    return isWhole;
  }

  #isUnlikeOthers(name: string): boolean {
    const offered = this.#offered;
    if (offered?.has(name) !== true) return false;
    for (const other of offered) if (other !== name && other.startsWith(name)) return false;
    return true;
  }

  #add(): Slot {
    const slot: Slot = {
      block: this.#sink.addTool(),
      index: undefined,
      id: "",
      name: "",
      isNamed: false,
      thoughtSignature: undefined,
      round: -1,
      ordinal: this.#slots.length,
    };
    this.#slots.push(slot);
    return slot;
  }

  /** The call that an entry continues, or undefined where it begins one. */
  #find(entry: ToolCallEntry): Slot | undefined {
    const { index, id, name } = entry;
    if (index !== undefined) {
      const slot = this.#byIndex.get(index);
      if (slot) return this.#continues(slot, entry) ? slot : undefined;
    }
    if (id !== "") {
      const slot = this.#byId.get(id);
      // Another number and a name: a call of its own whose id the vendor used twice.
      if (slot && (index === undefined || name === "")) return this.#continues(slot, entry) ? slot : undefined;
      return undefined;
    }
    const latest = this.#latest;
    if (latest === undefined || latest.round === this.#round) return undefined;
    // A number that was never seen begins a call, unless the piece has no name and the latest call had no number.
    if (index !== undefined && (name !== "" || latest.index !== undefined)) return undefined;
    return this.#continues(latest, entry) ? latest : undefined;
  }

  #continues(slot: Slot, entry: ToolCallEntry): boolean {
    const { block } = slot;
    // Under another name it is another call. Under another id alone it is not yet: vLLM has sent a new one with every piece.
    if (entry.name !== "" && slot.name !== "" && entry.name !== slot.name) return this.#isNamePiece(slot, entry);
    if (entry.id !== "" && slot.id !== "" && entry.id !== slot.id) {
      const { hasBegun } = block;
      return !block.isComplete && (hasBegun || entry.name === "");
    }
    if (!block.isComplete || entry.args.trim() === "" || isRepeat(slot, entry)) return true;
    return entry.name === "" && block.takes(entry.args);
  }

  /** The rest of a name, of which the call has shown nothing but the beginning. Two names that the request has both are two calls. */
  #isNamePiece(slot: Slot, { id, name }: ToolCallEntry): boolean {
    if (slot.isNamed || slot.round === this.#round || (id !== "" && id !== slot.id)) return false;
    return this.#offered === undefined || !this.#offered.has(slot.name) || !this.#offered.has(name);
  }
}

/** A name that grows: by pieces, or said again from its start. */
function joinedName(before: string, piece: string): string {
  return piece.startsWith(before) ? piece : before + piece;
}

/**
 * Decides whether whole arguments came before, because vendors repeat a call in a closing chunk. If a vendor gives no
 * ids, a name begins a call of its own (two throws of the same dice).
 */
function isRepeat({ block, id }: Slot, entry: ToolCallEntry): boolean {
  const isSame = entry.id === "" ? entry.name === "" || id !== "" : entry.id === id;
  return isSame && block.isComplete && entry.args !== "" && block.says(entry.args);
}

/** Reads one entry of `tool_calls`, or a legacy `function_call`; undefined where it is nothing of the kind. */
export function readToolCall(raw: unknown, thoughtSignature?: string): ToolCallEntry | undefined {
  if (!isObject(raw)) return undefined;
  const called: JsonObject = isObject(raw["function"]) ? raw["function"] : (customCall(raw) ?? raw);
  return {
    index: indexOf(raw["index"]),
    id: typeof raw["id"] === "string" ? raw["id"] : typeof raw["id"] === "number" ? String(raw["id"]) : "",
    name: typeof called["name"] === "string" ? called["name"] : "",
    // Servers that hand on what a model wrote have its own words for them.
    args: argumentsText(called["arguments"] ?? called["parameters"] ?? called["input"]),
    thoughtSignature: readThoughtSignature(raw) ?? thoughtSignature,
  };
}

function indexOf(index: unknown): number | undefined {
  if (typeof index === "string" && /^\d{1,9}$/.test(index)) return Number(index);
  return typeof index === "number" ? index : undefined;
}

/** A call of an OpenAI custom tool, whose input is text. ccpb sends none, but answers that others asked for can hold them. */
function customCall(raw: JsonObject): JsonObject | undefined {
  const { custom } = raw;
  if (!isObject(custom) || custom["name"] === "") return undefined;
  return { name: custom["name"], arguments: { input: custom["input"] } };
}

/**
 * Gemini's `extra_content.google.thought_signature`, of a tool call or of a whole message. Vertex AI calls the member `vertex` (earendil-works/pi#6733),
 * and gateways call it otherwise: whichever holds a signature is read.
 */
export function readThoughtSignature(holder: JsonObject): string | undefined {
  const extra = holder["extra_content"];
  const makers = isObject(extra) ? Object.values(extra).filter((maker) => isObject(maker)) : [];
  const signatures = [...makers.map((maker) => maker["thought_signature"]), holder["thought_signature"]];
  return signatures.find((signature): signature is string => typeof signature === "string" && signature !== "");
}
