import { pathToFileURL } from "node:url";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { EventEncoder } from "@ccpb/core/sse";
import { fromChatStream, translationContext } from "@ccpb/core/translate";

/**
 * Translates one Chat Completions stream (SSE, or a JSON answer) from `input` into the SSE of the Messages API on `output`, and ends `output`.
 * `model` is the name that the answer carries. Rejects with `CcpbError` where the input is no answer at all; nothing is written then.
 */
export async function translate(input: Readable, output: Writable, model: string): Promise<void> {
  // Nobody asked here, so there are no tool names to give back and no stop sequences to keep.
  const context = translationContext({ requestedModel: model });
  const encoder = new EventEncoder();
  await pipeline(
    input,
    async function* (source: AsyncIterable<Uint8Array>) {
      for await (const event of fromChatStream(source, context)) yield encoder.encode([event]);
    },
    output,
  );
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await translate(process.stdin, process.stdout, process.argv[2] ?? "claude-opus-5-5");
}
