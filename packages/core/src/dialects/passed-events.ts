import type { TokenUsage } from "../base/events.ts";
import { isObject, parseJson } from "../base/json.ts";
import type { StreamFailure } from "../base/outcome.ts";
import type { MessageStreamEvent } from "../protocol/anthropic.ts";
import { SseDecoder } from "../sse/decode.ts";
import type { EventReader } from "./event-reader.ts";
import type { ReaderState, ReplyReader } from "./reader.ts";

const nothing: readonly MessageStreamEvent[] = [];

/** The events of a stream of the Messages API, as another reader lets them pass. */
export class PassedEvents implements EventReader {
  readonly #reader: ReplyReader;
  readonly #decoder = new SseDecoder();
  #junk: StreamFailure | undefined;
  #hasGivenOut = false;
  #isKeepAlive = false;
  /** `message_stop` was passed on: what comes behind it is no part of the answer. */
  #isOver = false;

  /** `reader` gives out Messages event streams. */
  constructor(reader: ReplyReader) {
    this.#reader = reader;
  }

  get state(): ReaderState {
    return this.#junk ? "failed" : this.#reader.state;
  }

  get failure(): StreamFailure | undefined {
    return this.#junk ?? this.#reader.failure;
  }

  get usage(): TokenUsage | undefined {
    return this.#reader.usage;
  }

  get stopReason(): string | undefined {
    return this.#reader.stopReason;
  }

  get warnings(): readonly string[] {
    return this.#reader.warnings;
  }

  get canEnd(): boolean {
    return this.#reader.canEnd;
  }

  get isKeepAlive(): boolean {
    return this.#isKeepAlive || this.#reader.isKeepAlive;
  }

  push(chunk: Uint8Array): readonly MessageStreamEvent[] {
    return this.#events(this.#reader.push(chunk));
  }

  end(): readonly MessageStreamEvent[] {
    return this.#events(this.#reader.end());
  }

  #events(bytes: Uint8Array | undefined): readonly MessageStreamEvent[] {
    this.#isKeepAlive = false;
    if (bytes === undefined || this.#junk || this.#isOver) return nothing;
    const events: MessageStreamEvent[] = [];
    for (const item of this.#decoder.push(bytes)) {
      if (item.type === "comment" || (item.type === "event" && item.data === "")) continue;
      const event = item.type === "event" ? parseJson(item.data) : undefined;
      if (!isObject(event)) {
        this.#junk = { type: "junk", detail: "an event whose data is no JSON object in UTF-8" };
        break;
      }
      const { type, message } = event;
      if (type === "message_start" && !isObject(message)) {
        this.#junk = { type: "junk", detail: "a message_start without a message" };
        break;
      }
      // The reader goes by the name on the event's line, which may say something else: only what it takes for the end is one.
      if (type === "ping" || type === "error" || (type === "message_stop" && this.#reader.state !== "complete"))
        continue;
      // The reader has looked at the events that matter; a writer leaves out what it does not know.
      events.push(event as unknown as MessageStreamEvent);
      if (type !== "message_stop") continue;
      this.#isOver = true;
      break;
    }
    this.#isKeepAlive = events.length === 0;
    // An answer that breaks in the read of its first content was seen by no client: it fails over instead.
    if (this.#junk && !this.#hasGivenOut) return nothing;
    this.#hasGivenOut ||= events.length > 0;
    return events;
  }
}
