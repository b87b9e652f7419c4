import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { anthropicStream } from "../fixtures/anthropic-answer.ts";
import { chatTextStream } from "../fixtures/chat-answer.ts";
import { claudeCodeBody } from "../fixtures/claude-code-body.ts";
import { askedModel, upstreamModel } from "../fixtures/workloads.ts";
import { ask, readToEnd } from "./ask.ts";
import { type MemoryFinding, megabytes } from "./finding.ts";
import { startUnderTest } from "./server-under-test.ts";

const clients = 16;
const samples = 6;

interface Counts {
  asked: number;
  whole: number;
  broken: number;
  left: number;
}

/**
 * Sixteen clients ask for streams one after the other for `seconds`. The first provider overloads, resets or cuts now
 * and then, so that the second, whose answers are translated, serves while it cools down; one client in forty leaves.
 */
export async function soak(seconds: number): Promise<MemoryFinding> {
  const cuts = { made: 0 };
  const server = await startUnderTest("soak", [
    { type: "anthropic", answer: unreliable(anthropicStream(upstreamModel, 200), cuts) },
    { type: "openai", answer: reliable(chatTextStream(upstreamModel, 200)) },
  ]);
  const { body } = claudeCodeBody({ bytes: 150_000, stream: true, model: askedModel });
  const endAt = performance.now() + seconds * 1_000;
  const counts: Counts = { asked: 0, whole: 0, broken: 0, left: 0 };
  const faults: string[] = [];
  const running = Array.from({ length: clients }, async () => {
    while (performance.now() < endAt) await oneStream(await ask(server.port, body), counts, faults);
  });
  const figures: [string, string][] = [];
  for (let sample = 1; sample <= samples; sample += 1) {
    await delay((seconds * 1_000) / samples);
    const at = Math.round((sample * seconds) / samples);
    figures.push([`after ${at} s`, `${megabytes(server.residentMb())}, ${server.openFiles()} files and sockets`]);
  }
  await Promise.all(running);
  await server.stop();
  const { whole, broken, left } = counts;
  if (broken > cuts.made) faults.push(`${broken} streams broke, of which the provider cut ${cuts.made}`);
  return {
    title: `${seconds} s of streams with bodies of 150 kB: ${whole} whole, ${broken} that were cut amid content and say so, ${left} whose client left`,
    figures,
    faults,
  };
}

async function oneStream(answer: IncomingMessage, counts: Counts, faults: string[]): Promise<void> {
  if (answer.statusCode !== 200) faults.push(`status ${answer.statusCode}`);
  counts.asked += 1;
  if (counts.asked % 40 === 0) {
    counts.left += 1;
    answer.destroy();
    return;
  }
  try {
    const { tail } = await readToEnd(answer);
    if (tail.includes("message_stop")) counts.whole += 1;
    else if (tail.includes("event: error")) counts.broken += 1;
    else faults.push(`an answer ends with ${JSON.stringify(tail.slice(-60))}`);
  } catch {
    counts.broken += 1;
  }
}

interface Piece {
  readonly contentType: string;
  readonly body: Uint8Array;
}

function reliable(piece: Piece): RequestListener {
  return (incoming, response) => void incoming.resume().once("end", () => whole(response, piece));
}

function unreliable(piece: Piece, cuts: { made: number }): RequestListener {
  let asked = 0;
  return (incoming, response) => {
    asked += 1;
    const turn = asked % 300;
    incoming.resume().once("end", () => {
      if (turn === 100) response.writeHead(529).end("{}");
      else if (turn === 200) response.destroy();
      else if (turn === 0) {
        cuts.made += 1;
        cut(response, piece);
      } else whole(response, piece);
    });
  };
}

function whole(response: ServerResponse, piece: Piece): void {
  response.writeHead(200, { "content-type": piece.contentType }).end(piece.body);
}

function cut(response: ServerResponse, piece: Piece): void {
  response.writeHead(200, { "content-type": piece.contentType });
  response.write(piece.body.subarray(0, piece.body.length / 2), () => {
    // Apart from the content, or the break would be met before any of it was passed on.
    setTimeout(() => response.destroy(), 50);
  });
}
