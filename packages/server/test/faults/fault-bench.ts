import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { BalancerSettings, ProviderConfig } from "@ccpb/core";
import { type BehaviourSource, type FakeUpstream, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { expect } from "vitest";
import type { ProviderView, ProvidersView } from "../../src/views/providers-view.ts";
import { call, provider, startTestServer, type TestServer } from "../running-server.ts";
import { type ClientEvent, door } from "./client-doors.ts";

/** What a provider speaks: Messages, Chat Completions, Responses, or Messages in the envelope of Bedrock or Vertex AI. */
export type Dialect = (typeof dialects)[number];

export const dialects = ["anthropic", "openai", "responses", "bedrock", "vertex"] as const;

/** The ways in which a fault can be met by a client. */
export const forms: readonly { readonly dialect: Dialect; readonly stream: boolean }[] = dialects.flatMap((dialect) => [
  { dialect, stream: true },
  { dialect, stream: false },
]);

/** The fake upstream for a dialect: one of OpenAI's answers both paths. */
export function upstreamDialect(dialect: Dialect): Exclude<Dialect, "responses"> {
  return dialect === "responses" ? "openai" : dialect;
}

/** What a provider of the dialect is configured with. */
export function typeOf(dialect: Dialect): Partial<ProviderConfig> {
  switch (dialect) {
    case "anthropic":
      return { type: "anthropic" };
    case "openai":
    case "responses":
      return { type: "openai", dialect: dialect === "responses" ? "responses" : "chat" };
    case "bedrock":
      return { type: "bedrock", region: "us-east-1" };
    case "vertex":
      return { type: "vertex", region: "global", project: "my-project-1" };
  }
}

/** Long enough for a busy machine: what is not about deadlines must not meet one. */
export const timeouts = {
  connectMs: 40_000,
  responseMs: 40_000,
  firstContentMs: 40_000,
  idleMs: 40_000,
  totalMs: 40_000,
  callMs: 50_000,
} as const;

/** For a provider that is silent before its content. Only for that one: a healthy provider on a busy machine may take longer. */
export const shortBeforeContent = {
  connectMs: 1_000,
  responseMs: 1_000,
  firstContentMs: 1_000,
  totalMs: 1_000,
} as const;

/**
 * For a provider that falls silent after its content. That content has to come before the deadline passes, and a process with little of a busy machine
 * may need more than a second for it.
 */
export const shortAfterContent = { idleMs: 4_000 } as const;

/** What a client was given, and how its connection ended. */
export interface ClientView {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** `aborted`: the connection broke before the answer's framing was complete. */
  readonly end: "whole" | "aborted";
  readonly ms: number;
}

export interface BenchOptions {
  readonly dialect: Dialect;
  /** What the preferred provider does. */
  readonly first: BehaviourSource;
  /** For its first requests. */
  readonly script?: readonly BehaviourSource[];
  /** What the other one does; null: there is none. */
  readonly second?: BehaviourSource | null;
  readonly secondDialect?: Dialect;
  readonly settings?: Partial<BalancerSettings>;
  readonly provider?: Partial<ProviderConfig>;
  readonly secondProvider?: Partial<ProviderConfig>;
}

/** A server with two fake providers, `first` and `second`. */
export interface FaultBench extends AsyncDisposable {
  readonly server: TestServer;
  readonly first: FakeUpstream;
  readonly second: FakeUpstream;
  /** Ends every cooldown, as if an hour had passed. */
  endCooldowns(): void;
  ask(
    stream: boolean,
    change?: Readonly<Record<string, unknown>>,
    headers?: Record<string, string>,
  ): Promise<ClientView>;
  view(): Promise<ProvidersView>;
  providerView(name: string): Promise<ProviderView>;
  /** The `request_completed` lines. */
  completed(): Record<string, unknown>[];
}

export const healthyWords = "The healthy one answers.";

export async function startBench(options: BenchOptions): Promise<FaultBench> {
  const { dialect, secondDialect = dialect, settings = {} } = options;
  const first = await startFakeUpstream({
    dialect: upstreamDialect(dialect),
    script: options.script ?? [],
    defaultBehaviour: options.first,
  });
  const second = await startFakeUpstream({
    dialect: upstreamDialect(secondDialect),
    defaultBehaviour: options.second ?? text(healthyWords),
  });
  const providers = [provider("first", first.url, { ...typeOf(dialect), ...options.provider })];
  if (options.second !== null)
    providers.push(provider("second", second.url, { ...typeOf(secondDialect), ...options.secondProvider }));
  const server = await startTestServer({ providers, settings: { timeouts, ...settings } });
  const view = async (): Promise<ProvidersView> => (await call(server.url, "/providers")).json() as ProvidersView;
  return {
    server,
    first,
    second,
    endCooldowns: () => server.balancer.skipTime(3_600_000),
    ask: (stream, change = {}, headers = {}) => askServer(server.url, { stream, ...change }, headers),
    view,
    providerView: async (name) => {
      const found = (await view()).providers.find((one) => one.name === name);
      if (found === undefined) throw new Error(`no provider ${name}`);
      return found;
    },
    completed: () => server.lines("request_completed"),
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await Promise.all([first.close(), second.close()]);
    },
  };
}

/** Posts a request of this run's clients, given as a change to a Messages request, and takes whatever comes, a broken connection included. */
export async function askServer(
  url: string,
  change: Readonly<Record<string, unknown>>,
  headers: Record<string, string> = {},
): Promise<ClientView> {
  const startedAt = performance.now();
  const request = httpRequest(`${url}${door.path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    agent: false,
  });
  request.end(JSON.stringify(door.request(change)));
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  let end: ClientView["end"] = "whole";
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch {
    end = "aborted";
  }
  const body = Buffer.concat(chunks).toString();
  const { statusCode = 0 } = response;
  return { status: statusCode, headers: response.headers, body, end, ms: performance.now() - startedAt };
}

/** The events of a stream's body; throws where it is not made of whole, sound events. */
export function eventsOf(body: string): ClientEvent[] {
  if (body === "") return [];
  if (!body.endsWith("\n\n")) throw new Error(`the stream ends within an event: ${body.slice(-80)}`);
  return body
    .slice(0, -2)
    .split("\n\n")
    .map((frame) => {
      const name = /^event: (.*)$/m.exec(frame)?.[1] ?? "";
      const text = /^data: ?(.*)$/m.exec(frame)?.[1] ?? "null";
      return { name, data: text === "[DONE]" ? text : JSON.parse(text) };
    });
}

/** The events without comments, which every reader of event streams passes over. */
export function saidOf(body: string): ClientEvent[] {
  return eventsOf(body).filter(({ name, data }) => name !== "" || data !== null);
}

/** The text that an answer of either form holds. */
export function wordsOf({ body, headers }: ClientView): string {
  if (!String(headers["content-type"]).startsWith("text/event-stream")) {
    return door.wholeWords(JSON.parse(body));
  }
  return eventsOf(body).map(door.eventWords).join("");
}

/** A whole answer in the form that was asked for, served by `name`. */
export function expectServed(reply: ClientView, name: string, stream: boolean, words: string = healthyWords): void {
  expect(reply).toMatchObject({ status: 200, end: "whole" });
  expect(reply.headers["x-ccpb-provider"]).toBe(name);
  expect(reply.headers["content-type"]).toMatch(stream ? /^text\/event-stream/ : /^application\/json/);
  expect(wordsOf(reply)).toBe(words);
  if (stream) door.expectWholeStream(saidOf(reply.body));
  else door.expectWhole(JSON.parse(reply.body));
}

/** The balancer's own 503 in the shape of the client's API, with a `retry-after` that Claude Code takes. */
export function expectUnavailable(reply: ClientView): { readonly message: string; readonly retryAfter: number } {
  expect(reply).toMatchObject({ status: 503, end: "whole" });
  expect(reply.headers["content-type"]).toBe("application/json");
  const { type, message } = door.errorOf(JSON.parse(reply.body));
  expect(type).toBe(door.errorType("api_error"));
  expect(message).toMatch(/^All providers are currently unavailable\. Please try again later\./);
  expect(reply.headers["retry-after"]).toMatch(/^\d+$/);
  const retryAfter = Number(reply.headers["retry-after"]);
  expect(retryAfter).toBeGreaterThanOrEqual(1);
  expect(retryAfter).toBeLessThanOrEqual(60);
  return { message, retryAfter };
}

/** A stream that broke after content: legal up to its end, which is an error and nothing after it, or an aborted connection. */
export function expectBroken(reply: ClientView, ending: "error" | "abort"): void {
  expect(reply.status).toBe(200);
  expect(reply.end).toBe(ending === "abort" ? "aborted" : "whole");
  door.expectBrokenStream(saidOf(reply.body), ending);
}

/** Waits until `condition` holds; rejects after 30 seconds. */
export async function soon(condition: () => boolean, what: string): Promise<void> {
  const until = performance.now() + 30_000;
  while (!condition()) {
    if (performance.now() > until) throw new Error(`not within 30 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}
