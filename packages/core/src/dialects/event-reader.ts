import type { TokenUsage } from "../base/events.ts";
import type { StreamFailure } from "../base/outcome.ts";
import type { AnswerStream } from "../conversation/answer/answer-stream.ts";
import type { MessagesError } from "../failures/messages-error.ts";
import type { MessageStreamEvent } from "../protocol/anthropic.ts";
import { type AnswerReader, eventStreamType, type ReaderState, type ReplyReader } from "./reader.ts";

/** Reads an upstream's stream into Messages events, chunk by chunk. */
export interface EventReader extends AnswerReader {
  push(chunk: Uint8Array): readonly MessageStreamEvent[];
  end(): readonly MessageStreamEvent[];
}

/** A translator of an OpenAI dialect as a reader of events. */
export class TranslatedEvents implements EventReader {
  readonly #translator: AnswerStream;

  constructor(translator: AnswerStream) {
    this.#translator = translator;
  }

  get state(): ReaderState {
    return this.#translator.state;
  }

  get failure(): StreamFailure | undefined {
    return this.#translator.failure;
  }

  get usage(): TokenUsage | undefined {
    return this.#translator.usage;
  }

  get stopReason(): string | undefined {
    return this.#translator.stopReason;
  }

  get warnings(): readonly string[] {
    return this.#translator.warnings.map((warning) => warning.message);
  }

  get canEnd(): boolean {
    return this.#translator.hasFinishReason;
  }

  get isKeepAlive(): boolean {
    return this.#translator.sawKeepAlive;
  }

  push(chunk: Uint8Array): readonly MessageStreamEvent[] {
    return this.#translator.push(chunk);
  }

  end(): readonly MessageStreamEvent[] {
    return this.#translator.end();
  }
}

/** Gives out what a reader of events reads, as bytes of a stream. */
export abstract class WritingReader implements ReplyReader {
  readonly contentType: string = eventStreamType;
  readonly #source: EventReader;

  constructor(source: EventReader) {
    this.#source = source;
  }

  get state(): ReaderState {
    return this.#source.state;
  }

  get failure(): StreamFailure | undefined {
    return this.#source.failure;
  }

  get usage(): TokenUsage | undefined {
    return this.#source.usage;
  }

  get stopReason(): string | undefined {
    return this.#source.stopReason;
  }

  get warnings(): readonly string[] {
    return this.#source.warnings;
  }

  get canEnd(): boolean {
    return this.#source.canEnd;
  }

  get isKeepAlive(): boolean {
    return this.#source.isKeepAlive;
  }

  push(chunk: Uint8Array): Uint8Array | undefined {
    const events = this.#source.push(chunk);
    return events.length === 0 ? undefined : this.write(events);
  }

  end(): Uint8Array | undefined {
    const events = this.#source.end();
    return events.length === 0 ? undefined : this.write(events);
  }

  abstract keepAlive(): Uint8Array;
  abstract breakOff(error: MessagesError): Uint8Array;

  /** Writes events, of which there is at least one; undefined where nothing may be given out. */
  protected abstract write(events: readonly MessageStreamEvent[]): Uint8Array | undefined;
}
