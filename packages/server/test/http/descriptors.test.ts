import { execFile } from "node:child_process";
import { rmSync } from "node:fs";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answerRequests, startTcpPeer } from "../tcp-peer.ts";

const run = promisify(execFile);
// Within the package, so that its dependencies are found.
const program = new URL(`../../node_modules/.dial-many-${process.pid}.mjs`, import.meta.url).pathname;
const head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";

describe.skipIf(process.platform === "win32")(
  "a process that may have 64 descriptors and is asked for 80 streams",
  () => {
    beforeAll(async () => {
      await build({
        entryPoints: [new URL("../fixtures/dial-many.ts", import.meta.url).pathname],
        outfile: program,
        bundle: true,
        platform: "node",
        format: "esm",
        conditions: ["@ccpb/source"],
        external: ["undici"],
        logLevel: "error",
      });
    });

    afterAll(() => rmSync(program, { force: true }));

    for (const host of ["127.0.0.1", "localhost"]) {
      it(`says EMFILE of each that finds no descriptor (${host})`, async () => {
        await using peer = await startTcpPeer(answerRequests((socket) => socket.write(head)));
        const command = `ulimit -n 64 && exec "$0" "$1" "$2" 80`;
        const { stdout } = await run("sh", ["-c", command, process.execPath, program, `http://${host}:${peer.port}`]);
        const outcomes = JSON.parse(stdout) as string[];
        const failed = outcomes.filter((outcome) => outcome !== "open");
        expect(outcomes).toHaveLength(80);
        expect(failed.length).toBeGreaterThan(15);
        expect(new Set(failed)).toEqual(new Set(["EMFILE"]));
      });
    }
  },
);
