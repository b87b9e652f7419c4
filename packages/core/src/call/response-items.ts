import { BodyBytes } from "../bytes/body-bytes.ts";
import { isRawRequest, type RawRequest } from "../dialects/messages/raw-request.ts";
import { mayHold } from "../dialects/messages/thinking.ts";
import type { MessagesRequest } from "../protocol/anthropic.ts";
import { isObject, type JsonObject, parseJson, stringifyJson } from "../base/json.ts";

const maxItems = 10_000;
const maxLength = 32_000_000;
const maxItemLength = 1_000_000;

/**
 * The output items of translated answers to Responses clients that did not ask for `store: false`. Such clients may later send
 * `{"type": "item_reference", "id": …}` in place of an item, as the AI SDK does; no provider but ccpb has ever seen it. Bounded: the items that were made
 * longest ago are forgotten first. Nothing is written anywhere, and other processes do not know the items.
 */
export class ResponseItems {
  // A Map keeps insertion order: the first item is the oldest.
  readonly #items = new Map<string, string>();
  #length = 0;

  /**
   * Keeps an item; one of more than a million characters is not kept.
   *
   * @param owner - Owner of the item: only requests of the same owner can refer to it.
   */
  keep(owner: string, item: JsonObject): void {
    const text = stringifyJson(item);
    const { id } = item;
    if (typeof id !== "string" || text === undefined || text.length > maxItemLength) return;
    const key = keyOf(owner, id);
    this.#drop(key);
    this.#items.set(key, text);
    this.#length += text.length;
    while (this.#items.size > maxItems || this.#length > maxLength) {
      const { value: oldest } = this.#items.keys().next();
      if (oldest === undefined) return;
      this.#drop(oldest);
    }
  }

  /** Returns the item that `id` refers to; undefined where it is not known, or is another owner's. */
  find(owner: string, id: string): JsonObject | undefined {
    const text = this.#items.get(keyOf(owner, id));
    const item = text === undefined ? undefined : parseJson(text);
    return isObject(item) ? item : undefined;
  }

  #drop(key: string): void {
    this.#length -= this.#items.get(key)?.length ?? 0;
    this.#items.delete(key);
  }
}

function keyOf(owner: string, id: string): string {
  return `${owner}\n${id}`;
}

/**
 * Puts items that are known here in the place of references to them, so that every provider is sent the items.
 *
 * @param request - A Responses request.
 * @param owner - Owner of the request.
 * @returns `request` itself where it refers to nothing that is known.
 */
export function withItems(
  request: MessagesRequest | RawRequest,
  items: ResponseItems,
  owner: string,
): MessagesRequest | RawRequest {
  if (!isRawRequest(request)) return request;
  const bytes = new BodyBytes(request.body);
  if (!mayHold(bytes, "item_reference", 4)) return request;
  const body = parseJson(new TextDecoder().decode(bytes.whole()));
  if (!isObject(body) || !Array.isArray(body["input"])) return request;
  let hasChanged = false;
  const input = body["input"].map((entry: unknown) => {
    if (!isObject(entry) || entry["type"] !== "item_reference" || typeof entry["id"] !== "string") return entry;
    const item = items.find(owner, entry["id"]);
    hasChanged ||= item !== undefined;
    return item ?? entry;
  });
  if (!hasChanged) return request;
  // The offsets are those of the body that came.
  const { memberOffsets: _offsets, ...rest } = request;
  return { ...rest, body: new TextEncoder().encode(JSON.stringify({ ...body, input })) };
}
