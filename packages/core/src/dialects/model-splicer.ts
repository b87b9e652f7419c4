import { type ByteRange, JsonWalkError, walkObject } from "../bytes/json-walk.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { isKey, spliceModel } from "../bytes/splice-model.ts";
import { dataLine } from "../sse/event-data.ts";
import type { EventPlace } from "./answer-watch.ts";

/** Buffer for the spliced events of one stream; a new one replaces it when it is full. */
const slabBytes = 16_384;

/** The beginning of an event up to the end of its model's name, before and after the name was put in. */
interface Beginning {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/**
 * Puts the model's name into the events of one stream by splicing. The events of a stream begin alike, so that the beginning of the one before is tried
 * first. One splicer a stream.
 */
export class ModelSplicer {
  readonly #model: string;
  readonly #holder: string | undefined;
  #known: Beginning | undefined;
  #slab = new Uint8Array();
  #used = 0;
  /** Offset at which the run begins that has not been taken. */
  #given = 0;

  /** `holder` names the member of the event's data that has the `model`; undefined: the data itself. */
  constructor(model: string, holder: string | undefined) {
    this.#model = model;
    this.#holder = holder;
  }

  /** Returns the event with the name in it, or as it stands where it has no model. */
  splice(event: Uint8Array): Uint8Array {
    if (this.append({ chunk: event, from: 0, end: event.length })) return this.takeRun() ?? event;
    const ranges = this.#find(event);
    const [only] = ranges;
    if (only === undefined) return event;
    const spliced = concatBytes(spliceModel(event, ranges, this.#model));
    if (ranges.length === 1 && this.#holder === undefined) {
      const end = spliced.length - (event.length - only.end);
      this.#known = { before: event.slice(0, only.end), after: spliced.subarray(0, end) };
    }
    return spliced;
  }

  /**
   * Splices an event that begins as the one before, and adds it to the run that `takeRun` returns. False, and nothing done, where it does not begin so, or
   * has no room in the run. Events are small and many: an allocation for each would cost more than the rest of their way.
   */
  append({ chunk, from, end }: EventPlace): boolean {
    const known = this.#known;
    if (known === undefined || !startsWith(chunk, { from, end, beginning: known.before })) return false;
    const { before, after } = known;
    const rest = from + before.length;
    const length = after.length + end - rest;
    if (this.#slab.length - this.#used < length && !this.#renew(length)) return false;
    this.#slab.set(after, this.#used);
    this.#slab.set(chunk.subarray(rest, end), this.#used + after.length);
    this.#used += length;
    return true;
  }

  /** Returns the bytes that were added since the last call; undefined where there are none. What was given out is never written to again. */
  takeRun(): Uint8Array | undefined {
    if (this.#used === this.#given) return undefined;
    const run = this.#slab.subarray(this.#given, this.#used);
    this.#given = this.#used;
    return run;
  }

  /** Begins a new slab, unless a run is waiting in the old one; false also for an event that is too large for sharing one. */
  #renew(length: number): boolean {
    if (length > slabBytes / 4 || this.#used > this.#given) return false;
    this.#slab = new Uint8Array(slabBytes);
    this.#used = 0;
    this.#given = 0;
    return true;
  }

  #find(event: Uint8Array): ByteRange[] {
    const from = event.indexOf(0x7b, dataLine(event));
    const ranges: ByteRange[] = [];
    if (from < 0) return ranges;
    try {
      walkObject(event, from, (key, value) => this.#note(event, key, value, ranges));
    } catch (error) {
      if (!(error instanceof JsonWalkError)) throw error;
      return []; // data of several lines, or none that is JSON: the client gets it as it stands
    }
    return ranges;
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

interface BeginningPlace {
  readonly from: number;
  readonly end: number;
  readonly beginning: Uint8Array;
}

function startsWith(bytes: Uint8Array, { from, end, beginning }: BeginningPlace): boolean {
  if (end - from < beginning.length) return false;
  // The end differs first: the place of the name, behind the id of the answer.
  for (let at = beginning.length - 1; at >= 0; at -= 1) if (bytes[from + at] !== beginning[at]) return false;
  return true;
}
