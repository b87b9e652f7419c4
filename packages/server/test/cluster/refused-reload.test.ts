import { copyFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startFakeUpstream } from "@ccpb/fake-upstream";
import { beforeAll, expect, it } from "vitest";
import { buildBinary, CcpbProcess, providersYaml, Workspace } from "../cli/ccpb-process.ts";
import { messagesBody } from "../running-server.ts";
import { secureRequest } from "../secure-request.ts";

beforeAll(buildBinary);

const fixtures = join(dirname(fileURLToPath(import.meta.url)), "../fixtures");
const ownKey = "own-key-0123456789abcdef";

// Loaded into every process before the program: the second worker cannot read what the primary and the first one can.
const blindWorker = `
const { worker } = require("node:cluster");
const fs = require("node:fs");
const read = fs.readFileSync;
if (worker?.id === 2) {
  fs.readFileSync = (path, ...rest) => {
    if (String(path).includes("second.cert")) throw new Error("worker 2 cannot read it");
    return read(path, ...rest);
  };
  require("node:module").syncBuiltinESMExports();
}
`;

it("a reload that one worker refuses leaves every worker, and the primary, with the configuration before", async () => {
  await using upstream = await startFakeUpstream({ dialect: "anthropic" });
  using space = new Workspace();
  const preload = space.write("blind-worker.cjs", blindWorker);
  for (const name of ["first", "second"])
    for (const kind of ["cert", "key"])
      copyFileSync(join(fixtures, `${name}.${kind}.pem`), join(space.folder, `${name}.${kind}.pem`));
  const yaml = (pem: string, settings: string): string =>
    providersYaml(upstream.url, `  workers: 2\n  tls: {cert: ${pem}.cert.pem, key: ${pem}.key.pem}\n${settings}`);
  const auth = `  auth: {enabled: true, api_keys: [${ownKey}]}\n`;
  space.write("providers.yaml", yaml("first", auth));
  await using ccpb = new CcpbProcess(space.folder, [], { NODE_OPTIONS: `--require ${preload}` });
  const url = await ccpb.url();

  const seen = async (): Promise<unknown[]> => {
    const replies = [];
    // Connections go to the workers in turn.
    for (let index = 0; index < 4; index += 1)
      replies.push(await secureRequest(url, "/v1/messages", { body: messagesBody() }));
    return replies.map(({ status, certificate }) => `${status} ${certificate}`);
  };
  const before = Array(4).fill("401 first test certificate");
  expect(await seen()).toEqual(before);

  // Without `auth`: in force in one worker, it would open that one to strangers.
  space.write("providers.yaml", yaml("second", ""));
  expect((await secureRequest(url, "/providers/reload", { key: ownKey, body: "" })).status).toBe(422);
  await ccpb.waitFor(/worker 2 cannot read it/);
  expect(await seen()).toEqual(before);

  space.write("providers.yaml", yaml("first", `${auth}  log_level: DEBUG\n`));
  expect((await secureRequest(url, "/providers/reload", { key: ownKey, body: "" })).status).toBe(200);
  expect(await seen()).toEqual(before);
});
