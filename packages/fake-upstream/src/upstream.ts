import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Behaviour, BehaviourSource, Script, WireStep } from "./behaviour.ts";
import { text } from "./behaviours.ts";
import { Connection, type ConnectionHost } from "./connection.ts";
import type { Dialect } from "./dialect.ts";
import { planBehaviour } from "./plan.ts";
import type { RecordedRequest, RequestRecord } from "./recorded-request.ts";
import type { RequestHead } from "./request-reader.ts";
import { closeSocket } from "./wire.ts";

export interface FakeUpstreamOptions {
  readonly dialect: Dialect;
  /** For the first requests; afterwards the default answers. */
  readonly script?: Script;
  readonly defaultBehaviour?: BehaviourSource;
  /** Default: any free one. */
  readonly port?: number;
}

/** Treatment of new connections: requests are served (`serve`), the connection is closed at once with RST or FIN, or nothing is read from it (`ignore`). */
export type ConnectionMode = "serve" | "reset" | "fin" | "ignore";

/**
 * Starts an upstream on loopback. It answers `POST /v1/messages` and `/v1/messages/count_tokens`, or `POST /v1/chat/completions` and `/v1/responses`, or the
 * paths of Bedrock's or Vertex's; else 404.
 */
export async function startFakeUpstream(options: FakeUpstreamOptions): Promise<FakeUpstream> {
  const upstream = new FakeUpstream(options);
  await upstream.comeUp();
  return upstream;
}

/** An upstream that does what it is told, and remembers what it was asked. Made by `startFakeUpstream`. */
export class FakeUpstream implements AsyncDisposable {
  readonly dialect: Dialect;
  /** Every request so far, in the order of arrival. */
  readonly requests: RecordedRequest[] = [];
  readonly #routes = new Map<string, BehaviourSource | undefined>();
  readonly #sockets = new Set<Socket>();
  readonly #waiting: { readonly count: number; readonly resolve: (request: RecordedRequest) => void }[] = [];
  #queue: BehaviourSource[];
  #default: BehaviourSource;
  #countTokens: BehaviourSource = countTokens;
  #mode: ConnectionMode = "serve";
  #port: number;
  #server: Server | undefined;
  #hasBeenUp = false;
  #accepted = 0;
  #numbered = 0;

  constructor(options: FakeUpstreamOptions) {
    this.dialect = options.dialect;
    this.#port = options.port ?? 0;
    this.#queue = [...(options.script ?? [])];
    this.#default = options.defaultBehaviour ?? text(`Hello from a fake ${options.dialect} upstream.`);
  }

  get port(): number {
    return this.#port;
  }

  /** The base URL as a provider is configured with it: one of openai or vertex includes `/v1`. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}${this.dialect === "openai" || this.dialect === "vertex" ? "/v1" : ""}`;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** Connections since the start. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Scripted behaviours that no request has used yet. */
  get pending(): number {
    return this.#queue.length;
  }

  /** Appends behaviours for the next requests. */
  script(...behaviours: Script): void {
    this.#queue.push(...behaviours);
  }

  /** Forgets what is left of the script. */
  clearScript(): void {
    this.#queue = [];
  }

  /** Sets the behaviour for requests after the script is used up. */
  setDefault(behaviour: BehaviourSource): void {
    this.#default = behaviour;
  }

  /** Sets the behaviour for `count_tokens`, which never uses up the script. */
  setCountTokens(behaviour: BehaviourSource): void {
    this.#countTokens = behaviour;
  }

  /** A fixed behaviour for another path. */
  setRoute(path: string, behaviour: BehaviourSource): void {
    this.#routes.set(path, behaviour);
  }

  /** For connections that come from now on. */
  setConnectionMode(mode: ConnectionMode): void {
    this.#mode = mode;
  }

  /** The request of that number (from 1), when it has come. */
  request(number: number): Promise<RecordedRequest> {
    const request = this.requests[number - 1];
    if (request) return Promise.resolve(request);
    return new Promise((resolve) => this.#waiting.push({ count: number, resolve }));
  }

  /** Closes the port and every connection: clients get "connection refused" until `comeUp`. */
  async goDown(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    this.dropConnections();
    if (!server) return;
    server.close();
    await once(server, "close");
  }

  /** Listens again, on the same port. Waits up to half a minute for it where another process has taken it meanwhile. */
  async comeUp(): Promise<void> {
    if (this.#server) return;
    const server = await this.#listen();
    this.#server = server;
    this.#hasBeenUp = true;
    this.#port = (server.address() as AddressInfo).port;
  }

  async #listen(): Promise<Server> {
    for (let tries = 1; ; tries += 1) {
      const server = createServer((socket) => this.#accept(socket));
      server.listen(this.#port, "127.0.0.1");
      try {
        await once(server, "listening");
        return server;
      } catch (error) {
        // While it was down, the system may have given its port to another process.
        const isTaken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
        if (!this.#hasBeenUp || !isTaken || tries === 300) throw error;
        await sleep(100);
      }
    }
  }

  /** Destroys every open connection. */
  dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#sockets.clear();
  }

  async close(): Promise<void> {
    await this.goDown();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #accept(socket: Socket): void {
    this.#accepted += 1;
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    switch (this.#mode) {
      case "serve":
        new Connection(socket, this.#accepted, this.#host).start();
        return;
      case "reset":
      case "fin":
        socket.on("error", () => undefined);
        socket.resume();
        closeSocket(socket, this.#mode);
        return;
      case "ignore":
        socket.on("error", () => undefined);
        socket.pause();
        return;
    }
  }

  get #host(): ConnectionHost {
    return {
      dialect: this.dialect,
      takeEarly: (head) => this.#takeEarly(head),
      nextNumber: () => (this.#numbered += 1),
      record: (request) => this.#record(request),
      answer: (request, early) => this.#answer(request, early),
    };
  }

  #takeEarly(head: RequestHead): Behaviour | undefined {
    if (head.method !== "POST" || !scriptedPaths[this.dialect].test(head.target.split("?", 1)[0] ?? ""))
      return undefined;
    const next = this.#queue[0] ?? this.#default;
    if (typeof next === "function" || !next.early) return undefined;
    this.#queue.shift();
    return next;
  }

  #record(request: RequestRecord): void {
    this.requests.push(request);
    for (const waiting of this.#waiting.filter(({ count }) => count === request.number)) waiting.resolve(request);
  }

  #answer(request: RequestRecord, early: Behaviour | undefined): readonly WireStep[] {
    const source = early ?? this.#sourceFor(request);
    const behaviour = typeof source === "function" ? source(request) : source;
    return planBehaviour(behaviour, request, `${this.#port.toString(36)}x${request.number}`);
  }

  #sourceFor(request: RequestRecord): BehaviourSource {
    const routed = this.#routes.get(request.path);
    if (routed) return routed;
    if (countPaths[this.dialect].test(request.path)) return this.#countTokens;
    if (request.method === "POST" && scriptedPaths[this.dialect].test(request.path))
      return this.#queue.shift() ?? this.#default;
    return notFound;
  }
}

const scriptedPaths: Readonly<Record<Dialect, RegExp>> = {
  anthropic: /^\/v1\/messages$/,
  openai: /^\/v1\/(?:chat\/completions|responses)$/,
  bedrock: /^\/model\/[^/]+\/invoke(?:-with-response-stream)?$/,
  vertex:
    /^\/v1\/projects\/[^/]+\/locations\/[^/]+\/publishers\/anthropic\/models\/(?!count-tokens)[^/]+:(?:r|streamR)awPredict$/,
};

const countPaths: Readonly<Record<Dialect, RegExp>> = {
  anthropic: /^\/v1\/messages\/count_tokens$/,
  openai: /^\/v1\/responses\/input_tokens$/,
  bedrock: /^\/model\/[^/]+\/count-tokens$/,
  vertex: /\/models\/count-tokens:rawPredict$/,
};

const notFound: Behaviour = {
  type: "http",
  status: 404,
  payload: { type: "error", error: { message: "no such route" } },
};

function countTokens(request: RecordedRequest): Behaviour {
  const name = request.dialect === "bedrock" ? "inputTokens" : "input_tokens";
  const body = JSON.stringify({ [name]: Math.ceil(request.rawBody.length / 4) });
  return { type: "http", payload: { type: "body", body } };
}
