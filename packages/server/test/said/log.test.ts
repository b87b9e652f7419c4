import { closedPort, cut, drop, paced, refuse, text, type BehaviourSource } from "@ccpb/fake-upstream";
import { startFakeUpstream } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { dialects, healthyWords, startBench } from "../faults/fault-bench.ts";
import { postMessages, provider, startTestServer, type TestServer } from "../running-server.ts";

type Line = Readonly<Record<string, unknown>>;

function errors(server: TestServer): Line[] {
  return server.lines().filter(({ level }) => level === "ERROR");
}

const words = "The flux capacitor of region eu-7 is out of plutonium";

describe.each(dialects)("what the log says of a failed attempt, %s:", (dialect) => {
  const failures: Readonly<Record<string, readonly [BehaviourSource, suspect: string]>> = {
    "500": [refuse(500, { message: words }, { "request-id": "req_up_1" }), "unclear"],
    "529": [refuse(529, { message: words }, { "request-id": "req_up_1" }), "provider"],
    "401": [refuse(401, { message: words }, { "request-id": "req_up_1" }), "credential"],
    "429": [refuse(429, { message: words }, { "request-id": "req_up_1", "retry-after": "30" }), "credential"],
  };

  it.each(Object.entries(failures))(
    "%s and another served: a WARNING, and one ERROR for who left",
    async (_name, [first, suspect]) => {
      await using bench = await startBench({ dialect, first });
      const reply = await bench.ask(true);
      expect(reply.status).toBe(200);
      const said = { words, upstream_request_id: "req_up_1", provider: "first" };
      const attempts = bench.server.lines("provider_request_failed");
      expect(attempts).toMatchObject([{ level: "WARNING", suspect, ...said }]);
      expect(attempts[0]?.["message"]).toContain(`“${words}” (request id req_up_1)`);
      expect(errors(bench.server)).toMatchObject([{ event: "circuit_change", from: "closed", to: "open", ...said }]);
      await bench.ask(true);
      expect(errors(bench.server)).toHaveLength(1);
      expect(reply.body).not.toContain("plutonium");
    },
  );

  it.each(Object.entries(failures))(
    "%s and no other served: an ERROR, and the client hears the class alone",
    async (_name, [first, suspect]) => {
      await using bench = await startBench({ dialect, first, second: null, settings: { queueTimeoutMs: 0 } });
      const reply = await bench.ask(false);
      expect(reply.status).toBe(503);
      const [attempt] = bench.server.lines("provider_request_failed");
      expect(attempt).toMatchObject({ level: "ERROR", suspect, words, upstream_request_id: "req_up_1" });
      expect(bench.server.lines("request_failure")).toMatchObject([{ level: "ERROR", status: 503 }]);
      expect(reply.body).not.toMatch(/plutonium|req_up_1/);
      expect(reply.body).toContain("first: ");
    },
  );

  it("the WARNING stands in the log when the other has content, not when its stream ends", async () => {
    const slow = paced(text(healthyWords), 60);
    await using bench = await startBench({ dialect, first: refuse(500, { message: words }), second: slow });
    const asked = bench.ask(true);
    await expect.poll(() => bench.server.lines("provider_request_failed"), { timeout: 30_000 }).toHaveLength(1);
    expect(bench.completed()).toEqual([]);
    await asked;
    expect(bench.server.lines("provider_request_failed")).toHaveLength(1);
  });

  it("a stream that is cut after its first content is an ERROR, whoever failed before it a WARNING", async () => {
    const second = cut(paced(text("one two three four five six"), 1), "mid-content");
    await using bench = await startBench({ dialect, first: refuse(500), second });
    await bench.ask(true);
    const lines = bench.server.lines("provider_request_failed");
    expect(lines.map(({ provider: name, level }) => [name, level])).toEqual([
      ["first", "WARNING"],
      ["second", "ERROR"],
    ]);
    expect(bench.server.lines("stream_interrupted")).toMatchObject([{ level: "ERROR" }]);
  });

  it("a request's own error is no ERROR", async () => {
    await using bench = await startBench({ dialect, first: refuse(400) });
    expect((await bench.ask(false)).status).toBe(400);
    expect(errors(bench.server)).toEqual([]);
  });

  it("a return to service is an INFO line", async () => {
    await using bench = await startBench({
      dialect,
      first: text("Back."),
      script: [refuse(500)],
      settings: { failureCooldownMs: 30 },
    });
    await bench.ask(true);
    await expect
      .poll(async () => (await bench.ask(true)).headers["x-ccpb-provider"], { timeout: 30_000 })
      .toBe("first");
    const back = bench.server.lines("circuit_change").filter(({ to }) => to === "closed");
    expect(back).toMatchObject([{ level: "INFO", provider: "first" }]);
    expect(back[0]?.["message"]).toContain("is back in service");
  });
});

describe("what the log says of this machine", () => {
  it("names the cause where no provider can be connected to", async () => {
    const port = await closedPort();
    const url = `http://127.0.0.1:${port}`;
    await using server = await startTestServer({
      providers: [provider("one", url), provider("two", url)],
      settings: { queueTimeoutMs: 0 },
    });
    const reply = await postMessages(server.url);
    expect(reply.status).toBe(503);
    expect(reply.json().error.message).toContain("this machine or its network");
    const [failure] = server.lines("request_failure");
    expect(failure).toMatchObject({ level: "ERROR", suspect: "host" });
    expect(failure?.["message"]).toContain(
      "this machine or its network is at fault: the connection failed (ECONNREFUSED; nothing listens at",
    );
    expect(server.lines("circuit_change")).toEqual([]);
  });

  it("holds no digest of a client's login, and a refused login is no ERROR of the provider", async () => {
    await using upstream = await startFakeUpstream({
      dialect: "anthropic",
      defaultBehaviour: refuse(401, { message: words }),
    });
    await using server = await startTestServer({
      providers: [provider("own", upstream.url, { auth: { type: "passthrough" } })],
      settings: { queueTimeoutMs: 0 },
    });
    await postMessages(server.url, {}, { authorization: "Bearer sk-ant-oat01-a-login-of-a-client-0001" });
    const [change] = server.lines("circuit_change");
    expect(change).toMatchObject({ level: "WARNING", scope: "login", words });
    expect(change?.["message"]).toContain("one client's own login");
    expect(server.text()).not.toMatch(/login [0-9a-f]{16}/);
  });
});

it("what a provider quotes of a prompt is in no line of the log", async () => {
  const prompt = "Dear Ms Lovelace, the invoice of the third of May is overdue";
  await using upstream = await startFakeUpstream({
    dialect: "anthropic",
    defaultBehaviour: drop("reset"),
    script: [refuse(500, { message: `cannot parse: ${prompt}` })],
  });
  await using server = await startTestServer({
    providers: [provider("one", upstream.url)],
    settings: { queueTimeoutMs: 0 },
  });
  await postMessages(server.url, { messages: [{ role: "user", content: prompt }] });
  expect(server.lines("provider_request_failed")).toMatchObject([{ words: "cannot parse: [of the request]" }]);
  expect(server.text()).not.toContain("Lovelace");
});

describe("the lines of a call", () => {
  const ofCalls = [
    "request_received",
    "model_selection",
    "provider_switched",
    "provider_request",
    "request_completed",
    "request_failure",
    "stream_interrupted",
  ];
  const second = text(healthyWords);
  const outcomes: Readonly<Record<string, readonly [BehaviourSource, BehaviourSource, number]>> = {
    "is served at once": [second, second, 200],
    "fails over": [refuse(500), second, 200],
    "is refused by every provider": [refuse(500), refuse(529), 503],
    "is refused for itself": [refuse(400), second, 400],
    "breaks after its first content": [cut(paced(text("one two three four"), 1), "mid-content"), second, 200],
  };

  it.each(Object.entries(outcomes))("one at INFO where it %s", async (_name, [first, other, status]) => {
    await using bench = await startBench({
      dialect: "anthropic",
      first,
      second: other,
      settings: { queueTimeoutMs: 0 },
    });
    await bench.ask(true);
    await expect.poll(() => bench.completed().length).toBe(1);
    const informed = bench.server
      .lines()
      .filter(({ level, event }) => level === "INFO" && ofCalls.includes(String(event)));
    expect(informed.map(({ event }) => event)).toEqual(["request_completed"]);
    expect(informed[0]?.["status"]).toBe(status);
  });

  it("hold nothing at DEBUG that the one at INFO does not", async () => {
    await using bench = await startBench({ dialect: "anthropic", first: refuse(500), second });
    await bench.ask(true);
    await expect.poll(() => bench.completed()).toHaveLength(1);
    const [completed] = bench.completed();
    const attempts = completed?.["attempts"] as readonly Line[];
    const early = bench.server
      .lines()
      .filter(({ level, event }) => level === "DEBUG" && ofCalls.includes(String(event)));
    expect(early.map(({ event }) => event)).toEqual([
      "request_received",
      "model_selection",
      "provider_request",
      "provider_switched",
      "provider_request",
    ]);
    for (const {
      timestamp: _time,
      level: _level,
      event: _event,
      message: _message,
      attempt,
      probe,
      ...data
    } of early) {
      expect({ ...completed, ...attempts[Number(attempt ?? 1) - 1] }).toMatchObject(
        probe === true ? { ...data, probe } : data,
      );
    }
  });
});
