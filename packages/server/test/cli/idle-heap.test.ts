import { spawn } from "node:child_process";
import { once } from "node:events";
import { beforeAll, expect, it } from "vitest";
import { until } from "../running-server.ts";
import { buildBinary, CcpbProcess, cli, providersYaml, Workspace } from "./ccpb-process.ts";

beforeAll(buildBinary, 120_000);

// V8 waits eight seconds by default until it shrinks the heap of an idle process.
const flags = ["--trace-gc", "--trace-gc-verbose", "--gc-memory-reducer-start-delay-ms=300"];
const wakes = "Memory reducer:";

// Later versions of V8 do not say what the memory reducer does.
it.skipIf(!process.versions.v8.startsWith("11.")).each([1, 2])(
  "keeps the heap of %i idle processes, where V8 by itself shrinks it",
  async (workers) => {
    using space = new Workspace();
    space.write("providers.yaml", providersYaml("http://127.0.0.1:9"));
    const args = ["serve", "--port", "0", "--workers", String(workers)];
    await using ccpb = new CcpbProcess(space.folder, args, {}, [process.execPath, ...flags, cli]);
    await ccpb.url();
    // A process without the switch, started later: when V8 looks whether to shrink its heap, it would have looked at the server's too.
    const idle = "setInterval(() => {}, 1000); globalThis.kept = Array.from({ length: 1e6 }, (_, i) => ({ i })); gc();";
    const other = spawn(process.execPath, [...flags, "--expose-gc", "--eval", idle], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    let said = "";
    other.stdout.on("data", (chunk) => (said += String(chunk)));
    await until(() => said.includes(wakes));
    other.kill();
    await once(other, "close");
    expect(ccpb.output).toContain("Scavenge");
    expect(ccpb.output).not.toContain(wakes);
  },
);
