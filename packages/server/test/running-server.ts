import { once } from "node:events";
import {
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from "node:http";
import { connect, type Socket } from "node:net";
import { Writable } from "node:stream";
import type { Balancer, BalancerConfig, ProviderConfig } from "@ccpb/core";
import { createServer, type CcpbServer, type CreateServerOptions } from "../src/app/create-server.ts";
import type { ServerSettings } from "../src/config/server-settings.ts";

/** A server in this process on a free port, with its log at hand. */
export interface TestServer extends AsyncDisposable {
  readonly server: CcpbServer;
  readonly balancer: Balancer;
  readonly url: string;
  readonly port: number;
  /** The log lines so far, parsed. */
  lines(event?: string): Record<string, unknown>[];
  /** The log as it was written. */
  text(): string;
}

export const testKey = "sk-test-provider-key-0001";

/** A provider of either type at `url`, models passed through. */
export function provider(name: string, url: string, change: Partial<ProviderConfig> = {}): ProviderConfig {
  return {
    name,
    type: "anthropic",
    baseUrl: url,
    auth: { type: "api_key", keys: [testKey] },
    bigModel: "passthrough",
    smallModel: "passthrough",
    enabled: true,
    ...change,
  };
}

export async function startTestServer(
  config: BalancerConfig,
  settings: Partial<ServerSettings> = {},
  options: Partial<CreateServerOptions> = {},
): Promise<TestServer> {
  let text = "";
  const console = new Writable({
    write(chunk: Buffer, _encoding, callback) {
      text += chunk.toString();
      callback();
    },
  });
  const server = createServer({
    config,
    settings: { port: 0, drainTimeoutMs: 1000, logLevel: "DEBUG", ...settings },
    console,
    ...options,
  });
  const url = await server.listen();
  const lines = (event?: string): Record<string, unknown>[] => {
    const parsed = text.split("\n").filter((line) => line !== "");
    return parsed
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => event === undefined || line["event"] === event);
  };
  return {
    server,
    balancer: server.balancer,
    url,
    port: Number(new URL(url).port),
    lines,
    text: () => text,
    async [Symbol.asyncDispose]() {
      await server.close(0);
    },
  };
}

/** A request that `/v1/messages` takes. */
export function messagesBody(change: Readonly<Record<string, unknown>> = {}): string {
  const messages = [{ role: "user", content: "Hello" }];
  return JSON.stringify({ model: "claude-opus-5-5", max_tokens: 100, messages, ...change });
}

export interface TestReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of many shapes
  json(): any;
}

/** Sends one request over its own connection, with exactly the given headers besides Host and framing. */
export async function call(
  url: string,
  path: string,
  options: {
    readonly method?: string;
    readonly headers?: OutgoingHttpHeaders;
    readonly body?: string | Uint8Array;
  } = {},
): Promise<TestReply> {
  const request = httpRequest(`${url}${path}`, {
    method: options.method ?? "GET",
    headers: options.headers ?? {},
    agent: false,
  });
  request.end(options.body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  return { status: response.statusCode ?? 0, headers: response.headers, body, json: () => JSON.parse(body) };
}

/** Posts a Messages request. */
export function postMessages(
  url: string,
  change: Readonly<Record<string, unknown>> = {},
  headers: OutgoingHttpHeaders = {},
): Promise<TestReply> {
  return call(url, "/v1/messages", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: messagesBody(change),
  });
}

/** A streamed answer whose first bytes, from the content gate on, have come. */
export interface StartedStream {
  /** Resolves with the whole body; rejects where the connection breaks. */
  rest(): Promise<string>;
}

/** Posts a Messages request for a stream; resolves when the client has the head of the answer. */
export async function openStream(url: string): Promise<IncomingMessage> {
  const request = httpRequest(`${url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    agent: false,
  });
  request.end(messagesBody({ stream: true }));
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return response;
}

/** Posts a Messages request for a stream; resolves when the client has the first bytes of the body. */
export async function startStream(url: string): Promise<StartedStream> {
  const response = await openStream(url);
  const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await chunks.next();
  return {
    async rest() {
      let body = first.done === true ? "" : first.value.toString();
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next())
        body += next.value.toString();
      return body;
    },
  };
}

/** A raw connection to `port`. */
export async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

/**
 * Writes bytes on a connection of their own. Resolves with everything that came until the server closed it, or until nothing came for a second after
 * the last byte (30 s while there is no byte). The second is counted in steps: where this process stood still, that counts as one of them.
 */
export async function rawExchange(
  port: number,
  bytes: string | Uint8Array,
): Promise<{ text: string; isClosed: boolean }> {
  const socket = await openSocket(port);
  socket.write(bytes);
  let text = "";
  let quietSteps = 0;
  let isClosed = false;
  socket.on("data", (chunk) => {
    text += chunk.toString("latin1");
    quietSteps = 0;
  });
  socket.on("close", () => (isClosed = true));
  while (!isClosed && quietSteps < (text === "" ? 3_000 : 100)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    quietSteps += 1;
  }
  socket.destroy();
  return { text, isClosed };
}

/** Resolves when `condition` holds, looking every few milliseconds; rejects after 30 seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const untilMs = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > untilMs) throw new Error("the condition did not come true");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
