import { crc32 } from "node:zlib";

/** Encodes one message of an AWS event stream; all headers are strings. */
export function awsFrame(headers: Readonly<Record<string, string>>, payload: Uint8Array): Uint8Array {
  const encodedHeaders = Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value)));
  const frame = Buffer.alloc(12 + encodedHeaders.length + payload.length + 4);
  frame.writeUInt32BE(frame.length, 0);
  frame.writeUInt32BE(encodedHeaders.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  encodedHeaders.copy(frame, 12);
  frame.set(payload, 12 + encodedHeaders.length);
  frame.writeUInt32BE(crc32(frame.subarray(0, -4)), frame.length - 4);
  return frame;
}

/** Encodes an event of a Messages stream as Bedrock sends it: the JSON in base64, with padding that hides its length. */
export function bedrockChunk(json: string): Uint8Array {
  const payload = JSON.stringify({ bytes: Buffer.from(json).toString("base64"), p: "abcdefghijkl" });
  const headers = { ":event-type": "chunk", ":content-type": "application/json", ":message-type": "event" };
  return awsFrame(headers, Buffer.from(payload));
}

/** Encodes an exception in the middle of a stream; `type` as in `throttlingException`. */
export function bedrockException(type: string, message: string): Uint8Array {
  const headers = { ":exception-type": type, ":content-type": "application/json", ":message-type": "exception" };
  return awsFrame(headers, Buffer.from(JSON.stringify({ message })));
}

/**
 * Encodes a server-sent event of a Messages stream as Bedrock's, a comment as a message that holds no event, as a gateway's sign of life; other text stays
 * as it is.
 */
export function bedrockFrame(event: string): Uint8Array {
  const data = /^data: ?(.*)$/m.exec(event)?.[1];
  if (data !== undefined) return bedrockChunk(data);
  return event.startsWith(":")
    ? awsFrame({ ":message-type": "event", ":event-type": "chunk" }, Buffer.from("{}"))
    : Buffer.from(event);
}

const stringType = 7;

function header(name: string, value: string): Buffer {
  const [key, text] = [Buffer.from(name), Buffer.from(value)];
  const head = Buffer.from([key.length]);
  return Buffer.concat([head, key, Buffer.from([stringType, text.length >> 8, text.length & 0xff]), text]);
}
