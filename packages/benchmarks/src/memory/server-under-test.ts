import { readdirSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { ccpbCommand } from "../candidates/ccpb.ts";
import { endChild, freePort, startChild, untilListening } from "../rig/child-process.ts";
import { cacheFolder } from "../rig/folders.ts";
import { forgetPeakMemory, processUsage } from "../rig/process-usage.ts";
import { upstreamKey } from "../rig/upstream.ts";
import { upstreamModel } from "../fixtures/workloads.ts";

/** A provider of the server under test: its type, and how it answers. */
export interface TestProvider {
  readonly type: "anthropic" | "openai";
  readonly answer: RequestListener;
}

/** A started ccpb with its providers, and what it holds in memory. */
export interface ServerUnderTest {
  readonly port: number;
  /** Megabytes resident now. */
  residentMb(): number;
  /** Megabytes resident at most since `forgetPeak`. */
  peakMb(): number;
  forgetPeak(): void;
  /** File descriptors that are open now. */
  openFiles(): number;
  stop(): Promise<void>;
}

/** Starts the built command with these providers, the first one preferred, and one line of settings. */
export async function startUnderTest(
  name: string,
  providers: readonly TestProvider[],
  settings = "failure_cooldown: 1",
): Promise<ServerUnderTest> {
  const servers = await Promise.all(providers.map(({ answer }) => listen(answer)));
  const folder = cacheFolder("run", `memory-${name}-${process.pid}`);
  const file = join(folder, "providers.yaml");
  const listed = providers.map(
    ({ type }, index) => `  - name: provider_${index}
    type: ${type}
    base_url: http://127.0.0.1:${servers[index]?.port}${type === "openai" ? "/v1" : ""}
    auth_type: api_key
    auth_value: ${upstreamKey}
    big_model: ${upstreamModel}
    small_model: ${upstreamModel}
`,
  );
  writeFileSync(
    file,
    `providers:\n${listed.join("")}settings:\n  ${settings}\n  log_file: ${join(folder, "balancer.jsonl")}\n`,
  );
  const port = await freePort();
  const child = startChild([process.execPath, ccpbCommand(), "serve", "--config", file, "--port", String(port)], {
    outputFile: join(folder, "output.log"),
  });
  await untilListening(child, port, 15_000);
  const pid = child.pid ?? 0;
  const usage = () => processUsage(pid) ?? { residentKb: Number.NaN, peakKb: Number.NaN };
  return {
    port,
    residentMb: () => usage().residentKb / 1_000,
    peakMb: () => usage().peakKb / 1_000,
    forgetPeak: () => forgetPeakMemory(pid),
    openFiles: () => readdirSync(`/proc/${pid}/fd`).length,
    stop: async () => {
      await endChild(child);
      for (const server of servers) server.close();
    },
  };
}

async function listen(answer: RequestListener): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
