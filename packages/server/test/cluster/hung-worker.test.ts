import { once } from "node:events";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { paced, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { beforeAll, expect, it, vi } from "vitest";
import { Primary } from "../../src/cluster/primary.ts";
import { loadConfig, type LoadedConfig } from "../../src/config/config-file.ts";
import { openLog } from "../../src/log/logger.ts";
import { buildBinary, cli, providersYaml, Workspace } from "../cli/ccpb-process.ts";
import { messagesBody, postMessages, until } from "../running-server.ts";

beforeAll(buildBinary);

it("a worker that hangs is replaced after missed heartbeats; its connections close and the others go on", async () => {
  await using upstream = await startFakeUpstream({
    dialect: "anthropic",
    defaultBehaviour: ({ body }) =>
      JSON.stringify(body).includes('"stream":true')
        ? paced(text("a stream that outlasts the test ".repeat(300)), 50)
        : text("Hi"),
  });
  using space = new Workspace();
  space.write("providers.yaml", providersYaml(upstream.url, "  workers: 2\n  log_file: ''\n"));
  const load = (): LoadedConfig => loadConfig({ cwd: space.folder, env: {}, home: space.folder });
  const log = openLog({ level: "ERROR", file: null, console: null, secrets: [] });
  const started = new Map<number, number>();
  const ended: string[] = [];
  const watching = {
    ...log,
    write: ((_level, event, message, data) => {
      if (event === "worker_started") started.set(Number(data?.["worker"]), Number(data?.["pid"]));
      if (event === "worker_ended") ended.push(message);
    }) satisfies typeof log.write,
  };
  const primary = new Primary({
    loaded: load(),
    load,
    log: watching,
    environment: {},
    console: null,
    onGiveUp: (reason) => expect.fail(reason),
    heartbeatMs: 1_000,
    program: join(dirname(cli), "worker.js"),
  });
  const url = await primary.start();
  try {
    // Two streams: with nothing else under way each worker has one.
    const streams = await Promise.all(
      [0, 1].map(async () => {
        const socket = connect(Number(new URL(url).port), "127.0.0.1");
        socket.on("error", () => undefined);
        const body = messagesBody({ stream: true });
        socket.write(
          `POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        );
        await once(socket, "data");
        return socket;
      }),
    );
    const closed = streams.map((socket) => once(socket.resume(), "close"));
    const hung = started.get(1) as number;
    process.kill(hung, "SIGSTOP");
    await Promise.race(closed);
    await vi.waitFor(() => expect(started.get(1)).not.toBe(hung), { timeout: 30_000, interval: 20 });
    expect(ended).toEqual([expect.stringContaining("worker 1 ended (it hung: no sign of life)")]);
    expect(streams.filter(({ destroyed }) => destroyed).length).toBe(1);
    for (let index = 0; index < 4; index += 1) expect((await postMessages(url)).status).toBe(200);
    for (const socket of streams) socket.destroy();
    await until(() => streams.every(({ destroyed }) => destroyed));
  } finally {
    await primary.close(0);
  }
});
