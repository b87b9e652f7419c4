import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { drop, paced, refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import type { CallView } from "../../src/views/call-history.ts";
import type { FoundCalls } from "../../src/views/find-calls.ts";
import { call, postMessages, provider, startTestServer, type TestServer } from "../running-server.ts";
import { TemporaryFolder } from "../temporary-folder.ts";

async function find(server: TestServer, query: Record<string, string> = {}): Promise<FoundCalls> {
  const { status, json } = await call(server.url, `/ui/calls?${new URLSearchParams(query)}`);
  expect(status).toBe(200);
  return json() as FoundCalls;
}

const session = { "x-claude-code-session-id": "one-session" };

/** Has a server answer a call of each kind; answers the states, the newest first. */
async function play(server: TestServer, upstream: Awaited<ReturnType<typeof startFakeUpstream>>): Promise<void> {
  upstream.script(text("Hi"));
  await postMessages(server.url, { model: "claude-opus-4-5" }, { ...session, "x-claude-code-agent-id": "a" });
  upstream.script(refuse(400, { message: "messages: at least one message is required" }));
  await postMessages(server.url, { model: "claude-haiku-4-5" });
  upstream.script(refuse(529, { message: "Overloaded in Frankfurt" }));
  await postMessages(server.url, { model: "claude-sonnet-4-5" });
}

describe("a search among the last calls", () => {
  it("finds those of before a restart in the log, as they were shown before it", async () => {
    using folder = new TemporaryFolder();
    await using first = await startFakeUpstream({ dialect: "anthropic" });
    await using second = await startFakeUpstream({ dialect: "anthropic" });
    const config = { providers: [provider("first", first.url), provider("第二", second.url)] };
    const settings = { logFile: join(folder.path, "logs", "balancer.jsonl"), logLevel: "INFO" } as const;
    let before: FoundCalls;
    {
      await using server = await startTestServer(config, settings);
      await play(server, first);
      before = await find(server);
    }
    await using server = await startTestServer(config, settings);
    const after = await find(server);
    expect(after).toMatchObject({ matched: 3, searched: 3 });
    const known = ({ attempts, started_at: startedAt, ...rest }: CallView): unknown => ({
      ...rest,
      // The log writes the end of a call, and not when its attempts had content.
      isNear: Math.abs(startedAt - Date.now()) < 60_000,
      attempts: attempts.map(({ first_content_ms: _first, ...attempt }) => attempt),
    });
    expect(after.calls.map(known)).toEqual(before.calls.map(known));
    expect(after.calls.map(({ model, state, subagent }) => [model, state, subagent])).toEqual([
      ["claude-sonnet-4-5", "complete", false],
      ["claude-haiku-4-5", "error", false],
      ["claude-opus-4-5", "complete", true],
    ]);
    const mark = after.calls[2]?.session ?? "";
    expect(mark).toMatch(/^[0-9a-f]{16}$/);
    for (const [query, models] of [
      [{ text: "frankfurt 第二" }, ["claude-sonnet-4-5"]],
      [{ text: mark }, ["claude-opus-4-5"]],
      [{ text: "HAIKU 400" }, ["claude-haiku-4-5"]],
      [{ text: "haiku frankfurt" }, []],
      [{ outcome: "failed" }, ["claude-haiku-4-5"]],
      [{ outcome: "failover" }, ["claude-sonnet-4-5"]],
      [{ outcome: "complete", text: "first" }, ["claude-sonnet-4-5", "claude-opus-4-5"]],
      [{ outcome: "cancelled" }, []],
    ] as const)
      expect([query, (await find(server, query)).calls.map(({ model }) => model)]).toEqual([query, models]);
    // A call of this process, which the log has as well, is found once.
    await postMessages(server.url, { model: "claude-opus-4-5" });
    expect((await find(server, { text: "opus" })).matched).toBe(2);
    expect(readFileSync(settings.logFile, "utf8")).not.toContain("one-session");
  });

  it("finds them in memory where no log is written, and says how many there are beyond those it answers", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer({ providers: [provider("only", upstream.url)] });
    for (let index = 0; index < 130; index += 1)
      await postMessages(server.url, { model: index === 3 ? "claude-haiku-4-5" : "claude-opus-4-5" });
    const all = await find(server);
    expect([all.calls.length, all.matched, all.searched]).toEqual([100, 130, 130]);
    expect((await find(server, { limit: "1000000" })).calls).toHaveLength(130);
    expect((await find(server, { text: "haiku" })).calls).toMatchObject([{ model: "claude-haiku-4-5" }]);
  });

  it("passes over what is no call, and shows hostile lines as what they are: texts without control characters", async () => {
    using folder = new TemporaryFolder();
    const logFile = join(folder.path, "balancer.jsonl");
    await using server = await startTestServer({ providers: [provider("only", "http://127.0.0.1:9")] }, { logFile });
    const line = {
      event: "request_completed",
      timestamp: new Date().toISOString(),
      request_id: "r",
      state: "complete",
    };
    for (const text of [
      '{"event":"request_completed"',
      "[]",
      JSON.stringify({ ...line, model: 5 }),
      JSON.stringify({ ...line, model: "m", timestamp: "yesterday" }),
      JSON.stringify({ ...line, model: "m", state: "running" }),
      JSON.stringify({
        ...line,
        model: "a\u202eb\u0007",
        attempts: [1, { provider: ["x"], duration_ms: "1" }],
        client: {},
      }),
    ])
      appendFileSync(logFile, `${text}\n`);
    const { calls, searched } = await find(server);
    expect([calls.length, searched]).toEqual([1, 1]);
    expect(calls[0]).toMatchObject({
      model: "a\\u202eb\\u0007",
      client: null,
      attempts: [{ provider: "", model: "" }],
    });
  });

  it("refuses an outcome that there is none of", async () => {
    await using server = await startTestServer({ providers: [provider("only", "http://127.0.0.1:9")] });
    const { status, body } = await call(server.url, "/ui/calls?outcome=odd");
    expect([status, body]).toEqual([400, expect.stringContaining("failover") as unknown]);
  });
});

describe("calls under way", () => {
  it("say whether they wait, ask or answer, and how fast", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    await using server = await startTestServer({
      providers: [provider("only", upstream.url, { maxConcurrent: 2 })],
      settings: { queueTimeoutMs: 60_000 },
    });
    const states = async (): Promise<CallView[]> =>
      ((await call(server.url, "/ui/state")).json().calls as CallView[]).toReversed();
    upstream.script(paced(text("four and more words in a row ".repeat(1_000)), 20));
    upstream.script(drop("stall"));
    const asked = ["claude-opus-4-5", "claude-haiku-4-5", "claude-sonnet-4-5"].map((model) =>
      postMessages(server.url, { model, stream: true }).catch(() => undefined),
    );
    await expect
      .poll(async () => (await states()).map(({ phase }) => phase))
      .toEqual(["answering", "asking", "waiting"]);
    const fast = async (): Promise<number | null> => (await states())[0]?.tokens_per_second ?? null;
    await expect.poll(fast, { timeout: 30_000 }).toBeGreaterThan(0);
    expect((await states()).slice(1).map((one) => one.tokens_per_second)).toEqual([null, null]);
    await server.server.close(0);
    await Promise.all(asked);
  });
});

describe("the end of the log", () => {
  it("is shown where a line holds objects in place of texts, or lists that are nested deeply", async () => {
    using folder = new TemporaryFolder();
    const logFile = join(folder.path, "balancer.jsonl");
    await using server = await startTestServer({ providers: [provider("only", "http://127.0.0.1:9")] }, { logFile });
    const odd = '{"toString":1,"valueOf":1}';
    const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
    const head = '{"level":"INFO","timestamp":"2026-11-29T03:20:00.000Z"';
    for (const value of [odd, deep]) {
      const attempt = `{"provider":${value},"outcome":"failed","status":${value}}`;
      const call = `"model":"m","status":${value},"input_tokens":1,"output_tokens":1,"cache_read_tokens":${value}`;
      appendFileSync(logFile, `${head},"event":${value},"message":${value}}\n`);
      appendFileSync(logFile, `${head},"event":"request_completed",${call},"attempts":[${attempt}]}\n`);
    }
    const { lines } = (await call(server.url, "/ui/log?text=%E2%80%A6")).json() as { lines: { message: string }[] };
    expect(lines.map(({ message }) => message)).toEqual(["m → … ✗ … 1 → 1", "…", "m → … ✗ … 1 → 1", "…"]);
    expect((await find(server)).calls).toEqual([]);
  });

  it("is shown by level and words, and is empty where there is no log", async () => {
    using folder = new TemporaryFolder();
    const logFile = join(folder.path, "balancer.jsonl");
    const config = { providers: [provider("only", "http://127.0.0.1:9")] };
    await using server = await startTestServer(config, { logFile });
    await postMessages(server.url);
    await expect.poll(() => readFileSync(logFile, "utf8")).toContain("request_completed");
    const read = async (query: string): Promise<string[]> => {
      const { lines } = (await call(server.url, `/ui/log?${query}`)).json() as { lines: { event: string }[] };
      return lines.map(({ event }) => event);
    };
    expect((await read("")).slice(-2)).toContain("request_received");
    expect(new Set(await read("level=ERROR"))).toEqual(
      new Set(["request_failure", "provider_request_failed", "circuit_change"]),
    );
    expect(await read("text=circuit_change")).toContain("circuit_change");
    await using other = await startTestServer(config);
    expect((await call(other.url, "/ui/log")).json()).toEqual({ lines: [], searched: 0 });
  });
});
