import Anthropic from "@anthropic-ai/sdk";
import type { BalancerSettings, ProviderConfig } from "@ccpb/core";
import {
  answer,
  type BehaviourSource,
  closedPort,
  cut,
  type Dialect,
  drop,
  errorWithin,
  type FakeUpstream,
  inOtherForm,
  paced,
  pingsOnly,
  refuse,
  silences,
  sized,
  stall,
  startBlackhole,
  startFakeUpstream,
  text,
  thinking,
  tools,
} from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { provider, startTestServer, type TestServer } from "./running-server.ts";

const dialects = ["anthropic", "openai"] as const;
const question = {
  model: "claude-opus-5-5",
  max_tokens: 200,
  messages: [{ role: "user" as const, content: "What is new?" }],
};
const weather: Anthropic.Tool = {
  name: "get_weather",
  description: "The weather of a city",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};

interface Setting extends AsyncDisposable {
  readonly client: Anthropic;
  readonly server: TestServer;
}

async function setting(
  providers: readonly ProviderConfig[],
  settings: Partial<BalancerSettings> = {},
): Promise<Setting> {
  const server = await startTestServer({ providers, settings });
  const client = new Anthropic({ apiKey: "a-client-credential", baseURL: server.url, maxRetries: 0, timeout: 60_000 });
  return { client, server, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

function providerOf(
  name: string,
  upstream: Pick<FakeUpstream, "url" | "dialect">,
  change: Partial<ProviderConfig> = {},
): ProviderConfig {
  return provider(name, upstream.url, {
    type: upstream.dialect,
    bigModel: "upstream-big",
    smallModel: "upstream-small",
    ...change,
  });
}

function textOf(message: Anthropic.Message): string {
  return message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
}

/** Asks with and without a stream; both must come to a whole message. */
async function askBoth(client: Anthropic, stream: boolean): Promise<Anthropic.Message> {
  return stream ? client.messages.stream(question).finalMessage() : client.messages.create(question);
}

describe.each(dialects)("the official SDK over a provider of type %s", (dialect) => {
  async function withOne(
    script: readonly BehaviourSource[],
    act: (client: Anthropic, upstream: FakeUpstream) => Promise<void>,
  ): Promise<void> {
    await using upstream = await startFakeUpstream({ dialect, script });
    await using place = await setting([providerOf("only", upstream)]);
    await act(place.client, upstream);
  }

  it("creates a message, under the model's name that it asked for", async () => {
    await withOne([text("Grüße 👋", { usage: { inputTokens: 11, outputTokens: 5 } })], async (client, upstream) => {
      const message = await client.messages.create(question);
      expect(message).toMatchObject({
        type: "message",
        role: "assistant",
        model: "claude-opus-5-5",
        content: [{ type: "text", text: "Grüße 👋" }],
        stop_reason: "end_turn",
        usage: { input_tokens: 11, output_tokens: 5 },
      });
      expect(message._request_id).toEqual(expect.any(String));
      const sent = upstream.requests[0];
      expect(sent?.body).toMatchObject({ model: "upstream-big" });
      expect(sent?.path).toBe(dialect === "anthropic" ? "/v1/messages" : "/v1/chat/completions");
      expect(JSON.stringify(sent?.headers)).not.toContain("a-client-credential");
    });
  });

  it("asks for the small model by a name with haiku in it", async () => {
    await withOne([], async (client, upstream) => {
      const message = await client.messages.create({ ...question, model: "claude-haiku-5-5" });
      expect(message.model).toBe("claude-haiku-5-5");
      expect(upstream.requests[0]?.body).toMatchObject({ model: "upstream-small" });
    });
  });

  it.each([1, 7, "coalesced", "split-utf8", undefined] as const)(
    "streams text that comes in reads of %s",
    async (size) => {
      const behaviour = text("Grüße an alle 👋🏽 Freunde", { usage: { inputTokens: 11, outputTokens: 5 } });
      await withOne([size === undefined ? behaviour : sized(behaviour, size)], async (client) => {
        const stream = client.messages.stream(question);
        let heard = "";
        stream.on("text", (delta) => (heard += delta));
        const message = await stream.finalMessage();
        expect(heard).toBe("Grüße an alle 👋🏽 Freunde");
        expect(textOf(message)).toBe(heard);
        expect(message).toMatchObject({
          model: "claude-opus-5-5",
          stop_reason: "end_turn",
          usage: { input_tokens: 11, output_tokens: 5 },
        });
      });
    },
  );

  it("hears text while the upstream is still speaking", async () => {
    await withOne([paced(text("one two three four five six seven eight nine ten"), 10)], async (client, upstream) => {
      const stream = client.messages.stream(question);
      await new Promise<void>((resolve) => stream.once("text", () => resolve()));
      const request = await upstream.request(1);
      let ended = false;
      void request.ended.then(() => (ended = true));
      await Promise.resolve();
      expect(ended).toBe(false);
      expect(textOf(await stream.finalMessage())).toMatch(/ten$/);
    });
  });

  it.each([true, false])("gets parallel tool calls and gives back their results (stream: %s)", async (isStream) => {
    const calls = answer(
      [
        { type: "text", text: "Let me look." },
        { type: "tool", name: "get_weather", input: { city: "Zürich", days: [1, 2] } },
        { type: "tool", name: "get_weather", input: { city: "Genève" } },
      ],
      { interleaveTools: true },
    );
    await withOne([calls, text("Sunny in both.")], async (client, upstream) => {
      const first = { ...question, tools: [weather] };
      const message = isStream
        ? await client.messages.stream(first).finalMessage()
        : await client.messages.create(first);
      expect(message.stop_reason).toBe("tool_use");
      const uses = message.content.filter((block) => block.type === "tool_use");
      expect(uses.map((use) => [use.name, use.input])).toEqual([
        ["get_weather", { city: "Zürich", days: [1, 2] }],
        ["get_weather", { city: "Genève" }],
      ]);
      expect(new Set(uses.map((use) => use.id)).size).toBe(2);
      expect(textOf(message)).toBe("Let me look.");
      const results = uses.map((use) => ({
        type: "tool_result" as const,
        tool_use_id: use.id,
        content: `sunny for ${use.id}`,
      }));
      const last = await client.messages.create({
        ...first,
        messages: [
          ...question.messages,
          { role: "assistant", content: message.content },
          { role: "user", content: results },
        ],
      });
      expect(textOf(last)).toBe("Sunny in both.");
      const sent = JSON.stringify(upstream.requests[1]?.body);
      for (const use of uses) expect(sent).toContain(`sunny for ${use.id}`);
    });
  });

  it.each([true, false])("gets thinking before the text (stream: %s)", async (isStream) => {
    await withOne([thinking("First I consider it.", "Then I say it.")], async (client) => {
      const message = await askBoth(client, isStream);
      expect(message.content.map((block) => block.type)).toEqual(["thinking", "text"]);
      expect(message.content[0]).toMatchObject({ thinking: "First I consider it." });
      expect(textOf(message)).toBe("Then I say it.");
    });
  });

  it.each([true, false])("gets an answer that came in the other form (stream: %s)", async (isStream) => {
    await withOne([inOtherForm(text("the wrong way round"))], async (client) => {
      expect(textOf(await askBoth(client, isStream))).toBe("the wrong way round");
    });
  });

  it("counts tokens", async () => {
    await withOne([], async (client, upstream) => {
      const { input_tokens } = await client.messages.countTokens({
        model: question.model,
        messages: question.messages,
      });
      expect(input_tokens).toBeGreaterThan(0);
      expect(upstream.requests.map((request) => request.path)).toEqual(
        dialect === "anthropic" ? ["/v1/messages/count_tokens"] : [],
      );
    });
  });

  it.each([
    ["before its content", (behaviour: ReturnType<typeof text>) => stall(behaviour, "start")],
    ["after its content", (behaviour: ReturnType<typeof text>) => stall(behaviour, "after-content")],
  ])("cancels the upstream when it aborts a stream %s", async (_, change) => {
    await withOne([change(text("a long story"))], async (client, upstream) => {
      const controller = new AbortController();
      const stream = client.messages.stream(question, { signal: controller.signal });
      const done = stream.finalMessage().then(
        () => "complete",
        (error: unknown) => error,
      );
      const request = await upstream.request(1);
      if (_ === "after its content") await new Promise<void>((resolve) => stream.once("text", () => resolve()));
      controller.abort();
      await request.ended;
      expect(request.aborted).toBe(true);
      expect(await done).toBeInstanceOf(Anthropic.APIUserAbortError);
    });
  });

  it("gets the provider's own judgement of a bad request, and nobody is cooled for it", async () => {
    await withOne([refuse(400, { message: "max_tokens: must be at most 8192" })], async (client) => {
      const error = await client.messages.create(question).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Anthropic.BadRequestError);
      expect((error as Error).message).toContain("max_tokens: must be at most 8192");
      expect(textOf(await client.messages.create(question))).toContain("Hello from a fake");
    });
  });

  it.each(["reset", "fin", "end"] as const)(
    "is told of a stream cut after its content by %s, and gets no other provider's words",
    async (by) => {
      await using first = await startFakeUpstream({
        dialect,
        script: [paced(cut(text("Only the beginning of it"), "mid-content", by), 2)],
      });
      await using second = await startFakeUpstream({ dialect, defaultBehaviour: text("Somebody else") });
      await using place = await setting([providerOf("first", first), providerOf("second", second)]);
      const stream = place.client.messages.stream(question);
      let heard = "";
      stream.on("text", (delta) => (heard += delta));
      const error = await stream.finalMessage().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      expect("Only the beginning of it".startsWith(heard)).toBe(true);
      expect(heard).not.toBe("");
      expect(second.requests).toHaveLength(0);
    },
  );
});

/** How a first provider may fail before its content. `isSlow`: only a deadline finds out. */
const failures: Readonly<
  Record<string, { readonly behaviour: BehaviourSource; readonly isSlow?: true; readonly onlyStream?: true }>
> = {
  "answers 500": { behaviour: refuse(500) },
  "answers 529": { behaviour: refuse(529) },
  "answers 429": { behaviour: refuse(429, {}, { "retry-after": "20" }) },
  "answers 401": { behaviour: refuse(401) },
  "resets the connection": { behaviour: drop("reset") },
  "closes the connection": { behaviour: drop("fin") },
  "never answers": { behaviour: drop("stall"), isSlow: true },
  "stalls after its head": { behaviour: silences["after its head"] ?? drop("stall"), isSlow: true },
  "stalls after its first event": { behaviour: stall(text("never"), "start"), isSlow: true },
  "only pings": { behaviour: pingsOnly(10), isSlow: true },
  "cuts its stream before its content": { behaviour: cut(text("never"), "before-content", "reset") },
  "ends its stream before its content": { behaviour: cut(text("never"), "before-content", "end"), onlyStream: true },
  "sends an error before its content": { behaviour: errorWithin(text("never"), "before-content"), onlyStream: true },
};

const deadlines = { connectMs: 500, responseMs: 500, firstContentMs: 500, totalMs: 500 };
const pairs = dialects.flatMap((first) => dialects.map((second) => ({ first, second })));

describe.each(pairs)("from a provider of type $first to one of type $second", ({ first, second }) => {
  for (const [name, failure] of Object.entries(failures)) {
    for (const isStream of failure.onlyStream ? [true] : [true, false]) {
      it(`the whole answer comes from the second when the first ${name} (stream: ${isStream})`, async () => {
        await using bad = await startFakeUpstream({ dialect: first, script: [failure.behaviour] });
        await using good = await startFakeUpstream({ dialect: second, defaultBehaviour: text("The whole answer.") });
        const change = failure.isSlow ? { timeouts: deadlines } : {};
        await using place = await setting([providerOf("bad", bad, change), providerOf("good", good)]);
        const message = await askBoth(place.client, isStream);
        expect(textOf(message)).toBe("The whole answer.");
        expect(message.model).toBe(question.model);
        // A deadline may pass before the request is there, if this process stands still.
        if (!failure.isSlow) expect(bad.requests).toHaveLength(1);
        expect(good.requests).toHaveLength(1);
        expect(textOf(await askBoth(place.client, isStream))).toBe("The whole answer.");
        expect(bad.requests.length).toBeLessThanOrEqual(1);
        expect(good.requests).toHaveLength(2);
      });
    }
  }

  it("the whole answer comes from the second when nobody listens at the first, or nobody reads there", async () => {
    await using blackhole = await startBlackhole();
    const suffix: Record<Dialect, string> = { anthropic: "", openai: "/v1", bedrock: "", vertex: "/v1" };
    const urls = [`http://127.0.0.1:${await closedPort()}${suffix[first]}`, `${blackhole.url}${suffix[first]}`];
    for (const url of urls) {
      await using good = await startFakeUpstream({ dialect: second, defaultBehaviour: text("The whole answer.") });
      const bad = providerOf("bad", { url, dialect: first }, { timeouts: deadlines });
      await using place = await setting([bad, providerOf("good", good)]);
      expect(textOf(await askBoth(place.client, true))).toBe("The whole answer.");
    }
  });

  it.each([true, false])(
    "all failing is a 503 in Anthropic's shape that says when to come back (stream: %s)",
    async (isStream) => {
      await using one = await startFakeUpstream({ dialect: first, defaultBehaviour: refuse(529) });
      await using two = await startFakeUpstream({ dialect: second, defaultBehaviour: refuse(529) });
      await using place = await setting([providerOf("one", one), providerOf("two", two)], {
        failureCooldownMs: 20_000,
        lastResort: false,
      });
      for (const asked of [1, 1]) {
        const error = await askBoth(place.client, isStream).catch((thrown: unknown) => thrown);
        if (!(error instanceof Anthropic.InternalServerError)) throw new Error("no 503", { cause: error });
        expect(error.status).toBe(503);
        expect(error.error).toMatchObject({ type: "error", error: { type: "api_error" } });
        expect(error.message).toContain("All providers are currently unavailable");
        const retryAfter = Number(error.headers?.get("retry-after"));
        expect(retryAfter).toBeGreaterThanOrEqual(1);
        expect(retryAfter).toBeLessThanOrEqual(20);
        expect([one.requests.length, two.requests.length]).toEqual([asked, asked]);
      }
    },
  );
});

it("forty conversations at once get their own answers", async () => {
  const echo: BehaviourSource = ({ body }) => {
    const words = /number (\d+)/.exec(JSON.stringify(body))?.[1] ?? "none";
    return paced(text(`This is answer ${words}.`), 2);
  };
  await using native = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: echo });
  await using translated = await startFakeUpstream({ dialect: "openai", defaultBehaviour: echo });
  await using place = await setting([providerOf("native", native), providerOf("translated", translated)], {
    selectionStrategy: "round_robin",
  });
  const answers = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      const messages = [{ role: "user" as const, content: `I am number ${index}` }];
      return textOf(await place.client.messages.stream({ ...question, messages }).finalMessage());
    }),
  );
  expect(answers).toEqual(answers.map((_, index) => `This is answer ${index}.`));
  expect(native.requests.length + translated.requests.length).toBe(40);
  expect(native.requests.length).toBeGreaterThan(10);
  expect(translated.requests.length).toBeGreaterThan(10);
});

it("tools of one turn may be answered by another provider than the one that called them", async () => {
  await using native = await startFakeUpstream({
    dialect: "anthropic",
    script: [tools({ name: "get_weather", input: { city: "Bern" } }), refuse(500)],
  });
  await using translated = await startFakeUpstream({ dialect: "openai", defaultBehaviour: text("Rain.") });
  await using place = await setting([providerOf("native", native), providerOf("translated", translated)]);
  const asked = { ...question, tools: [weather] };
  const message = await place.client.messages.stream(asked).finalMessage();
  const [use] = message.content;
  if (use?.type !== "tool_use") throw new Error("no tool use");
  const messages: Anthropic.MessageParam[] = [
    ...question.messages,
    { role: "assistant", content: message.content },
    { role: "user", content: [{ type: "tool_result", tool_use_id: use.id, content: "wet" }] },
  ];
  expect(textOf(await place.client.messages.stream({ ...asked, messages }).finalMessage())).toBe("Rain.");
  const sent = translated.requests[0]?.body as { messages: { role: string }[] } | undefined;
  const roles = sent?.messages.map(({ role }) => role) ?? [];
  expect(roles.slice(-3)).toEqual(["user", "assistant", "tool"]);
});
