import { CcpbError } from "../base/errors.ts";
import type { TokenUsage } from "../base/events.ts";
import type { MessagesError } from "../failures/messages-error.ts";
import type { StreamFailure } from "../base/outcome.ts";
import type { Message, MessageStreamEvent } from "../protocol/anthropic.ts";
import { eventStreamType, type ReaderState, type ReplyReader } from "./reader.ts";
import type { ReadWhole } from "./whole-answer.ts";
import { EventEncoder } from "../sse/encode.ts";
import { SseDecoder } from "../sse/decode.ts";
import type { AnswerStream } from "../conversation/answer/answer-stream.ts";
import { messageToEvents } from "../conversation/answer/message-events.ts";
import { isObject, parseJson } from "../base/json.ts";
import type { ClientAnswerContext, ClientAnswerWriter, ClientDialect } from "./dialect.ts";

const encoder = new TextEncoder();
const nothing: readonly MessageStreamEvent[] = [];
const malformed: StreamFailure = { type: "junk", detail: "events that make up no whole answer" };

/** An answer's way to a client that speaks another API than Messages. */
export interface ClientAnswer {
  readonly dialect: ClientDialect;
  readonly context: ClientAnswerContext;
}

/** Reads an upstream's stream into Messages events, chunk by chunk. The members mean what they mean in `ReplyReader`. */
export interface EventReader {
  readonly state: ReaderState;
  readonly failure: StreamFailure | undefined;
  readonly usage: TokenUsage | undefined;
  readonly stopReason: string | undefined;
  readonly warnings: readonly string[];
  readonly canEnd: boolean;
  readonly isKeepAlive: boolean;
  push(chunk: Uint8Array): readonly MessageStreamEvent[];
  end(): readonly MessageStreamEvent[];
}

/** Writes the events that a reader gives out in the client's dialect; one encode a chunk. */
export class ClientStreamReader implements ReplyReader {
  readonly contentType: string = eventStreamType;
  readonly #source: EventReader;
  readonly #writer: ClientAnswerWriter;
  readonly #encoder = new EventEncoder();
  #hasGivenOut = false;

  constructor(source: EventReader, { dialect, context }: ClientAnswer) {
    this.#source = source;
    this.#writer = dialect.openAnswer(context);
  }

  get state(): ReaderState {
    return this.#writer.isBroken === true ? "failed" : this.#source.state;
  }

  get failure(): StreamFailure | undefined {
    return this.#source.failure ?? (this.#writer.isBroken === true ? malformed : undefined);
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
    return this.#write(this.#source.push(chunk));
  }

  end(): Uint8Array | undefined {
    return this.#write(this.#source.end());
  }

  keepAlive(): Uint8Array {
    return encoder.encode(this.#writer.keepAlive());
  }

  breakOff(error: MessagesError): Uint8Array {
    return encoder.encode(this.#writer.fail(error));
  }

  #write(events: readonly MessageStreamEvent[]): Uint8Array | undefined {
    if (events.length === 0) return undefined;
    const text = this.#writer.push(events);
    // What breaks in the same read as its first content has been seen by no client.
    if (text === "" || (this.#writer.isBroken === true && !this.#hasGivenOut)) return undefined;
    this.#hasGivenOut = true;
    return this.#encoder.encodeText(text);
  }
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
    // What breaks in the same read as its first content has been seen by no client.
    if (this.#junk && !this.#hasGivenOut) return nothing;
    this.#hasGivenOut ||= events.length > 0;
    return events;
  }
}

/** Reads a whole body as `readMessage` does, which gives a Message as JSON, and writes it in the client's dialect and framing. */
export function inClientDialect(
  readMessage: ReadWhole,
  { dialect, context }: ClientAnswer,
  framing: "json" | "events",
): ReadWhole {
  return (body) => {
    const answer = readMessage(body);
    if (answer.type === "failure") return answer;
    const message = JSON.parse(new TextDecoder().decode(answer.bytes)) as Message; // made or checked by `readMessage`
    const text = framing === "json" ? wholeText(message, dialect, context) : streamText(message, dialect, context);
    if (text === undefined) return { type: "failure", failure: malformed };
    return { ...answer, bytes: encoder.encode(text) };
  };
}

function streamText(message: Message, dialect: ClientDialect, context: ClientAnswerContext): string | undefined {
  const writer = dialect.openAnswer(context);
  const text = writer.push(messageToEvents(message));
  return writer.isBroken === true ? undefined : text;
}

/** The text of a whole answer; undefined for a message that has no place in the dialect. */
function wholeText(message: Message, dialect: ClientDialect, context: ClientAnswerContext): string | undefined {
  try {
    return JSON.stringify(dialect.whole(message, context));
  } catch (error) {
    if (error instanceof CcpbError) return undefined;
    throw error;
  }
}
