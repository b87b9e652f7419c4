import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { anthropicStream } from "../fixtures/anthropic-answer.ts";
import { chatTextStream } from "../fixtures/chat-answer.ts";
import { smallBody } from "../fixtures/claude-code-body.ts";
import { askedModel, upstreamModel } from "../fixtures/workloads.ts";
import { ask, readToEnd } from "./ask.ts";
import { type MemoryFinding, megabytes } from "./finding.ts";
import { startUnderTest } from "./server-under-test.ts";

const streamBytes = 80_000_000;

/** A client that reads the beginning of an 80 MB stream, then nothing for `sleepMs`, then all the rest. */
export async function sleepingClient(type: "anthropic" | "openai", sleepMs: number): Promise<MemoryFinding> {
  const piece = type === "anthropic" ? anthropicStream(upstreamModel, 2_000) : chatTextStream(upstreamModel, 2_000);
  let sent = 0;
  const server = await startUnderTest(`sleeper-${type}`, [
    { type, answer: (incoming, response) => void answer(incoming, response, piece, (bytes) => (sent += bytes)) },
  ]);
  const body = await ask(server.port, smallBody({ bytes: 1_000, stream: true, model: askedModel }).body);
  await once(body, "readable");
  const before = server.residentMb();
  server.forgetPeak();
  await delay(sleepMs);
  const asleep = server.residentMb() - before;
  const sentAsleep = sent / 1_000_000;
  const { deltas, tail } = await readToEnd(body);
  const most = server.peakMb() - before;
  await server.stop();
  const faults = tail.includes("message_stop") ? [] : ["the stream did not end as it should"];
  const expected = deltasIn(type, piece.body);
  if (deltas !== expected) faults.push(`${deltas} deltas arrived instead of ${expected}`);
  return {
    title: `a client that sleeps for ${sleepMs / 1_000} s at the beginning of a stream of 80 MB from a provider of type ${type}`,
    figures: [
      ["taken from the provider meanwhile", megabytes(sentAsleep)],
      ["more resident at the end of the sleep", megabytes(asleep)],
      ["more resident at most, to the end of the stream", megabytes(most)],
    ],
    faults,
  };
}

async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  piece: { readonly contentType: string; readonly body: Uint8Array },
  onSent: (bytes: number) => void,
): Promise<void> {
  await once(incoming.resume(), "end");
  response.writeHead(200, { "content-type": piece.contentType });
  await pipeline(Readable.from(longStream(piece.body, onSent)), response);
}

function* longStream(body: Uint8Array, onSent: (bytes: number) => void): Generator<Buffer, void, undefined> {
  const { head, middle, end } = threeParts(Buffer.from(body));
  yield head;
  for (let sent = 0; sent < streamBytes; sent += middle.length) {
    onSent(middle.length);
    yield middle;
  }
  yield end;
}

/** The pieces of text that the client is to receive: one for each event of the provider's that has one. */
function deltasIn(type: "anthropic" | "openai", body: Uint8Array): number {
  const { head, middle, end } = threeParts(Buffer.from(body));
  const sign = type === "anthropic" ? /event: content_block_delta\n/ : /"content":"(?!")/;
  const [inHead = 0, inMiddle = 0, inEnd = 0] = [head, middle, end].map(
    (part) => part.toString().split(sign).length - 1,
  );
  return inHead + inMiddle * Math.ceil(streamBytes / middle.length) + inEnd;
}

/** The first events, whole events that can be repeated, and the last ones. */
function threeParts(text: Buffer): { readonly head: Buffer; readonly middle: Buffer; readonly end: Buffer } {
  const from = text.indexOf("\n\n", text.length * 0.1) + 2;
  const to = text.indexOf("\n\n", text.length * 0.9) + 2;
  return { head: text.subarray(0, from), middle: text.subarray(from, to), end: text.subarray(to) };
}
