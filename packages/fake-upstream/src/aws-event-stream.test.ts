import { EventStreamCodec } from "@smithy/eventstream-codec";
import { expect, test } from "vitest";
import { bedrockChunk, bedrockException } from "./aws-event-stream.ts";

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes)),
  (text) => new TextEncoder().encode(text),
);

test("AWS's own library reads an event and an exception", () => {
  const event = codec.decode(bedrockChunk('{"type":"ping"}'));
  expect(event.headers[":event-type"]?.value).toBe("chunk");
  const { bytes } = JSON.parse(new TextDecoder().decode(event.body)) as { bytes: string };
  expect(Buffer.from(bytes, "base64").toString()).toBe('{"type":"ping"}');
  const exception = codec.decode(bedrockException("throttlingException", "Too many tokens"));
  expect(exception.headers[":exception-type"]?.value).toBe("throttlingException");
  expect(JSON.parse(new TextDecoder().decode(exception.body))).toEqual({ message: "Too many tokens" });
});
