import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { Client, Dispatcher } from "undici";
import { expect, it } from "vitest";
import { skipContinue } from "./skip-continue.ts";
import { loadClient } from "./undici-client.ts";

// The transport relies on two things that undici does not promise. These tests fail when a version of undici changes one of them: then
// undici-client.ts or skip-continue.ts has to be mended, or can go. docs/decisions/0031 has the wording of both issues.

const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
  readonly dependencies: Readonly<Record<string, string>>;
};

/** Asks a server that answers each request with a `100 Continue` that was not asked for, and then with 200. */
async function statusBehindContinue(prepare: (socket: Socket) => void): Promise<number | string> {
  const server = createServer((socket) => {
    socket.once("data", () => {
      socket.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
    socket.on("error", () => socket.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const client = new (loadClient())(`http://127.0.0.1:${port}`, {
    connect: (_options, callback) => {
      const socket = connect(port, "127.0.0.1", () => {
        prepare(socket);
        callback(null, socket);
      });
    },
  });
  try {
    return await answerOf(client);
  } finally {
    await client.destroy();
    server.close();
  }
}

function answerOf(client: Client): Promise<number | string> {
  return new Promise((resolve) => {
    const handler: Dispatcher.DispatchHandler = {
      onRequestStart: () => {},
      onResponseStart: (_controller, status) => {
        if (status >= 200) resolve(status);
      },
      onResponseData: () => {},
      onResponseEnd: () => {},
      onResponseError: (_controller, error) => resolve((error as NodeJS.ErrnoException).code ?? error.message),
    };
    client.dispatch({ method: "POST", path: "/", body: "x" }, handler);
  });
}

it("undici is pinned to its minor version, whose private parts are known", () => {
  expect(manifest.dependencies["undici"]).toMatch(/^~7\.\d+\.\d+$/);
});

it("undici keeps its Client where undici-client.ts loads it, and it is the public one", () => {
  const require = createRequire(import.meta.url);
  const whole = require("undici") as { readonly Client: typeof Client };
  expect(loadClient()).toBe(require("undici/lib/dispatcher/client.js"));
  expect(loadClient()).toBe(whole.Client);
});

it("undici still refuses a 100 Continue that was not asked for: once it passes over it, skip-continue.ts can go", async () => {
  expect(await statusBehindContinue(() => {})).toBe("UND_ERR_SOCKET");
});

it("undici still reads a socket through `read`, which skip-continue.ts replaces", async () => {
  expect(await statusBehindContinue((socket) => skipContinue(socket)())).toBe(200);
});
