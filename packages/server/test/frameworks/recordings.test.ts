import Anthropic from "@anthropic-ai/sdk";
import { Balancer, createFetch, type ProviderConfig } from "@ccpb/core";
import { scriptedTransport, VirtualClock } from "@ccpb/core/testing";
import { createAnthropic as createAnthropic2 } from "ai-anthropic-2";
import { createAnthropic as createAnthropic3 } from "ai-anthropic-3";
import { createAnthropic as createAnthropic4 } from "ai-anthropic-4";
import { describe, expect, it } from "vitest";
import { hasShared, type Recording, recordings, responseBytes } from "../../../core/test/contract/recordings.ts";

// Each shape is its version's; what is read of them here is the same.
interface Part {
  readonly type: string;
  readonly text?: string;
  readonly delta?: string;
  readonly error?: unknown;
  readonly toolName?: string;
  readonly input?: unknown;
  readonly finishReason?: unknown;
}
interface LanguageModel {
  doGenerate(options: object): Promise<{ readonly content: readonly Part[]; readonly finishReason: unknown }>;
  doStream(options: object): Promise<{ readonly stream: ReadableStream<Part> }>;
}
type Create = (options: { baseURL: string; apiKey: string; fetch: typeof fetch }) => (name: string) => LanguageModel;

const kits: readonly (readonly [string, Create])[] = [
  ["5", createAnthropic2 as unknown as Create],
  ["6", createAnthropic3 as unknown as Create],
  ["7", createAnthropic4 as unknown as Create],
];

const all = recordings(({ dialect }) => dialect !== "anthropic-count-tokens");

/** A balancer in front of the provider that gave the recorded answer. */
function fetchOf(recording: Recording): typeof fetch {
  const bytes = responseBytes(recording);
  const clock = new VirtualClock();
  const { transport } = scriptedTransport(clock, () => ({
    status: recording.status || 200,
    headers: { "content-type": recording.stream ? "text/event-stream" : "application/json" },
    body: [bytes],
  }));
  const isMessages = recording.dialect === "anthropic-messages";
  const one: ProviderConfig = {
    name: "recorded",
    type: isMessages ? "anthropic" : "openai",
    baseUrl: "https://recorded.test/v1",
    auth: { type: "api_key", keys: ["key-000000000000"] },
    bigModel: "recorded-model",
    smallModel: "recorded-model",
    ...(!isMessages && { dialect: recording.dialect === "openai-responses" ? "responses" : "chat" }),
  };
  const balancer = new Balancer({ providers: [one], settings: { lastResort: true } }, { clock, random: () => 0.5 });
  return createFetch(balancer, transport) as typeof fetch;
}

/** The recorded answer without anything in between. */
const directly = (recording: Recording): typeof fetch =>
  (() =>
    Promise.resolve(
      new Response(Buffer.from(responseBytes(recording)), {
        status: recording.status || 200,
        headers: { "content-type": recording.stream ? "text/event-stream" : "application/json" },
      }),
    )) as typeof fetch;

/** What a client got of an answer: its words and its calls, or that it was an error. */
interface Got {
  readonly isError: boolean;
  readonly text: string;
  readonly calls: readonly string[];
}

const failed: Got = { isError: true, text: "", calls: [] };

/** What the client of the reference reads. An error of the API or of a broken stream is one; anything else is thrown. */
async function bySdk(recording: Recording, send = fetchOf(recording)): Promise<Got> {
  const client = new Anthropic({
    apiKey: "client",
    baseURL: "https://ccpb.test",
    fetch: send,
    maxRetries: 0,
  });
  const request = {
    model: "claude-opus-5-5",
    max_tokens: 4_096,
    messages: [{ role: "user" as const, content: "Hi" }],
  };
  try {
    const message = recording.stream
      ? await client.messages.stream(request).finalMessage()
      : await client.messages.create(request);
    const blocks = message.content;
    return {
      isError: false,
      text: blocks.map((block) => (block.type === "text" ? block.text : "")).join(""),
      calls: blocks.flatMap((block) => (block.type === "tool_use" ? block.name : [])),
    };
  } catch (error) {
    if (error instanceof Anthropic.APIError || /stream|ended|error/i.test(String(error))) return failed;
    throw error;
  }
}

async function byKit(recording: Recording, create: Create, send = fetchOf(recording)): Promise<Got> {
  const model = create({ baseURL: "https://ccpb.test/v1", apiKey: "client", fetch: send })("claude-opus-5-5");
  const options = { prompt: [{ role: "user", content: [{ type: "text", text: "Hi" }] }], maxOutputTokens: 4_096 };
  try {
    if (!recording.stream) {
      const { content } = await model.doGenerate(options);
      const text = content.map((part) => (part.type === "text" ? (part.text ?? "") : "")).join("");
      return { isError: false, text, calls: content.flatMap(callOf) };
    }
    const { stream } = await model.doStream(options);
    let text = "";
    const calls: string[] = [];
    let isError = false;
    for await (const part of stream) {
      if (part.type === "text-delta") text += part.delta ?? "";
      calls.push(...callOf(part));
      if (part.type === "error") {
        refuseFault(part.error);
        isError = true;
      }
    }
    return isError ? failed : { isError, text, calls };
  } catch (error) {
    refuseFault(error);
    return failed;
  }
}

function callOf({ type, toolName, ...more }: Part): readonly string[] {
  const isOfServer = "providerExecuted" in more && more.providerExecuted === true;
  return type === "tool-call" && toolName !== undefined && !isOfServer ? [toolName] : [];
}

/** Throws what is no error of the API: an answer that the client cannot read. */
function refuseFault(error: unknown): void {
  const name = error instanceof Error ? error.name : "";
  if (/TypeValidation|JSONParse|TypeError|InvalidResponse|EmptyResponse/.test(name)) throw error;
}

describe("the recordings through clients", () => {
  it("are there, all of them", () => {
    expect(all.length).toBeGreaterThan(hasShared ? 450 : 50);
  });

  it("that are passed through are gathered by the Anthropic SDK as they are without ccpb", async () => {
    for (const recording of all.filter(({ dialect }) => dialect === "anthropic-messages")) {
      const reference = await bySdk(recording, directly(recording));
      // A stream that is at odds with the grammar is mended.
      if (!reference.isError) expect([recording.id, await bySdk(recording)]).toEqual([recording.id, reference]);
    }
  });

  it.each(kits)("are read alike by the AI SDK %s and by the Anthropic SDK", async (_version, create) => {
    const faults: string[] = [];
    let served = 0;
    for (const recording of all) {
      try {
        // What is passed through is the client's to understand: older versions do not know every block of Anthropic's API.
        const isPassed = recording.dialect === "anthropic-messages";
        const reference = isPassed
          ? await byKit(recording, create, directly(recording)).catch(() => failed)
          : await bySdk(recording);
        const got = await byKit(recording, create).catch((error: unknown) => {
          if (isPassed) return failed;
          throw error;
        });
        if (!got.isError) served += 1;
        expect(got).toEqual(reference);
      } catch (error) {
        faults.push(`${recording.id}: ${String(error).slice(0, 1_200)}`);
      }
    }
    expect(faults).toEqual([]);
    expect(served).toBeGreaterThan(hasShared ? 340 : 40);
  });
});
