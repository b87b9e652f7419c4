import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFakeUpstream } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { countsBefore } from "../../src/clients/client-desk.ts";
import { UsageFiles } from "../../src/usage/usage-files.ts";
import { noCounts, type UsageRow } from "../../src/usage/usage-row.ts";
import { CcpbProcess, Workspace } from "../cli/ccpb-process.ts";
import { call, messagesBody } from "../running-server.ts";
import { client } from "../team/team-stage.ts";

// Takes minutes: CCPB_LONG_TESTS=1. Needs the built binary.
const isLong = process.env["CCPB_LONG_TESTS"] === "1";
const lanes = 4;
const killsOfLane = 50;
/** What a kill may take: calls that ended longer than this before it must be in the ledger. */
const mayLoseMs = 1_000;

const key = "key-of-alice-0123456789";
const yaml = (url: string): string => `
providers:
  - { name: one, type: anthropic, base_url: "${url}", auth_type: api_key, auth_value: sk-test, big_model: passthrough, small_model: passthrough }
settings: { port: 0, auth: { clients: [{ name: alice, key: ${key} }] } }
`;

/** A call that a client got a whole answer to. Its model's name is its own, so that the ledger has a row for it alone. */
interface Answered {
  readonly model: string;
  readonly input: number;
  readonly output: number;
  /** How long before the kill the client had the last byte. */
  readonly ageMs: number;
}

interface Lane {
  kills: number;
  readonly sent: Set<string>;
  readonly answered: Answered[];
}

/** Asks `server` with four clients, which pause for 10 ms between calls, until `stopped` is aborted; each call names a model of its own. */
async function load(server: string, lane: Lane, stopped: AbortSignal): Promise<readonly Answered[]> {
  const answered: Answered[] = [];
  const headers = { "content-type": "application/json", "x-api-key": key };
  const ask = async (): Promise<void> => {
    while (!stopped.aborted) {
      const model = `claude-opus-${lane.kills}-${lane.sent.size}`;
      lane.sent.add(model);
      const options = { method: "POST", headers, body: messagesBody({ model }) };
      const reply = await call(server, "/v1/messages", options).catch(() => undefined);
      const endedAtMs = performance.now();
      if (reply?.status === 200) {
        const { input_tokens: input, output_tokens: output } = reply.json().usage;
        answered.push({ model, input, output, ageMs: endedAtMs });
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await Promise.all(Array.from({ length: 4 }, ask));
  return answered;
}

/** Returns the calls of which the ledger has no row, or other counts than the client was told. */
function missingIn(rows: readonly UsageRow[], answered: readonly Answered[]): readonly Answered[] {
  const byModel = new Map(rows.map((row) => [row.model, row]));
  return answered.filter(({ model, input, output }) => {
    const row = byModel.get(model);
    return row?.calls !== 1 || row.input !== input || row.output !== output;
  });
}

/** Starts a server, lets clients ask it for 2.5 to 4.5 seconds, and kills it; again and again, with one ledger, which is read after each kill. */
async function runLane(url: string, space: Workspace, folder: string): Promise<Lane> {
  const lane: Lane = { kills: 0, sent: new Set(), answered: [] };
  space.write("providers.yaml", yaml(url));
  while (lane.kills < killsOfLane) {
    await using ccpb = new CcpbProcess(space.folder, []);
    const server = await ccpb.url();
    const stop = new AbortController();
    const loading = load(server, lane, stop.signal);
    await new Promise((resolve) => setTimeout(resolve, 2_500 + Math.random() * 2_000));
    ccpb.child.kill("SIGKILL");
    const killedAtMs = performance.now();
    stop.abort();
    const answered = (await loading).map((one) => ({ ...one, ageMs: killedAtMs - one.ageMs }));
    await ccpb.exit;
    lane.kills += 1;
    lane.answered.push(...answered);
    const missing = missingIn(await new UsageFiles({ folder }).read(""), answered);
    expect.soft(missing.filter(({ ageMs }) => ageMs > mayLoseMs)).toEqual([]);
  }
  return lane;
}

describe.runIf(isLong)("the ledger (CCPB_LONG_TESTS=1)", () => {
  it(
    `loses at most the last second when its server is killed ${lanes * killsOfLane} times under load`,
    { timeout: 1_200_000 },
    async () => {
      await using upstream = await startFakeUpstream({ dialect: "anthropic" });
      await Promise.all(
        Array.from({ length: lanes }, async () => {
          using space = new Workspace();
          const folder = join(space.folder, "logs", "usage");
          const { kills, sent, answered } = await runLane(upstream.url, space, folder);
          const rows = await new UsageFiles({ folder }).read("");
          const missing = missingIn(rows, answered);
          const broken = readdirSync(folder).flatMap((name) =>
            readFileSync(join(folder, name), "utf8")
              .split("\n")
              .filter((line) => line !== "" && !isJson(line)),
          );
          const old = answered.filter(({ ageMs }) => ageMs > mayLoseMs);
          const report = {
            kills,
            sent: sent.size,
            answered: answered.length,
            old: old.length,
            oldMissing: missing.filter(({ ageMs }) => ageMs > mayLoseMs).length,
            missing: missing.length,
            oldestMissingMs: Math.round(Math.max(0, ...missing.map(({ ageMs }) => ageMs))),
            rows: rows.length,
            countedTwice: rows.filter(({ calls }) => calls > 1).length,
            brokenLines: broken.length,
          };
          process.stdout.write(`${JSON.stringify(report)}\n`);
          // Most calls must be old enough to say something.
          expect.soft(old.length).toBeGreaterThan(answered.length / 2);
          expect.soft(report.oldMissing).toBe(0);
          expect.soft(report.countedTwice).toBe(0);
          expect.soft(rows.filter(({ model }) => !sent.has(model))).toEqual([]);
          // Each kill may tear the line that was being written, and no other.
          expect.soft(broken.length).toBeLessThanOrEqual(kills);
        }),
      );
    },
  );

  it(
    "of a month of fifty clients is small, and is read within the start of a server",
    { timeout: 1_200_000 },
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "ccpb-month-"));
      mkdirSync(folder, { recursive: true });
      const files = new UsageFiles({ folder, settleMs: 0 });
      const clients = Array.from({ length: 50 }, (_, index) =>
        client(`client${index}`, { budgets: [{ per: "month", timezone: "UTC", cost: { USD: 100 } }] }),
      );
      let lines = 0;
      // Ten hours on each of thirty days; each client makes a call in 30 seconds, at one of three models.
      for (let minute = 0; minute < 30 * 600; minute += 1) {
        const day = String(Math.floor(minute / 600) + 1).padStart(2, "0");
        const hour = `2026-11-${day}T${String(8 + Math.floor((minute % 600) / 60)).padStart(2, "0")}`;
        const rows = clients.flatMap(({ name }, index): UsageRow[] =>
          [0, 1].map((half) => ({
            hour,
            client: name,
            provider: half === 0 ? "anthropic" : "openrouter",
            key: 1,
            model: `claude-model-${(index + minute + half) % 3}`,
            ...noCounts,
            calls: 1,
            input: 900 + index,
            output: 400,
            cacheRead: 24_000,
            cacheWrite: 600,
            cost: { USD: 21_345_678 },
          })),
        );
        await files.append(rows);
        lines += rows.length;
      }
      await files.close();
      const size = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
      const startedAtMs = performance.now();
      const counts = await countsBefore(
        (from) => new UsageFiles({ folder }).read(from),
        clients,
        Date.parse("2026-11-30T18:00:00Z"),
      );
      const readMs = performance.now() - startedAtMs;
      rmSync(folder, { recursive: true, force: true });
      expect(counts["client7"]?.spent["month|UTC"]?.tokens).toBe(30 * 600 * 2 * (907 + 400 + 600));
      process.stdout.write(`${JSON.stringify({ calls: lines, megabytes: size / 1e6, readMs: Math.round(readMs) })}\n`);
      expect(size).toBeLessThan(50_000_000);
    },
  );
});

function isJson(line: string): boolean {
  try {
    return typeof JSON.parse(line) === "object";
  } catch {
    return false;
  }
}
