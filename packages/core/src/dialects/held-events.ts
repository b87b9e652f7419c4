import type { StreamFailure } from "../base/outcome.ts";
import { HeldParts } from "../bytes/held-parts.ts";
import type { ReaderLimits } from "./reader.ts";

/** Holds whole events back until the gate opens. */
export class Prelude {
  readonly #limits: ReaderLimits;
  #events: Uint8Array[] = [];
  #count = 0;
  #bytes = 0;

  constructor(limits: ReaderLimits) {
    this.#limits = limits;
  }

  /** Adds an event; returns the failure of a stream that has no content within the limits. */
  hold(event: Uint8Array): StreamFailure | undefined {
    this.#events.push(event);
    this.#count += 1;
    this.#bytes += event.length;
    const { maxEvents, maxBytes } = this.#limits;
    if (this.#count <= maxEvents && this.#bytes <= maxBytes) return undefined;
    return { type: "too-large", detail: `no content within ${this.#count} events` };
  }

  /** Gives out what was held. */
  release(out: Uint8Array[]): void {
    for (const event of this.#events) out.push(event);
    this.#events = [];
  }

  /** Drops what was held. */
  drop(): void {
    this.#events = [];
  }
}

/** Holds the parts of an event whose end has not arrived yet. */
export class PartialEvent {
  readonly #limits: ReaderLimits;
  readonly #held = new HeldParts();
  #first: number | undefined;

  constructor(limits: ReaderLimits) {
    this.#limits = limits;
  }

  /** See `firstByte`. */
  get first(): number | undefined {
    return this.#first;
  }

  get isEmpty(): boolean {
    return this.#held.isEmpty;
  }

  get parts(): readonly Uint8Array[] {
    return this.#held.parts;
  }

  /** Adds a part; returns the failure of a stream with an event of more bytes than the limit. */
  hold(part: Uint8Array): StreamFailure | undefined {
    this.#held.push(part);
    this.#first ??= firstByte(part);
    const { maxBytes } = this.#limits;
    return this.#held.length > maxBytes
      ? { type: "too-large", detail: `one event of more than ${maxBytes} bytes` }
      : undefined;
  }

  /** Returns the event of which `tail` is the last part, as one array. Keeps the parts. */
  whole(tail: Uint8Array): Uint8Array {
    return this.#held.whole(tail);
  }

  clear(): void {
    this.#held.clear();
    this.#first = undefined;
  }
}

/** Returns the first byte that is neither white space nor of a byte order mark; undefined where there is none. */
export function firstByte(bytes: Uint8Array): number | undefined {
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    if (byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf) return byte;
  }
  return undefined;
}
