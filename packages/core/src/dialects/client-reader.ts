import { CcpbError } from "../base/errors.ts";
import type { MessagesError } from "../failures/messages-error.ts";
import type { StreamFailure } from "../base/outcome.ts";
import type { Message, MessageStreamEvent } from "../protocol/anthropic.ts";
import { type EventReader, WritingReader } from "./event-reader.ts";
import type { ReaderState } from "./reader.ts";
import type { ReadWhole } from "./whole-answer.ts";
import { EventEncoder } from "../sse/encode.ts";
import { messageToEvents } from "../conversation/answer/message-events.ts";
import type { ClientAnswerContext, ClientAnswerWriter, ClientDialect } from "./dialect.ts";

const encoder = new TextEncoder();
const malformed: StreamFailure = { type: "junk", detail: "events that make up no whole answer" };

/** An answer's way to a client that speaks another API than Messages. */
export interface ClientAnswer {
  readonly dialect: ClientDialect;
  readonly context: ClientAnswerContext;
}

/** Writes the events that a reader gives out in the client's dialect; one encode a chunk. */
export class ClientStreamReader extends WritingReader {
  readonly #writer: ClientAnswerWriter;
  readonly #encoder = new EventEncoder();
  #hasGivenOut = false;

  constructor(source: EventReader, { dialect, context }: ClientAnswer) {
    super(source);
    this.#writer = dialect.openAnswer(context);
  }

  override get state(): ReaderState {
    return this.#writer.isBroken === true ? "failed" : super.state;
  }

  override get failure(): StreamFailure | undefined {
    return super.failure ?? (this.#writer.isBroken === true ? malformed : undefined);
  }

  keepAlive(): Uint8Array {
    return encoder.encode(this.#writer.keepAlive());
  }

  breakOff(error: MessagesError): Uint8Array {
    return encoder.encode(this.#writer.fail(error));
  }

  protected write(events: readonly MessageStreamEvent[]): Uint8Array | undefined {
    const text = this.#writer.push(events);
    // An answer that breaks in the read of its first content was seen by no client: it fails over instead.
    if (text === "" || (this.#writer.isBroken === true && !this.#hasGivenOut)) return undefined;
    this.#hasGivenOut = true;
    return this.#encoder.encodeText(text);
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
