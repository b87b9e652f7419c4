import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFakeUpstream } from "@ccpb/fake-upstream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { knownPrices } from "../../src/usage/prices.ts";
import { readLogUsage } from "../../src/usage/log-usage.ts";
import { dayIn, reportCsv, reportUsage, sinceHour } from "../../src/usage/usage-report.ts";
import { provider, startTestServer, type TestServer } from "../running-server.ts";
import { sampleRow as row } from "./usage-samples.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ccpb-usage-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function ask(server: TestServer, model: string): Promise<void> {
  const response = await fetch(`${server.url}/v1/messages`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, max_tokens: 9, messages: [{ role: "user", content: "hi" }] }),
  });
  expect(response.status).toBe(200);
  await response.text();
}

const usageOf = async (server: TestServer, query = ""): Promise<Record<string, unknown>> =>
  (await (await fetch(`${server.url}/usage${query}`)).json()) as Record<string, unknown>;

describe("GET /usage", () => {
  it("tells tokens and cost, also after a restart, and says which price it does not know", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic" });
    const config = { providers: [provider("a", upstream.url)] };
    const settings = { usageFolder: join(folder, "usage"), prices: [{ model: "mine", input: 1_000, output: 0 }] };
    {
      await using server = await startTestServer(config, settings);
      for (const model of ["claude-opus-4-8", "mine", "nobody-knows-me"]) await ask(server, model);
    }
    await using server = await startTestServer(config, settings);
    const view = await usageOf(server, "?by=model");
    expect(view).toMatchObject({ by: "model", total: { calls: 3, failures: 0, unpriced_calls: 1 } });
    const groups = view["groups"] as { name: string; input_tokens: number; cost: Record<string, number> }[];
    expect(groups.map(({ name }) => name).sort()).toEqual(["claude-opus-4-8", "mine", "nobody-knows-me"]);
    const mine = groups.find(({ name }) => name === "mine");
    expect(mine?.cost["USD"]).toBeCloseTo((mine?.input_tokens ?? 0) / 1_000, 9);
    expect(groups.find(({ name }) => name === "nobody-knows-me")?.cost).toEqual({});
    const csv = await (await fetch(`${server.url}/usage?by=client&format=csv`)).text();
    expect(csv).toMatch(/^client,calls,[^\r]*cost_usd\r\nlocal,3,0,/);
  });

  it.each([
    ["?by=mood", /by is "mood"; write client/],
    ["?since=yesterday", /since is "yesterday"; write a span/],
    ["?timezone=Mars%2FOlympus", /timezone is "Mars\/Olympus"/],
  ])("says what is wrong with %s", async (query, message) => {
    await using server = await startTestServer({ providers: [provider("a", "http://127.0.0.1:9")] });
    const response = await fetch(`${server.url}/usage${query}`);
    expect(response.status).toBe(400);
    expect(await response.text()).toMatch(new RegExp(message.source.replaceAll('"', '\\\\"')));
  });

  it("needs a key where the server has one", async () => {
    const auth = { apiKeys: ["a-key-of-16-characters"], exemptPaths: [] };
    await using server = await startTestServer({ providers: [provider("a", "http://127.0.0.1:9")] }, { auth });
    expect((await fetch(`${server.url}/usage`)).status).toBe(401);
  });
});

describe("a report", () => {
  it("adds up days in a time zone", () => {
    const rows = [row({ hour: "2026-11-28T22" }), row({ hour: "2026-11-28T23" }), row({ hour: "2026-11-29T10" })];
    const report = reportUsage(rows, { by: "day", since: "2026-11-28T00", dayOf: dayIn("Europe/Berlin") });
    expect(report.groups.map(({ name, calls }) => [name, calls])).toEqual([
      ["2026-11-28", 1],
      ["2026-11-29", 2],
    ]);
    expect(report.total.calls).toBe(3);
  });

  it("reads spans and dates", () => {
    const nowMs = Date.UTC(2026, 10, 29, 3, 20);
    expect(["24h", "7d", "2026-11-01", "soon", "2026-13-01", "-1d"].map((one) => sinceHour(one, nowMs))).toEqual([
      "2026-11-28T04",
      "2026-11-22T04",
      "2026-11-01T00",
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("keeps names from becoming formulas or columns in a spreadsheet", () => {
    const rows = [row({ client: '=HYPERLINK("x")' }), row({ client: "a,b\n" })];
    const csv = reportCsv(reportUsage(rows, { by: "client", since: "", dayOf: (hour) => hour }));
    expect(csv).toContain(`"'=HYPERLINK(""x"")",1`);
    expect(csv).toContain('"a,b\n",1');
  });
});

describe("an old log", () => {
  it("counts as far as it tells", async () => {
    const path = join(folder, "balancer.jsonl");
    const line = (data: object): string => `${JSON.stringify({ event: "request_completed", ...data })}\n`;
    writeFileSync(
      path,
      [
        line({
          timestamp: "2026-11-02T10:00:00.000Z",
          provider: "b",
          upstream_model: "claude-opus-4-8",
          input_tokens: 1_000,
          output_tokens: 10,
          attempts: [
            { provider: "a", upstream_model: "m", outcome: "failed" },
            { provider: "b", upstream_model: "claude-opus-4-8", outcome: "complete", key: 2 },
          ],
        }),
        "no JSON at all\n",
        line({ timestamp: "never", provider: "b" }),
        '{"event":"request_received"}\n',
        '{"event":"request_completed","timesta',
      ].join(""),
    );
    expect(await readLogUsage(path, knownPrices)).toEqual([
      row({ hour: "2026-11-02T10", client: "local", model: "m", calls: 0, failures: 1, input: 0, cost: {} }),
      row({
        hour: "2026-11-02T10",
        client: "local",
        provider: "b",
        key: 2,
        model: "claude-opus-4-8",
        input: 1_000,
        output: 10,
        cost: { USD: 5_250_000 },
      }),
    ]);
    await expect(readLogUsage(join(folder, "none"), knownPrices)).rejects.toThrow("ENOENT");
  });
});
