import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import type { Answer, AnswerContext } from "./answer.ts";
import { bedrockException, bedrockFrame } from "./aws-event-stream.ts";
import { anthropicFrames, anthropicMessage } from "./anthropic-answer.ts";
import type { Delivery, HttpBehaviour, Insert, Payload } from "./behaviour.ts";
import type { WireFormat } from "./dialect.ts";
import { errorFrame, errorObject } from "./error-object.ts";
import { openaiCompletion, openaiFrames } from "./openai-answer.ts";
import { type MarkedBody, markFrames, markWhole, offsetOf } from "./place.ts";
import { responsesBody, responsesFrames } from "./responses-answer.ts";
import { utf8Pieces } from "./utf8-pieces.ts";

/** Request for which the body of a behaviour is made. */
export interface BodyContext extends AnswerContext {
  readonly dialect: WireFormat;
  /** The request asks for a stream. */
  readonly stream: boolean;
}

/** A body ready to be framed: the writes that it is delivered in, and whether it ends before its time. */
export interface DeliveredBody {
  readonly writes: readonly Uint8Array[];
  /** Of the body as it would be without a stop. */
  readonly fullLength: number;
  readonly isStream: boolean;
  readonly contentType: string | null;
}

/** Makes the body: payload, then inserts, then compression, then the stop's cut, then the delivery's cuts. */
export function deliveredBody(behaviour: HttpBehaviour, context: BodyContext): DeliveredBody {
  const { body, contentType } = payloadBody(behaviour, context);
  const inserted = withInserts(body, behaviour.inserts ?? [], context);
  const damaged = withDamage(
    inserted.pieces,
    (behaviour.damage ?? []).map((at) => stopOffset(at, body, inserted, undefined)),
  );
  const compressed = behaviour.encoding ? compress(damaged, behaviour.encoding) : undefined;
  const pieces = compressed ? [compressed] : damaged;
  const fullLength = lengthOf(pieces);
  const stopAt = behaviour.stop ? stopOffset(behaviour.stop.at, body, inserted, compressed) : fullLength;
  return {
    writes: cut(upTo(pieces, stopAt), behaviour.delivery?.size),
    fullLength,
    isStream: body.isStream,
    contentType,
  };
}

function payloadBody(
  behaviour: HttpBehaviour,
  context: BodyContext,
): { readonly body: MarkedBody; readonly contentType: string | null } {
  const { payload } = behaviour;
  const json = (value: unknown): MarkedBody => markWhole(new TextEncoder().encode(JSON.stringify(value)));
  switch (payload.type) {
    case "answer": {
      if (!isStreamed(payload, context)) {
        return { body: json(wholeAnswer(payload.answer, context)), contentType: "application/json" };
      }
      const frames = answerFrames(payload.answer, context);
      return { body: markFrames(context.dialect, frames), contentType: streamType(context.dialect) };
    }
    case "frames":
      return {
        body: markFrames(context.dialect, payload.frames),
        contentType: streamType(context.dialect),
      };
    case "body": {
      const bytes = typeof payload.body === "string" ? new TextEncoder().encode(payload.body) : payload.body;
      return {
        body: markWhole(bytes),
        contentType: payload.contentType === undefined ? "application/json" : payload.contentType,
      };
    }
    case "error":
      return {
        body: json(errorObject(context.dialect, behaviour.status ?? 200, payload.error)),
        contentType: "application/json",
      };
  }
}

function wholeAnswer(answer: Answer, context: BodyContext): unknown {
  switch (context.dialect) {
    case "anthropic":
    case "bedrock":
    case "vertex":
      return anthropicMessage(answer, context);
    case "openai":
      return openaiCompletion(answer, context);
    case "responses":
      return responsesBody(answer, context);
  }
}

function answerFrames(answer: Answer, context: BodyContext): readonly string[] {
  switch (context.dialect) {
    case "anthropic":
    case "bedrock":
    case "vertex":
      return anthropicFrames(answer, context);
    case "openai":
      return openaiFrames(answer, context);
    case "responses":
      return responsesFrames(answer, context);
  }
}

function isStreamed(payload: Extract<Payload, { type: "answer" }>, context: BodyContext): boolean {
  return payload.form === undefined ? context.stream : payload.form === "stream";
}

interface Inserted {
  readonly pieces: readonly Uint8Array[];
  readonly at: readonly { readonly offset: number; readonly length: number }[];
}

function withInserts(body: MarkedBody, inserts: readonly Insert[], context: BodyContext): Inserted {
  const placed = inserts
    .map((insert) => ({ offset: offsetOf(insert.at, body), pieces: insertPieces(insert, context) }))
    .sort((left, right) => left.offset - right.offset);
  const pieces: Uint8Array[] = [];
  let offset = 0;
  let next = 0;
  const insertHere = (): void => {
    for (; placed[next]?.offset === offset; next += 1) pieces.push(...(placed[next]?.pieces ?? []));
  };
  insertHere();
  for (const piece of body.pieces) {
    let rest = piece;
    for (;;) {
      const within = (placed[next]?.offset ?? Number.POSITIVE_INFINITY) - offset;
      if (within >= rest.length) break;
      pieces.push(rest.subarray(0, within));
      rest = rest.subarray(within);
      offset += within;
      insertHere();
    }
    pieces.push(rest);
    offset += rest.length;
    insertHere();
  }
  return { pieces, at: placed.map((one) => ({ offset: one.offset, length: lengthOf(one.pieces) })) };
}

function insertPieces(insert: Insert, context: BodyContext): readonly Uint8Array[] {
  const encoder = new TextEncoder();
  const isBedrock = context.dialect === "bedrock";
  if ("text" in insert) {
    if (typeof insert.text !== "string") return [insert.text];
    if (isBedrock && /^(?:event|data|):/.test(insert.text)) return insert.text.split(/(?<=\n\n)/).map(bedrockFrame);
    return [encoder.encode(insert.text)];
  }
  if ("error" in insert) {
    const { errorType = "serviceUnavailableException", message } = insert.error;
    return [
      isBedrock ? bedrockException(errorType, message) : encoder.encode(errorFrame(context.dialect, insert.error)),
    ];
  }
  const frames = answerFrames(insert.answer, context);
  return frames.map((frame) => (isBedrock ? bedrockFrame(frame) : encoder.encode(frame)));
}

/** A stop counts in the body before its inserts; what is inserted at the same place comes before it. Of compressed bytes, the same share is sent. */
function stopOffset(
  at: NonNullable<HttpBehaviour["stop"]>["at"],
  body: MarkedBody,
  inserted: Inserted,
  compressed: Uint8Array | undefined,
): number {
  const plain = offsetOf(at, body);
  const moved = inserted.at.reduce((sum, insert) => (insert.offset <= plain ? sum + insert.length : sum), plain);
  if (compressed === undefined) return moved;
  return Math.floor((moved / Math.max(1, lengthOf(inserted.pieces))) * compressed.length);
}

/** The same pieces with one bit changed at each offset; an offset behind the last byte means that byte. */
function withDamage(pieces: readonly Uint8Array[], offsets: readonly number[]): readonly Uint8Array[] {
  if (offsets.length === 0) return pieces;
  const copies = pieces.map((piece) => Uint8Array.from(piece));
  for (const offset of offsets) {
    let at = Math.min(offset, lengthOf(copies) - 1);
    for (const piece of copies) {
      if (at >= 0 && at < piece.length) piece[at] = (piece[at] ?? 0) ^ 1;
      at -= piece.length;
    }
  }
  return copies;
}

function streamType(dialect: WireFormat): string {
  return dialect === "bedrock" ? "application/vnd.amazon.eventstream" : "text/event-stream; charset=utf-8";
}

function compress(pieces: readonly Uint8Array[], encoding: "gzip" | "deflate" | "br"): Uint8Array {
  const whole = Buffer.concat(pieces);
  switch (encoding) {
    case "gzip":
      return gzipSync(whole);
    case "deflate":
      return deflateSync(whole);
    case "br":
      return brotliCompressSync(whole);
  }
}

function upTo(pieces: readonly Uint8Array[], length: number): readonly Uint8Array[] {
  const kept: Uint8Array[] = [];
  let left = length;
  for (const piece of pieces) {
    if (left <= 0) break;
    kept.push(piece.subarray(0, left));
    left -= piece.length;
  }
  return kept;
}

function cut(pieces: readonly Uint8Array[], size: Delivery["size"]): readonly Uint8Array[] {
  if (size === undefined) return pieces;
  const whole = Buffer.concat(pieces);
  if (whole.length === 0) return [];
  if (size === "coalesced") return [whole];
  if (size === "split-utf8") return utf8Pieces(whole);
  const step = Math.max(1, size);
  return Array.from({ length: Math.ceil(whole.length / step) }, (_, index) =>
    whole.subarray(index * step, (index + 1) * step),
  );
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}
