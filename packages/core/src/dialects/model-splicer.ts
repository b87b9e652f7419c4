import { type ByteRange, JsonWalkError, walkObject } from "../bytes/json-walk.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { isKey, spliceModel } from "../bytes/splice-model.ts";
import { dataLine } from "../sse/event-data.ts";
import type { ContentFrame } from "./content-frame.ts";

/** Buffer for the spliced events of one stream; a new one replaces it when it is full. */
const slabBytes = 16_384;

/** Place of the model's name in each event of a frame, by its distance from the event's beginning. */
interface NamePlace {
  readonly frame: ContentFrame;
  /** Undefined where the name has no fixed place, or stands in several. */
  readonly range: ByteRange | undefined;
  /** The name that is put in, as JSON. */
  readonly name: Uint8Array;
}

/** Run of whole events of one frame, side by side in a chunk. */
export interface FramedRun {
  readonly chunk: Uint8Array;
  /** Offsets of the events' beginnings; the first `count` of them are good. */
  readonly starts: readonly number[];
  readonly count: number;
  /** Offset behind the last event. */
  readonly end: number;
}

/** Puts the model's name into the events of one stream by splicing. One splicer a stream. */
export class ModelSplicer {
  readonly #model: string;
  readonly #holder: string | undefined;
  #place: NamePlace | undefined;
  /** Buffer for the next run: the slab, or one of its own for a large run. */
  #target = new Uint8Array();
  #slab = new Uint8Array();
  #used = 0;

  /** `holder` names the member of the event's data that has the `model`; undefined: the data itself. */
  constructor(model: string, holder: string | undefined) {
    this.#model = model;
    this.#holder = holder;
  }

  /** Returns the event with the name in it, or as it stands where it has no model. */
  splice(event: Uint8Array): Uint8Array {
    const { ranges } = this.#find(event);
    return ranges.length === 0 ? event : concatBytes(spliceModel(event, ranges, this.#model));
  }

  /** Decides whether the name has one place in all events of the frame, so that `spliceRun` may be called. */
  knows(frame: ContentFrame): boolean {
    if (this.#place?.frame !== frame) this.#place = this.#placeIn(frame);
    return this.#place.range !== undefined;
  }

  /**
   * Returns the events of a run with the name in them. Events are small and many, so that they share buffers: an allocation for each would cost more
   * than the rest of their way. Bytes that were returned are never written to again.
   */
  spliceRun({ chunk, starts, count, end }: FramedRun): Uint8Array {
    const { range, name } = this.#place as NamePlace;
    const { start, end: behind } = range as ByteRange;
    const first = starts[0] as number;
    const growth = count * (name.length - (behind - start));
    const length = end - first;
    const base = this.#reserve(length + Math.max(0, growth));
    const target = this.#target;
    // All events are copied at once, as far back as the names will need. Then what stands between the names moves ahead to its place.
    let from = base + Math.max(0, growth);
    const origin = from - first;
    target.set(length === chunk.length ? chunk : new Uint8Array(chunk.buffer, chunk.byteOffset + first, length), from);
    let at = base;
    for (let index = 0; index < count; index += 1) {
      const to = origin + (starts[index] as number) + start;
      if (at !== from) target.copyWithin(at, from, to);
      at += to - from;
      target.set(name, at);
      at += name.length;
      from = to + behind - start;
    }
    if (at !== from) target.copyWithin(at, from, origin + end);
    return new Uint8Array(target.buffer, base, length + growth);
  }

  /** Sets `#target` to a buffer, and returns the offset in it at which `length` bytes begin that were never given out. */
  #reserve(length: number): number {
    if (length > slabBytes / 4) {
      this.#target = new Uint8Array(length);
      return 0;
    }
    if (this.#slab.length - this.#used < length) {
      this.#slab = new Uint8Array(slabBytes);
      this.#used = 0;
    }
    this.#target = this.#slab;
    this.#used += length;
    return this.#used - length;
  }

  #placeIn(frame: ContentFrame): NamePlace {
    const { ranges, isWhole } = this.#find(frame.sample);
    const [range] = ranges;
    const name = new TextEncoder().encode(JSON.stringify(this.#model));
    // A sample that is no JSON from some place on may have another model behind it, which other events of the frame show.
    const isFixed = isWhole && range !== undefined && ranges.length === 1 && range.end <= frame.fixed;
    return { frame, range: isFixed ? range : undefined, name };
  }

  /** Finds the names in an event. `isWhole`: all of its data was read. */
  #find(event: Uint8Array): { readonly ranges: readonly ByteRange[]; readonly isWhole: boolean } {
    const from = event.indexOf(0x7b, dataLine(event));
    const ranges: ByteRange[] = [];
    if (from < 0) return { ranges, isWhole: true };
    try {
      walkObject(event, from, (key, value) => this.#note(event, key, value, ranges));
    } catch (error) {
      // The name is found even if the event is no JSON further on: so a broken event is renamed like the whole ones of its frame.
      if (!(error instanceof JsonWalkError)) throw error;
      return { ranges, isWhole: false };
    }
    return { ranges, isWhole: true };
  }

  #note(event: Uint8Array, key: ByteRange, value: ByteRange, ranges: ByteRange[]): void {
    if (this.#holder === undefined) {
      if (isKey(event, key, "model") && event[value.start] === 0x22) ranges.push(value);
      return;
    }
    if (!isKey(event, key, this.#holder) || event[value.start] !== 0x7b) return;
    walkObject(event, value.start, (innerKey, innerValue) => {
      if (isKey(event, innerKey, "model") && event[innerValue.start] === 0x22) ranges.push(innerValue);
    });
  }
}
