import { beforeAll, expect, it } from "vitest";
import { buildBinary, CcpbProcess, providersYaml, Workspace } from "./ccpb-process.ts";

beforeAll(buildBinary);

// Below /proc no folder can be made: a making that is tried without end kept the process busy, and alive after SIGTERM.
it.skipIf(process.platform !== "linux").each(["1", "2"])(
  "a log and a ledger that have no place are told, and the server with %s workers stops when it is told to",
  async (workers) => {
    using space = new Workspace();
    const settings = "  log_file: /proc/ccpb/balancer.jsonl\n  usage_folder: /proc/ccpb/usage\n";
    space.write("providers.yaml", providersYaml("http://127.0.0.1:9", settings));
    await using ccpb = new CcpbProcess(space.folder, ["--workers", workers]);
    await ccpb.url();
    await ccpb.waitFor(/the log file cannot be written: .*ENOENT/);
    ccpb.child.kill("SIGTERM");
    expect(await ccpb.exit).toBe(0);
  },
);
