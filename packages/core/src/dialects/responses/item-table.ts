import type { JsonObject } from "../../base/json.ts";
import type { CallItem, ResponseItem } from "./items.ts";

type ItemOf<Type extends ResponseItem["type"]> = Extract<ResponseItem, { readonly type: Type }>;

/** Place of an event or a whole item: its `output_index` and an id, as far as the vendor gives them. */
export interface ItemPlace {
  readonly index: number | undefined;
  readonly id: string;
}

/**
 * Finds the item that an event is about. By its `output_index` first: GitHub Copilot gives every event another id. Vendors without it are told by
 * the id, and those without either by what came last.
 */
export class ResponseItemTable {
  readonly #byIndex = new Map<number, ResponseItem>();
  readonly #byId = new Map<string, ResponseItem>();
  readonly #counted = new Set<ResponseItem>();
  readonly #all: ResponseItem[] = [];
  readonly #types = new Set<ResponseItem["type"]>();
  readonly #calls = new Map<string, CallItem>();
  #latest: ResponseItem | undefined;
  #latestIndex: number | undefined;

  get all(): readonly ResponseItem[] {
    return this.#all;
  }

  /** The item that a piece continues. */
  find<Type extends ResponseItem["type"]>(type: Type, place: ItemPlace): ItemOf<Type> | undefined {
    const { index } = place;
    if (index !== undefined && index === this.#latestIndex && isOf(this.#latest, type)) return this.#latest;
    const found = this.at(type, place);
    if (found) return found;
    return index === undefined && isOf(this.#latest, type) ? this.#latest : undefined;
  }

  /** The item of this type that has this place. */
  at<Type extends ResponseItem["type"]>(type: Type, { index, id }: ItemPlace): ItemOf<Type> | undefined {
    const byIndex = index === undefined ? undefined : this.#byIndex.get(index);
    if (isOf(byIndex, type)) return byIndex;
    const named = this.named(type, id);
    // Bedrock and others use ids again: one that has another index is another item.
    return index === undefined || (named !== undefined && !this.#counted.has(named)) ? named : undefined;
  }

  /** The item of this type that this id was last used for. */
  named<Type extends ResponseItem["type"]>(type: Type, id: string): ItemOf<Type> | undefined {
    const named = id === "" ? undefined : this.#byId.get(id);
    return isOf(named, type) ? named : undefined;
  }

  add(item: ResponseItem, { index, id }: ItemPlace): void {
    this.#all.push(item);
    this.#types.add(item.type);
    this.#latest = item;
    this.#latestIndex = index;
    if (index !== undefined) {
      this.#byIndex.set(index, item);
      this.#counted.add(item);
    }
    if (id !== "") this.#byId.set(id, item);
  }

  holds(type: ResponseItem["type"]): boolean {
    return this.#types.has(type);
  }

  /** The first function call with this `call_id`. */
  called(callId: string): CallItem | undefined {
    return this.#calls.get(callId);
  }

  /** Notes the `call_id` of a call, once it has one. */
  noteCall(call: CallItem): void {
    if (call.callId !== "" && !this.#calls.has(call.callId)) this.#calls.set(call.callId, call);
  }

  isCalled(item: ResponseItem, id: string): boolean {
    return this.#byId.get(id) === item;
  }

  /** Another id of an item that is known already. */
  alias(item: ResponseItem, id: string): void {
    if (id !== "") this.#byId.set(id, item);
  }
}

function isOf<Type extends ResponseItem["type"]>(item: ResponseItem | undefined, type: Type): item is ItemOf<Type> {
  return item?.type === type;
}

/** Returns the place that an event names; `id` is `item_id`. */
export function placeOf(event: JsonObject): ItemPlace {
  const { output_index: index, item_id: id } = event;
  return { index: typeof index === "number" ? index : undefined, id: typeof id === "string" ? id : "" };
}
