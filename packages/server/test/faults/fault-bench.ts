import { once } from "node:events";
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { BalancerSettings, ProviderConfig } from "@ccpb/core";
import { type BehaviourSource, type Dialect, type FakeUpstream, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { expect } from "vitest";
import type { ProviderView, ProvidersView } from "../../src/views/providers-view.ts";
import { call, messagesBody, provider, startTestServer, type TestServer } from "../running-server.ts";

/** The four ways in which a fault can be met. */
export const forms = [
  { dialect: "anthropic", stream: true },
  { dialect: "anthropic", stream: false },
  { dialect: "openai", stream: true },
  { dialect: "openai", stream: false },
] as const;

export const dialects = ["anthropic", "openai"] as const;

/** Long enough for a busy machine: what is not about deadlines must not meet one. */
export const timeouts = {
  connectMs: 2_000,
  responseMs: 5_000,
  firstContentMs: 5_000,
  idleMs: 5_000,
  totalMs: 8_000,
  callMs: 20_000,
} as const;

/** For upstreams that fall silent. */
export const shortTimeouts = {
  connectMs: 300,
  responseMs: 300,
  firstContentMs: 400,
  idleMs: 300,
  totalMs: 500,
  callMs: 5_000,
} as const;

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
  const first = await startFakeUpstream({ dialect, script: options.script ?? [], defaultBehaviour: options.first });
  const second = await startFakeUpstream({
    dialect: secondDialect,
    defaultBehaviour: options.second ?? text(healthyWords),
  });
  const providers = [provider("first", first.url, { type: dialect, ...options.provider })];
  if (options.second !== null)
    providers.push(provider("second", second.url, { type: secondDialect, ...options.secondProvider }));
  const server = await startTestServer({ providers, settings: { timeouts, ...settings } });
  const view = async (): Promise<ProvidersView> => (await call(server.url, "/providers")).json() as ProvidersView;
  return {
    server,
    first,
    second,
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

/** Posts a Messages request and takes whatever comes, a broken connection included. */
export async function askServer(
  url: string,
  change: Readonly<Record<string, unknown>>,
  headers: Record<string, string> = {},
): Promise<ClientView> {
  const startedAt = performance.now();
  const request = httpRequest(`${url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    agent: false,
  });
  request.end(messagesBody(change));
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

/** One event of a stream as a client reads it. */
export interface ClientEvent {
  readonly name: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into events of many shapes
  readonly data: any;
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
      return { name, data: JSON.parse(/^data: ?(.*)$/m.exec(frame)?.[1] ?? "null") };
    });
}

/** The text that an answer of either form holds. */
export function wordsOf({ body, headers }: ClientView): string {
  if (!String(headers["content-type"]).startsWith("text/event-stream")) {
    const { content } = JSON.parse(body) as { content: { text?: string }[] };
    return content.map(({ text: words = "" }) => words).join("");
  }
  return eventsOf(body)
    .map(({ data }) => (data?.delta?.type === "text_delta" ? String(data.delta.text) : ""))
    .join("");
}

/** A whole answer in the form that was asked for, served by `name`. */
export function expectServed(reply: ClientView, name: string, stream: boolean, words: string = healthyWords): void {
  expect(reply).toMatchObject({ status: 200, end: "whole" });
  expect(reply.headers["x-ccpb-provider"]).toBe(name);
  expect(reply.headers["content-type"]).toMatch(stream ? /^text\/event-stream/ : /^application\/json/);
  expect(wordsOf(reply)).toBe(words);
  if (!stream) return (expect(JSON.parse(reply.body)).toMatchObject({ type: "message", role: "assistant" }), undefined);
  const names = eventsOf(reply.body).map((event) => event.name);
  expect(names[0]).toBe("message_start");
  expect(names.filter((event) => event === "message_start").length).toBe(1);
  expect(names.filter((event) => event === "message_stop").length).toBe(1);
  expect(names.at(-1)).toBe("message_stop");
  expect(names).not.toContain("error");
}

/** The balancer's own 503 in Anthropic's shape, with a `retry-after` that Claude Code takes. */
export function expectUnavailable(reply: ClientView): { readonly message: string; readonly retryAfter: number } {
  expect(reply).toMatchObject({ status: 503, end: "whole" });
  expect(reply.headers["content-type"]).toBe("application/json");
  const body = JSON.parse(reply.body) as { type: string; error: { type: string; message: string }; request_id: string };
  expect(body).toMatchObject({ type: "error", error: { type: "api_error" } });
  expect(body.error.message).toMatch(/^All providers are currently unavailable\. Please try again later\./);
  expect(body.request_id).toBe(reply.headers["request-id"]);
  expect(reply.headers["retry-after"]).toMatch(/^\d+$/);
  const retryAfter = Number(reply.headers["retry-after"]);
  expect(retryAfter).toBeGreaterThanOrEqual(1);
  expect(retryAfter).toBeLessThanOrEqual(60);
  return { message: body.error.message, retryAfter };
}

/** A stream that broke after content: legal up to its end, which is an `error` event and nothing after it, or an aborted connection. */
export function expectBroken(reply: ClientView, ending: "error" | "abort"): void {
  expect(reply.status).toBe(200);
  expect(reply.end).toBe(ending === "abort" ? "aborted" : "whole");
  const events = eventsOf(reply.body);
  const names = events.map((event) => event.name);
  expect(names).not.toContain("message_stop");
  expect(names).not.toContain("message_delta");
  expect(names.filter((name) => name === "error").length).toBe(ending === "error" ? 1 : 0);
  if (ending === "error") {
    expect(names.at(-1)).toBe("error");
    expect(events.at(-1)?.data).toMatchObject({ type: "error", error: { message: expect.any(String) } });
  }
}

/** Waits until `condition` holds, within `withinMs`. */
export async function soon(condition: () => boolean, withinMs: number, what: string): Promise<void> {
  const until = performance.now() + withinMs;
  while (!condition()) {
    if (performance.now() > until) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
}
