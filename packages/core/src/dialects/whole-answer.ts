import { CcpbError } from "../base/errors.ts";
import type { TokenUsage } from "../base/events.ts";
import type { StreamFailure } from "../base/outcome.ts";
import { HeldParts } from "../bytes/held-parts.ts";
import { withoutSpace } from "../conversation/answer/body-form.ts";
import { EventLines } from "../sse/event-lines.ts";
import { eventStreamType, jsonType, type ReaderState, type ReplyReader } from "./reader.ts";

/** Kind and content of a whole body. */
export type WholeAnswer =
  | {
      readonly type: "answer";
      readonly bytes: Uint8Array;
      readonly usage?: TokenUsage;
      readonly stopReason?: string;
      readonly warnings: readonly string[];
    }
  | { readonly type: "failure"; readonly failure: StreamFailure };

/** Makes the client's answer of a whole upstream body. */
export type ReadWhole = (body: Uint8Array) => WholeAnswer;

// An answer of 128k tokens is far below; what is larger is held back from memory, not from a client that could use it.
const maxAnswerBytes = 64 * 1024 * 1024;

/**
 * Collects a body and judges it at its end: nothing goes to the client before the whole answer is known to be one. An event stream that came in
 * its place ends where its terminal event, or its error, has come: the upstream may leave the connection open.
 */
export class WholeAnswerReader implements ReplyReader {
  readonly contentType: string;
  readonly isKeepAlive: boolean = false;
  state: ReaderState = "prelude";
  failure: StreamFailure | undefined;
  usage: TokenUsage | undefined;
  stopReason: string | undefined;
  warnings: readonly string[] = [];
  readonly #readWhole: ReadWhole;
  /** Reads along where the body is an event stream; null where it is none. */
  #events: ReplyReader | null | undefined;
  readonly #ofEvents: (() => ReplyReader) | undefined;
  readonly #lines = new EventLines();
  /** Parts of the event whose end has not come. */
  readonly #begun = new HeldParts();
  readonly #body = new HeldParts();

  /** `ofEvents` makes the reader of an event stream, where such a body is known no better. */
  constructor(readWhole: ReadWhole, framing: "json" | "events", ofEvents?: () => ReplyReader) {
    this.#readWhole = readWhole;
    this.#ofEvents = ofEvents;
    this.contentType = framing === "json" ? jsonType : eventStreamType;
  }

  get canEnd(): boolean {
    return this.state === "prelude" && this.#events?.canEnd === true;
  }

  push(chunk: Uint8Array): Uint8Array | undefined {
    if (this.state !== "prelude" || chunk.length === 0) return undefined;
    const end = this.#endIn(chunk);
    const part = end === undefined ? chunk : chunk.subarray(0, end);
    this.#body.push(part);
    if (this.#body.length > maxAnswerBytes) {
      this.#fail({ type: "too-large", detail: `an answer of more than ${maxAnswerBytes} bytes` });
      return undefined;
    }
    return end === undefined ? undefined : this.end();
  }

  /**
   * Returns the offset in a chunk behind the event with which an event stream has come to its end, or to an error; undefined where it has not. Bytes
   * behind that event are no part of the answer, in whichever read it comes.
   */
  #endIn(chunk: Uint8Array): number | undefined {
    if (this.#events === undefined) {
      const first = withoutSpace(chunk)[0];
      if (first === undefined) return undefined;
      this.#events = isOfAnotherForm(first) ? null : (this.#ofEvents?.() ?? null);
      // White space in front of the first event.
      if (this.#events) for (const part of this.#body.parts) this.#readAlong(this.#events, part);
    }
    return this.#events ? this.#readAlong(this.#events, chunk) : undefined;
  }

  /** Gives a reader the events that end in a chunk, one at a time and whole, so that it cannot judge otherwise by how they are split. */
  #readAlong(reader: ReplyReader, chunk: Uint8Array): number | undefined {
    let from = 0;
    for (let event = this.#lines.next(chunk); event !== undefined; event = this.#lines.next(chunk)) {
      const { end } = event;
      reader.push(this.#begun.whole(chunk.subarray(from, end)));
      this.#begun.clear();
      if (reader.state === "complete" || reader.failure?.type === "error") return end;
      from = end;
    }
    if (from < chunk.length) this.#begun.push(chunk.subarray(from));
    return undefined;
  }

  end(): Uint8Array | undefined {
    if (this.state !== "prelude") return undefined;
    const body = this.#body.whole();
    this.#drop();
    this.#events = null;
    const answer = this.#readWhole(withoutMark(body));
    if (answer.type === "failure") {
      this.#fail(answer.failure);
      return undefined;
    }
    this.state = "complete";
    this.usage = answer.usage;
    this.stopReason = answer.stopReason;
    this.warnings = answer.warnings;
    return answer.bytes;
  }

  /** Nothing of the answer has gone out: there is nothing to keep alive. */
  keepAlive(): Uint8Array {
    return noBytes;
  }

  /** Returns no bytes, like `keepAlive`: an answer that is given out whole cannot break off. */
  breakOff(): Uint8Array {
    return noBytes;
  }

  #fail(failure: StreamFailure): void {
    this.state = "failed";
    this.failure = failure;
    this.#drop();
  }

  #drop(): void {
    this.#body.clear();
    this.#begun.clear();
  }
}

const noBytes = new Uint8Array();

/** Returns a body without the byte order mark that gateways in PHP and .NET put in front of it: JSON has none. */
function withoutMark(body: Uint8Array): Uint8Array {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
}

/** JSON or a page. */
function isOfAnotherForm(first: number): boolean {
  return first === 0x7b || first === 0x5b || first === 0x3c;
}

/** Reads the failure of the upstream's answer out of a translator's typed error; it is the error's cause. */
export function failureOf(error: unknown): StreamFailure {
  if (error instanceof CcpbError && isFailure(error.cause)) return error.cause;
  return { type: "not-an-answer", detail: "the body cannot be read" };
}

function isFailure(cause: unknown): cause is StreamFailure {
  return typeof cause === "object" && cause !== null && "type" in cause && failureTypes.has(String(cause.type));
}

const failureTypes: ReadonlySet<string> = new Set<StreamFailure["type"]>([
  "error",
  "truncated",
  "junk",
  "not-an-answer",
  "too-large",
]);
