import { once } from "node:events";
import { Agent, request } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { claudeCodeHeaders, smallBody } from "../fixtures/claude-code-body.ts";
import { askedModel } from "../fixtures/workloads.ts";

/** Experience of a client: milliseconds of each answered request, and the faults of the others. */
export interface Experience {
  readonly ms: readonly number[];
  readonly faults: readonly string[];
}

const pauseMs = 20;

/** Sends one small request after the other on one connection until `isOver`; a pause between them keeps its own load small. */
export async function behaveWell(port: number, isOver: () => boolean): Promise<Experience> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { body } = smallBody({ bytes: 1_000, stream: false, model: askedModel });
  const ms: number[] = [];
  const faults: string[] = [];
  do {
    const startedAtMs = performance.now();
    try {
      const headers = { ...claudeCodeHeaders, "x-api-key": "bench-client-key", "content-length": body.length };
      const asked = request({ agent, host: "127.0.0.1", port, path: "/v1/messages", method: "POST", headers });
      asked.end(body);
      const [answer] = await once(asked, "response");
      answer.resume();
      await once(answer, "end");
      if (answer.statusCode === 200) ms.push(performance.now() - startedAtMs);
      else faults.push(`status ${answer.statusCode}`);
    } catch (error) {
      faults.push(error instanceof Error ? error.message : String(error));
    }
    await delay(pauseMs);
  } while (!isOver());
  agent.destroy();
  return { ms, faults };
}

/** The value below which `share` of `values` lie; NaN where there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
