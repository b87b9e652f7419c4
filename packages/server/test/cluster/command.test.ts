import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { buildBinary, CcpbProcess, cli, providersYaml, Workspace } from "../cli/ccpb-process.ts";

beforeAll(buildBinary);

// Loaded into every process before the program: the first message to a worker comes once its program has said hello.
const teller = (file: string): string => `
const { isWorker } = require("node:cluster");
const { appendFileSync } = require("node:fs");
if (isWorker) process.once("message", () => appendFileSync(${JSON.stringify(file)}, process.argv[1] + "\\n"));
`;

it.runIf(process.platform !== "win32")(
  "workers know the command by the path that it was called by, beside which npm installs global packages",
  async () => {
    using space = new Workspace();
    const told = join(space.folder, "told.txt");
    const preload = space.write("teller.cjs", teller(told));
    space.write("providers.yaml", providersYaml("http://127.0.0.1:9", "  workers: 2\n"));
    const command = join(space.folder, "ccpb");
    symlinkSync(cli, command);
    await using ccpb = new CcpbProcess(space.folder, [], { NODE_OPTIONS: `--require ${preload}` }, [
      process.execPath,
      command,
    ]);
    await ccpb.url();
    expect(readFileSync(told, "utf8")).toBe(`${command}\n${command}\n`);
  },
);
