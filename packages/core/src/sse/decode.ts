import { createParser, type EventSourceParser, type ParseError } from "eventsource-parser";
import { damageMark, Utf8Text } from "./utf8-text.ts";

/** One dispatched event. */
export interface SseEvent {
  /** Discriminator. */
  readonly type: "event";
  /** Name of the event; undefined without an `event:` line. */
  readonly event: string | undefined;
  /** Data; several `data:` lines are joined with `\n`. */
  readonly data: string;
  /** Content of the `id:` line; undefined without one. */
  readonly id: string | undefined;
}

/** Comment line. Proxies and vendors send comments to keep a connection alive. */
export interface SseComment {
  /** Discriminator. */
  readonly type: "comment";
  /** Text without the colon. */
  readonly comment: string;
}

/**
 * Line that is no field of an event stream, such as a line of HTML or of plain JSON. Fields of unknown names are
 * ignored instead.
 */
export interface SseJunk {
  /** Discriminator. */
  readonly type: "junk";
  /** Line, cut to 4,096 characters. */
  readonly line: string;
}

/** Event, or a line that is no field, with bytes that are not UTF-8. The events around it are not affected. */
export interface SseDamage {
  /** Discriminator. */
  readonly type: "damaged";
  /** Name of the event; undefined without an `event:` line. */
  readonly event: string | undefined;
  /** Data, with U+FFFD in place of the bytes. */
  readonly data: string;
}

/** Item that a decoder returns, in the order of the wire. */
export type SseItem = SseEvent | SseComment | SseJunk | SseDamage;

/** Reason why a decoder stopped: one event is larger than `maxBufferSize`. */
export interface SseFailure {
  /** Discriminator. */
  readonly type: "too-large";
  /** Sentence with the limit. */
  readonly detail: string;
}

/** Bounds of a decoder. */
export interface SseDecoderOptions {
  /** Bound of one unfinished event in UTF-16 units; default 16 Mi. */
  readonly maxBufferSize?: number;
}

/**
 * Default of `SseDecoderOptions.maxBufferSize`, the largest size of one event: 16 Mi characters.
 *
 * @example
 * ```ts
 * const decoder = new SseDecoder({ maxBufferSize: defaultMaxBufferSize / 16 });
 * console.log(decoder.failure); // undefined
 * ```
 */
export const defaultMaxBufferSize: number = 16 * 1024 * 1024;

const nothing: readonly SseItem[] = [];

/**
 * Decodes the bytes of an event stream into its events, however the bytes are split. It understands CR, LF and CRLF,
 * a BOM, and a last event without its blank line. It is synchronous. After a failure, and after `end`, it returns no
 * more items.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 * @example
 * ```ts
 * const decoder = new SseDecoder();
 * const bytes = new TextEncoder().encode("event: ping\ndata: {}\n\n");
 * for (const item of decoder.push(bytes)) if (item.type === "event") console.log(item.event, item.data); // ping {}
 * ```
 */
export class SseDecoder {
  readonly #text = new Utf8Text();
  readonly #parser: EventSourceParser;
  #items: SseItem[] = [];
  #failure: SseFailure | undefined;
  #ended = false;

  /**
   * @param options - `maxBufferSize`: largest size of one event; default `defaultMaxBufferSize`.
   */
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

  /** Reason why decoding stopped; undefined while it goes on. */
  get failure(): SseFailure | undefined {
    return this.#failure;
  }

  /**
   * Decodes the next bytes.
   *
   * @param bytes - chunk of the body, split anywhere.
   * @returns the items that these bytes complete, in order.
   */
  push(bytes: Uint8Array): readonly SseItem[] {
    if (this.#failure !== undefined || this.#ended) return nothing;
    const text = this.#text.push(bytes);
    return text === "" ? nothing : this.#feed(text);
  }

  /**
   * Ends the stream.
   *
   * @returns the event that stood without a final blank line, if there is one.
   */
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
 * Decides whether a line is a field of a name that the standard does not know, which a reader ignores (WHATWG HTML,
 * "Interpreting an event stream"). `error` is none of them: llama.cpp's server writes its errors under that name.
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
