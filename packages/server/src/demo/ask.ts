import { SseDecoder } from "@ccpb/core/sse";
import { expectSame, UnexpectedResult } from "./expectation.ts";
import type { Stage } from "./stage.ts";

/** Answer that the client got for a question, as it came over HTTP. */
export interface Answer {
  readonly status: number;
  /** The names of the events, in order; empty where there was no stream. */
  readonly events: readonly string[];
  readonly text: string;
  readonly provider: string | null;
  readonly attempts: number;
  readonly retryAfter: string | null;
  /** The error's type and message, where it is one. */
  readonly error: { readonly type: string; readonly message: string } | undefined;
}

// Ends a demo that hangs; on a busy machine an answer takes many times as long as usual.
const answerTimeoutMs = 60_000;

/** Asks the balancer as Claude Code would, streaming, and narrates the answer while it comes. */
export async function ask(stage: Stage, question: string): Promise<Answer> {
  stage.narrator.ask(question);
  const response = await fetch(`${stage.url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01", "x-api-key": "no-real-key" },
    body: JSON.stringify({
      model: "claude-opus-5-5",
      max_tokens: 300,
      stream: true,
      messages: [{ role: "user", content: question }],
    }),
    signal: AbortSignal.any([stage.signal, AbortSignal.timeout(answerTimeoutMs)]),
  });
  const about = {
    status: response.status,
    provider: response.headers.get("x-ccpb-provider"),
    attempts: Number(response.headers.get("x-ccpb-attempts")),
    retryAfter: response.headers.get("retry-after"),
  };
  if (response.body === null || !(response.headers.get("content-type") ?? "").startsWith("text/event-stream")) {
    return { ...about, events: [], text: "", error: errorOf(await response.json()) };
  }
  stage.narrator.begin(about.provider ?? "?");
  const said = await listen(response.body, (piece) => stage.narrator.speak(piece));
  stage.narrator.pause();
  return { ...about, ...said, error: undefined };
}

async function listen(
  body: AsyncIterable<Uint8Array>,
  onText: (piece: string) => void,
): Promise<Pick<Answer, "events" | "text">> {
  const decoder = new SseDecoder();
  const events: string[] = [];
  let text = "";
  for await (const bytes of body) {
    for (const item of decoder.push(bytes)) {
      if (item.type !== "event") continue;
      events.push(item.event ?? "");
      const piece = textOf(item.data);
      text += piece;
      onText(piece);
    }
  }
  return { events, text };
}

function textOf(data: string): string {
  const event: unknown = JSON.parse(data);
  const delta = field(event, "delta");
  const text = field(delta, "text");
  return field(delta, "type") === "text_delta" && typeof text === "string" ? text : "";
}

function errorOf(body: unknown): { readonly type: string; readonly message: string } {
  expectSame("the type of a failed answer", field(body, "type"), "error");
  const error = field(body, "error");
  return { type: String(field(error, "type")), message: String(field(error, "message")) };
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

/** Seconds until the provider is tried again, as `GET /providers` tells; 0 where nothing stands in its way. */
export async function cooldownOf(stage: Stage, name: string): Promise<number> {
  const response = await fetch(`${stage.url}/providers`, {
    signal: AbortSignal.any([stage.signal, AbortSignal.timeout(answerTimeoutMs)]),
  });
  const providers = field(await response.json(), "providers");
  const provider = Array.isArray(providers) ? providers.find((one) => field(one, "name") === name) : undefined;
  const remaining = field(provider, "cooldown_remaining");
  if (typeof remaining !== "number") throw new UnexpectedResult(`/providers does not tell the cooldown of ${name}`);
  return remaining;
}
