import { createParser, type EventSourceParser, type ParseError } from "eventsource-parser";

/** One dispatched event. Several `data:` lines are joined with `\n`. */
export interface SseEvent {
  readonly type: "event";
  readonly event: string | undefined;
  readonly data: string;
  readonly id: string | undefined;
}

/** A comment line without its colon; proxies and vendors send them to keep a connection alive. */
export interface SseComment {
  readonly type: "comment";
  readonly comment: string;
}

/** A line that is no field of an event stream, such as a line of HTML or of plain JSON; cut to 4,096 characters. */
export interface SseJunk {
  readonly type: "junk";
  readonly line: string;
}

/** What a decoder yields, in the order of the wire. */
export type SseItem = SseEvent | SseComment | SseJunk;

/** Why a decoder gave up: one event is larger than `maxBufferSize`, or the bytes are no UTF-8. */
export interface SseFailure {
  readonly type: "too-large" | "invalid-utf8";
  readonly detail: string;
}

/** Bounds of a decoder. */
export interface SseDecoderOptions {
  /** Bound of one unfinished event in UTF-16 units; default 16 Mi. */
  readonly maxBufferSize?: number;
}

/** 16 Mi: what one event, or one answer that is held back, may take. */
export const defaultMaxBufferSize: number = 16 * 1024 * 1024;

const nothing: readonly SseItem[] = [];

/**
 * Bytes of an event stream in, its events out, in any split of the bytes; CR, LF and CRLF line ends, a BOM, and a last event without its blank
 * line are understood. Synchronous. After a failure, and after `end`, it gives out nothing more.
 */
export class SseDecoder {
  readonly #text = new TextDecoder("utf-8", { fatal: true });
  readonly #parser: EventSourceParser;
  #items: SseItem[] = [];
  #failure: SseFailure | undefined;
  #ended = false;

  constructor(options: SseDecoderOptions = {}) {
    const maxBufferSize = options.maxBufferSize ?? defaultMaxBufferSize;
    this.#parser = createParser({
      maxBufferSize,
      onEvent: ({ event, data, id }) => {
        this.#items.push({ type: "event", event, data, id });
      },
      onComment: (comment) => {
        this.#items.push({ type: "comment", comment });
      },
      onError: (error) => this.#onError(error),
    });
  }

  get failure(): SseFailure | undefined {
    return this.#failure;
  }

  /** The items that these bytes completed, in order. */
  push(bytes: Uint8Array): readonly SseItem[] {
    if (this.#failure !== undefined || this.#ended) return nothing;
    const text = this.#decode(bytes);
    return text === undefined || text === "" ? nothing : this.#feed(text);
  }

  /** The upstream has ended: gives out what it left without a final blank line. */
  end(): readonly SseItem[] {
    if (this.#failure !== undefined || this.#ended) return nothing;
    this.#ended = true;
    const text = this.#decode();
    // Two line feeds end any line and dispatch any event; after a pending CR the first of them only completes a CRLF.
    return text === undefined ? nothing : this.#feed(`${text}\n\n`);
  }

  #decode(bytes?: Uint8Array): string | undefined {
    try {
      return bytes === undefined ? this.#text.decode() : this.#text.decode(bytes, { stream: true });
    } catch {
      this.#failure = { type: "invalid-utf8", detail: "the event stream is not valid UTF-8" };
      return undefined;
    }
  }

  #feed(text: string): readonly SseItem[] {
    this.#parser.feed(text);
    const items = this.#items;
    if (items.length === 0) return nothing;
    this.#items = [];
    return items;
  }

  #onError(error: ParseError): void {
    switch (error.type) {
      case "max-buffer-size-exceeded":
        this.#failure = { type: "too-large", detail: error.message };
        return;
      case "unknown-field":
        this.#items.push({ type: "junk", line: (error.line ?? "").slice(0, 4_096) });
        return;
      case "invalid-retry":
        return;
    }
  }
}
