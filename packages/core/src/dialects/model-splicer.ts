import { type ByteRange, JsonWalkError, walkObject } from "../bytes/json-walk.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { isKey, spliceModel } from "../bytes/splice-model.ts";
import { dataLine } from "../sse/event-data.ts";

/** What the spliced events of one stream are written into, until it is full. */
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

  /** `holder` names the member of the event's data that has the `model`; undefined: the data itself. */
  constructor(model: string, holder: string | undefined) {
    this.#model = model;
    this.#holder = holder;
  }

  /** Returns the event with the name in it, or as it stands where it has no model. */
  splice(event: Uint8Array): Uint8Array {
    const known = this.#known;
    if (known && startsWith(event, known.before)) return this.#join(known, event);
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

  /** Events are small and many: an allocation for each would cost more than the rest of their way. What was given out is never written to again. */
  #join({ before, after }: Beginning, event: Uint8Array): Uint8Array {
    const length = event.length - before.length + after.length;
    if (length > slabBytes / 4) return concatBytes([after, event.subarray(before.length)]);
    if (this.#slab.length - this.#used < length) {
      this.#slab = new Uint8Array(slabBytes);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += length;
    this.#slab.set(after, start);
    this.#slab.set(event.subarray(before.length), start + after.length);
    return this.#slab.subarray(start, this.#used);
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

function startsWith(bytes: Uint8Array, beginning: Uint8Array): boolean {
  if (bytes.length < beginning.length) return false;
  // The end differs first: the place of the name, behind the id of the answer.
  for (let at = beginning.length - 1; at >= 0; at -= 1) if (bytes[at] !== beginning[at]) return false;
  return true;
}
