import type { ScanBody } from "../bytes/scan-body.ts";
import { BedrockStreamReader } from "../dialects/messages/envelopes/bedrock-stream.ts";
import type { ProviderType } from "../base/config-types.ts";
import type { Message } from "../protocol/anthropic.ts";
import { encodeEvents } from "../sse/encode.ts";
import type { TranslationContext } from "../conversation/context.ts";
import { messageToEvents } from "../conversation/answer/message-events.ts";
import type { AnswerWatch, WriteError } from "../dialects/answer-watch.ts";
import { ChatStreamWatch } from "../dialects/chat/stream-watch.ts";
import { type ClientAnswer, ClientStreamReader, inClientDialect } from "../dialects/client-reader.ts";
import { TranslatedEvents } from "../dialects/event-reader.ts";
import { PassedEvents } from "../dialects/passed-events.ts";
import type { ProviderApi } from "../base/dialect-name.ts";
import { NativeStreamReader } from "../dialects/messages/stream.ts";
import { readNativeWhole } from "../dialects/messages/whole.ts";
import { PassThroughReader } from "../dialects/pass-through.ts";
import { isJsonBody, readPassedWhole } from "../dialects/pass-through-whole.ts";
import { defaultLimits, type ReplyReader } from "../dialects/reader.ts";
import { ResponsesStreamWatch } from "../dialects/responses/stream-watch.ts";
import { type SniffedReaders, SniffingReader } from "../dialects/sniffing-reader.ts";
import { openTranslator, readTranslatedWhole, TranslatedStreamReader } from "../dialects/translated.ts";
import { type ReadWhole, WholeAnswerReader } from "../dialects/whole-answer.ts";

export interface ReaderOptions {
  /** True if the client asked for a stream. */
  readonly stream: boolean;
  /** Absent: one that sends no frames of its own. */
  readonly providerType?: ProviderType;
  /** The API that the provider was asked in. */
  readonly dialect: ProviderApi;
  /** The model as the client named it. */
  readonly requestedModel: string;
  /** The name to put back into an answer that passes through; undefined where mapping did not change it. */
  readonly answerModel: string | undefined;
  /** Present for a translated provider. */
  readonly translation: TranslationContext | undefined;
  /** Present for a client of another API than Messages. */
  readonly client: ClientAnswer | undefined;
  readonly generateId: (prefix: string) => string;
  /** Finds the members of a whole answer. Default: core's own walk over the bytes. */
  readonly scanBody?: ScanBody | undefined;
  /** Called with the proof of the thinking of a native answer: a signature, or redacted data. */
  readonly onSignature?: ((proof: string) => void) | undefined;
  /** Called with the id of an answer of Responses that passes through: its provider holds its state. */
  readonly onResponseId?: ((id: string) => void) | undefined;
}

/**
 * Creates the reader for one 2xx reply. The first byte of a body decides what it is, never its content type. JSON where a stream was asked for, and
 * the reverse, are accepted if they are a whole answer, and re-framed.
 */
export function createReader(options: ReaderOptions): ReplyReader {
  const { client, dialect, translation } = options;
  if (client === undefined) return translation ? translatedReader(options, translation) : nativeReader(options);
  if (client.dialect.name === dialect) return passingReader(options, client);
  return crossReader(options, client);
}

function nativeReader(options: ReaderOptions): ReplyReader {
  const { stream, answerModel, onSignature, scanBody } = options;
  const readWhole = (body: Uint8Array) =>
    readNativeWhole(body, { answerModel, framing: stream ? "events" : "json", onSignature, scanBody });
  if (!stream) {
    const ofEvents = (): ReplyReader => new NativeStreamReader({ answerModel });
    return wholeOfMessages(options, () => new WholeAnswerReader(readWhole, "json", ofEvents));
  }
  return streamOfMessages(options, {
    ofEvents: () => new NativeStreamReader({ answerModel, onSignature }),
    ofJson: () => new WholeAnswerReader(readWhole, "events"),
  });
}

/** Reads what a provider of the Messages API sent for a whole answer: Bedrock may send it in frames. */
function wholeOfMessages({ providerType }: ReaderOptions, ofWhole: () => ReplyReader): ReplyReader {
  if (providerType !== "bedrock") return ofWhole();
  const ofFrames = (): ReplyReader => new BedrockStreamReader(ofWhole());
  return new SniffingReader({ ofEvents: ofWhole, ofJson: ofWhole, ofFrames });
}

/** Reads what a provider of the Messages API sent for a stream, which Bedrock sends in frames. */
function streamOfMessages(
  { providerType }: ReaderOptions,
  ways: Pick<SniffedReaders, "ofEvents" | "ofJson">,
): ReplyReader {
  const ofFrames = (): ReplyReader => new BedrockStreamReader(ways.ofEvents());
  return new SniffingReader(providerType === "bedrock" ? { ...ways, ofFrames } : ways);
}

function translatedReader({ stream, generateId }: ReaderOptions, translation: TranslationContext): ReplyReader {
  const ofEvents = () => new TranslatedStreamReader(translation, generateId);
  if (stream) return ofEvents();
  return new WholeAnswerReader((body) => readTranslatedWhole(body, translation, generateId), "json", ofEvents);
}

/** Client and provider speak the same API of OpenAI's: bytes go through, and only what comes in the other framing is read and written anew. */
function passingReader(options: ReaderOptions, client: ClientAnswer): ReplyReader {
  const { stream, answerModel, dialect, onResponseId } = options;
  const openWatch = (): AnswerWatch => {
    const writeError: WriteError = (error) => client.dialect.error(error);
    return dialect === "responses"
      ? new ResponsesStreamWatch(writeError, onResponseId)
      : new ChatStreamWatch(writeError);
  };
  // An own tool of Responses tells of its work in an event for each token of it.
  const limits = dialect === "responses" ? { ...defaultLimits, maxEvents: 20_000 } : defaultLimits;
  const ofEvents = () => new PassThroughReader(openWatch(), { answerModel, limits });
  const reframed = wholeInOtherFraming(options, client);
  const contentMember = dialect === "responses" ? "output" : "choices";
  const readWhole: ReadWhole = (body) =>
    isJsonBody(body) ? readPassedWhole(body, { watch: openWatch(), contentMember, answerModel }) : reframed(body);
  if (!stream) return new WholeAnswerReader(readWhole, "json", ofEvents);
  return new SniffingReader({ ofEvents, ofJson: () => new WholeAnswerReader(reframed, "events") });
}

/** Reads an answer in the framing that was not asked for through the neutral model. */
function wholeInOtherFraming(
  { stream, dialect, requestedModel, generateId }: ReaderOptions,
  client: ClientAnswer,
): ReadWhole {
  const translation: TranslationContext = {
    requestedModel,
    stream,
    dialect: dialect === "responses" ? "responses" : "chat",
    toolNames: new Map(),
    stopSequences: [],
    localStopSequences: [],
    thinkTags: false,
    estimatedInputTokens: 0,
  };
  const readMessage: ReadWhole = (body) => readTranslatedWhole(body, translation, generateId);
  return inClientDialect(readMessage, client, stream ? "events" : "json");
}

/** Client and provider speak different APIs, and the client's is not Messages: the answer goes through the neutral model. */
function crossReader(options: ReaderOptions, client: ClientAnswer): ReplyReader {
  const { stream, translation, generateId, requestedModel, answerModel, onSignature } = options;
  const readMessage: ReadWhole = translation
    ? (body) => readTranslatedWhole(body, translation, generateId)
    : (body) => readNativeWhole(body, { answerModel: requestedModel, framing: "json", onSignature });
  const readWhole = inClientDialect(readMessage, client, stream ? "events" : "json");
  if (translation) {
    const ofEvents = () =>
      new ClientStreamReader(new TranslatedEvents(openTranslator(translation, generateId)), client);
    return stream ? ofEvents() : new WholeAnswerReader(readWhole, "json", ofEvents);
  }
  const ofEvents = () =>
    new ClientStreamReader(new PassedEvents(new NativeStreamReader({ answerModel, onSignature })), client);
  if (!stream) return wholeOfMessages(options, () => new WholeAnswerReader(readWhole, "json", ofEvents));
  return streamOfMessages(options, { ofEvents, ofJson: () => new WholeAnswerReader(readWhole, "events") });
}

/** Returns a message of our own, in the API and the framing that the client asked for. */
export function localAnswerBytes(message: Message, stream: boolean, client: ClientAnswer | undefined): Uint8Array {
  if (client === undefined)
    return stream ? encodeEvents(messageToEvents(message)) : new TextEncoder().encode(JSON.stringify(message));
  const { dialect, context } = client;
  const text = stream
    ? dialect.openAnswer(context).push(messageToEvents(message))
    : JSON.stringify(dialect.whole(message, context));
  return new TextEncoder().encode(text);
}
