import { once } from "node:events";
import { type ClientRequest, createServer, request as ask } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { type ArrivedBody, type BodyScan, InboundRequest } from "./inbound-request.ts";

/** A scan that tells what it was given, and hands out `found` at the end. */
class ToldScan implements BodyScan {
  readonly found = Uint32Array.of(1, 2, 3, 4);
  #text = "";
  #heard: (() => void) | undefined;

  push(bytes: Uint8Array): void {
    this.#text += Buffer.from(bytes).toString("latin1");
    this.#heard?.();
  }

  finish(): Uint32Array {
    this.#text += "|";
    return this.found;
  }

  get text(): string {
    return this.#text;
  }

  /** Resolves once everything up to `end` was pushed. */
  async until(end: string): Promise<void> {
    while (!this.#text.endsWith(end)) await new Promise<void>((resolve) => (this.#heard = resolve));
  }
}

interface Reading extends AsyncDisposable {
  readonly client: ClientRequest;
  /** What `readBody` gave or threw. */
  readonly body: Promise<unknown>;
  /** How many scans were begun. */
  begun(): number;
}

/** Begins a request with `length` bytes (chunked where undefined), whose body is read with `scan`. */
async function reading(scan: BodyScan, length: number | undefined): Promise<Reading> {
  let begun = 0;
  const server = createServer();
  const body = new Promise<unknown>((resolve) => {
    server.on("request", (incoming, response) => {
      const inbound = new InboundRequest("req_1", incoming, response, false);
      const beginScan = (): BodyScan => {
        begun += 1;
        return scan;
      };
      const read = inbound.readBody({ beginScan });
      read.then(resolve, resolve).finally(() => response.end());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const headers = length === undefined ? {} : { "content-length": length };
  const client = ask({ host: "127.0.0.1", port, method: "POST", path: "/v1/messages", headers });
  client.on("error", () => undefined);
  client.flushHeaders();
  return {
    client,
    body,
    begun: () => begun,
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

it.each([
  ["with its length", 15_000],
  ["chunked", undefined],
])("a body %s is scanned piece by piece, before the next piece is there", async (_, length) => {
  const scan = new ToldScan();
  await using request = await reading(scan, length);
  for (const letter of ["a", "b", "c"]) {
    request.client.write(letter.repeat(5_000));
    await scan.until(letter.repeat(5_000));
  }
  request.client.end();
  const { chunks, memberOffsets } = (await request.body) as ArrivedBody;
  expect(memberOffsets).toBe(scan.found);
  expect(`${Buffer.concat(chunks).toString()}|`).toBe(scan.text);
  expect(request.begun()).toBe(1);
});

it("a body that comes in one piece is left to the scan of whole bodies", async () => {
  const scan = new ToldScan();
  const text = JSON.stringify({ model: "m", messages: [] });
  await using request = await reading(scan, text.length);
  request.client.end(text);
  const { chunks, memberOffsets } = (await request.body) as ArrivedBody;
  expect(memberOffsets).toBeUndefined();
  expect([Buffer.concat(chunks).toString(), request.begun(), scan.text]).toEqual([text, 0, ""]);
});

it("a body whose client leaves is no longer scanned, nor handed over", async () => {
  const scan = new ToldScan();
  await using request = await reading(scan, 15_000);
  request.client.write("a".repeat(5_000));
  await scan.until("a".repeat(5_000));
  request.client.destroy();
  expect(await request.body).toMatchObject({ name: "ClientGoneError" });
  expect(scan.text).toBe("a".repeat(5_000));
});
