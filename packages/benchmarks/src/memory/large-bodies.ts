import type { RequestListener } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { anthropicMessage } from "../fixtures/anthropic-answer.ts";
import { claudeCodeBody } from "../fixtures/claude-code-body.ts";
import { askedModel, upstreamModel } from "../fixtures/workloads.ts";
import { ask, readToEnd } from "./ask.ts";
import { type MemoryFinding, megabytes } from "./finding.ts";
import { type ServerUnderTest, startUnderTest } from "./server-under-test.ts";

const bodyBytes = 20_000_000;
const atOnce = 4;
const idleMs = 30_000;

/** Four requests of 20 MB at once, each refused by two providers and served by the third; `waves` times. */
export async function largeBodies(waves: number): Promise<MemoryFinding> {
  const failing: RequestListener = (incoming, response) => {
    incoming.resume().once("end", () => response.writeHead(500).end("{}"));
  };
  const message = anthropicMessage(upstreamModel, 1_000);
  const serving: RequestListener = (incoming, response) => {
    incoming
      .resume()
      .once("end", () => response.writeHead(200, { "content-type": message.contentType }).end(message.body));
  };
  const providers = [failing, failing, serving].map((answer) => ({ type: "anthropic" as const, answer }));
  // The failing two are never taken out: every request is sent three times.
  const server = await startUnderTest("bodies", providers, "unhealthy_threshold: 1000");
  const before = server.residentMb();
  server.forgetPeak();
  const { body } = claudeCodeBody({ bytes: bodyBytes, stream: false, model: askedModel });
  const faults: string[] = [];
  const peaks: number[] = [];
  for (let round = 0; round < waves; round += 1) {
    faults.push(...(await wave(server, body)));
    peaks.push(server.peakMb());
  }
  await delay(idleMs);
  const after = server.residentMb();
  await server.stop();
  return {
    title: `${atOnce} bodies of 20 MB at once, three attempts each, ${waves} times`,
    figures: [
      ["bodies at once", megabytes((atOnce * bodyBytes) / 1_000_000)],
      ["resident before", megabytes(before)],
      ["resident at most, after each time", peaks.map(megabytes).join(", ")],
      [`resident ${idleMs / 1_000} s after the last`, megabytes(after)],
    ],
    faults,
  };
}

/** Sends one wave of requests. Returns the answers that are not a 200 from the third attempt. */
async function wave(server: ServerUnderTest, body: Uint8Array): Promise<string[]> {
  const answers = await Promise.all(
    Array.from({ length: atOnce }, async () => {
      const answer = await ask(server.port, body);
      await readToEnd(answer);
      return `${answer.statusCode} after ${String(answer.headers["x-ccpb-attempts"])} attempts`;
    }),
  );
  return answers.filter((each) => each !== "200 after 3 attempts");
}
