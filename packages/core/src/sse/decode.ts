import { createParser, type EventSourceParser, type ParseError } from "eventsource-parser";
import { damageMark, Utf8Text } from "./utf8-text.ts";

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

/** A line that is no field of an event stream, such as a line of HTML or of plain JSON; cut to 4,096 characters. Fields of unknown names are left out. */
export interface SseJunk {
  readonly type: "junk";
  readonly line: string;
}

/** An event, or a line that is no field, with bytes that are no UTF-8; `data` has U+FFFD in their place. The events around it are not touched. */
export interface SseDamage {
  readonly type: "damaged";
  readonly event: string | undefined;
  readonly data: string;
}

/** What a decoder yields, in the order of the wire. */
export type SseItem = SseEvent | SseComment | SseJunk | SseDamage;

/** Why a decoder gave up: one event is larger than `maxBufferSize`. */
export interface SseFailure {
  readonly type: "too-large";
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
  readonly #text = new Utf8Text();
  readonly #parser: EventSourceParser;
  #items: SseItem[] = [];
  #failure: SseFailure | undefined;
  #ended = false;

  constructor(options: SseDecoderOptions = {}) {
    const maxBufferSize = options.maxBufferSize ?? defaultMaxBufferSize;
    this.#parser = createParser({
      maxBufferSize,
      onEvent: ({ event, data, id }) => {
        this.#items.push(
          data.includes(damageMark) || event?.includes(damageMark) === true
            ? { type: "damaged", event: event && withoutMarks(event), data: withoutMarks(data) }
            : { type: "event", event, data, id },
        );
      },
      onComment: (comment) => {
        this.#items.push({ type: "comment", comment: withoutMarks(comment) });
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
    const text = this.#text.push(bytes);
    return text === "" ? nothing : this.#feed(text);
  }

  /** The upstream has ended: gives out what it left without a final blank line. */
  end(): readonly SseItem[] {
    if (this.#failure !== undefined || this.#ended) return nothing;
    this.#ended = true;
    // Two line feeds end any line and dispatch any event; after a pending CR the first of them only completes a CRLF.
    return this.#feed(`${this.#text.end()}\n\n`);
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
        if (!isUnknownField(error.line ?? "")) this.#items.push(lineItem((error.line ?? "").slice(0, 4_096)));
        return;
      case "invalid-retry":
        return;
    }
  }
}

const fieldName = /^[a-z][\w.-]*(?=:|$)/i;

/**
 * Whether a line is a field of a name that the standard does not know, which a reader ignores (WHATWG HTML, "Interpreting an event stream"). `error` is
 * none of them: llama.cpp's server writes its errors under that name.
 */
function isUnknownField(line: string): boolean {
  const name = fieldName.exec(line.slice(0, 256))?.[0];
  return name !== undefined && name !== "error";
}

function lineItem(line: string): SseJunk | SseDamage {
  if (!line.includes(damageMark)) return { type: "junk", line };
  return { type: "damaged", event: undefined, data: "" };
}

function withoutMarks(text: string): string {
  return text.replaceAll(damageMark, "");
}
