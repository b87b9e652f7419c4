import type { ScanBody } from "../bytes/scan-body.ts";
import { BedrockStreamReader } from "../dialects/messages/envelopes/bedrock-stream.ts";
import type { ProviderType } from "../base/config-types.ts";
import type { Message } from "../protocol/anthropic.ts";
import { encodeEvents } from "../sse/encode.ts";
import type { TranslationContext } from "../conversation/context.ts";
import { messageToEvents } from "../conversation/answer/message-events.ts";
import { NativeStreamReader } from "../dialects/messages/stream.ts";
import { readNativeWhole } from "../dialects/messages/whole.ts";
import type { ReplyReader } from "../dialects/reader.ts";
import { SniffingReader } from "../dialects/sniffing-reader.ts";
import { readTranslatedWhole, TranslatedStreamReader } from "../dialects/translated.ts";
import { WholeAnswerReader } from "../dialects/whole-answer.ts";

export interface ReaderOptions {
  /** Whether the client asked for a stream. */
  readonly stream: boolean;
  /** Absent: one that sends no frames of its own. */
  readonly providerType?: ProviderType;
  /** The name to put back into a native answer; undefined where mapping did not change it. */
  readonly answerModel: string | undefined;
  /** Present for a translated provider. */
  readonly translation: TranslationContext | undefined;
  readonly generateId: (prefix: string) => string;
  /** Finds the members of a whole answer. Default: core's own walk over the bytes. */
  readonly scanBody?: ScanBody | undefined;
  /** Told what proves the thinking of a native answer: a signature, or redacted data. */
  readonly onSignature?: ((proof: string) => void) | undefined;
}

/**
 * The reader for one 2xx reply. What a body is, is read off its first byte and never believed from its content type: JSON where a stream was
 * asked for, and the reverse, are accepted if they are a whole answer, and re-framed.
 */
export function createReader(options: ReaderOptions): ReplyReader {
  const { stream, translation, generateId, answerModel, onSignature, scanBody } = options;
  if (translation) {
    const ofEvents = () => new TranslatedStreamReader(translation, generateId);
    if (stream) return ofEvents();
    return new WholeAnswerReader((body) => readTranslatedWhole(body, translation, generateId), "json", ofEvents);
  }
  const readWhole = (body: Uint8Array) =>
    readNativeWhole(body, { answerModel, framing: stream ? "events" : "json", onSignature, scanBody });
  const isBedrock = options.providerType === "bedrock";
  if (!stream) {
    const ofWhole = (): ReplyReader =>
      new WholeAnswerReader(readWhole, "json", () => new NativeStreamReader({ answerModel }));
    if (!isBedrock) return ofWhole();
    return new SniffingReader({
      ofEvents: ofWhole,
      ofJson: ofWhole,
      ofFrames: () => new BedrockStreamReader(ofWhole()),
    });
  }
  const ofEvents = (): ReplyReader => new NativeStreamReader({ answerModel, onSignature });
  return new SniffingReader({
    ofEvents,
    ...(isBedrock && { ofFrames: () => new BedrockStreamReader(ofEvents()) }),
    ofJson: () => new WholeAnswerReader(readWhole, "events"),
  });
}

/** A message of our own, in the framing that the client asked for. */
export function localAnswerBytes(message: Message, stream: boolean): Uint8Array {
  return stream ? encodeEvents(messageToEvents(message)) : new TextEncoder().encode(JSON.stringify(message));
}
