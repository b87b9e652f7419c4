import type { MessagesError } from "../failures/messages-error.ts";
import type { TokenUsage } from "../base/events.ts";
import type { StreamFailure } from "../base/outcome.ts";
import { concatBytes } from "../bytes/concat-bytes.ts";
import { withoutSpace } from "../conversation/answer/body-form.ts";
import { eventStreamType, type ReaderState, type ReplyReader } from "./reader.ts";

const OPEN_OBJECT = 0x7b;
const OPEN_ARRAY = 0x5b;

/** Makes the reader of each form. */
export interface SniffedReaders {
  ofEvents(): ReplyReader;
  ofJson(): ReplyReader;
  /** Of an AWS event stream, whose first byte is 0: that of the length of its first message. Absent: the provider has none. */
  ofFrames?(): ReplyReader;
}

/** Chooses between stream readers and a whole-body one by the first byte of the body behind white space and a byte order mark, then is that reader. */
export class SniffingReader implements ReplyReader {
  #ways: SniffedReaders | undefined;
  /** The chunks so far. */
  #leading: Uint8Array[] = [];
  /** Number of bytes of white space, or of a byte order mark, in front of anything else. */
  #leadingBytes = 0;
  #chosen: ReplyReader | undefined;

  constructor(ways: SniffedReaders) {
    this.#ways = ways;
  }

  get state(): ReaderState {
    return this.#chosen?.state ?? "prelude";
  }

  get failure(): StreamFailure | undefined {
    return this.#chosen?.failure;
  }

  get usage(): TokenUsage | undefined {
    return this.#chosen?.usage;
  }

  get stopReason(): string | undefined {
    return this.#chosen?.stopReason;
  }

  get warnings(): readonly string[] {
    return this.#chosen?.warnings ?? [];
  }

  get isKeepAlive(): boolean {
    return this.#chosen?.isKeepAlive ?? false;
  }

  get canEnd(): boolean {
    return this.#chosen?.canEnd ?? false;
  }

  get contentType(): string {
    return this.#chosen?.contentType ?? eventStreamType;
  }

  push(chunk: Uint8Array): Uint8Array | undefined {
    if (this.#chosen) return this.#chosen.push(chunk);
    const rest = withoutSpace(chunk);
    this.#leading.push(chunk);
    this.#leadingBytes += chunk.length - rest.length;
    // White space alone is held; more of it than fits into a packet belongs to no answer, and the event reader will say so.
    const isEndless = this.#leadingBytes >= 65_536;
    if (rest.length === 0 && !isEndless) return undefined;
    const bytes = concatBytes(this.#leading);
    return this.#choose(isEndless ? undefined : rest[0]).push(bytes);
  }

  end(): Uint8Array | undefined {
    return (this.#chosen ?? this.#choose(undefined)).end();
  }

  keepAlive(): Uint8Array {
    return (this.#chosen ?? this.#choose(undefined)).keepAlive();
  }

  breakOff(error: MessagesError): Uint8Array {
    return (this.#chosen ?? this.#choose(undefined)).breakOff(error);
  }

  #choose(first: number | undefined): ReplyReader {
    const ways = this.#ways as SniffedReaders;
    this.#ways = undefined;
    this.#leading = [];
    if (first === OPEN_OBJECT || first === OPEN_ARRAY) this.#chosen = ways.ofJson();
    else this.#chosen = (first === 0 ? ways.ofFrames?.() : undefined) ?? ways.ofEvents();
    return this.#chosen;
  }
}
