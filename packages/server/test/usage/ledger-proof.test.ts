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
// The ledger is written once a second; a busy machine may be late by as much as this.
const lateMs = 500;

const key = "key-of-alice-0123456789";
const yaml = (url: string): string => `
providers:
  - { name: one, type: anthropic, base_url: "${url}", auth_type: api_key, auth_value: sk-test, big_model: passthrough, small_model: passthrough }
settings: { port: 0, auth: { clients: [{ name: alice, key: ${key} }] } }
`;

interface Lane {
  kills: number;
  sent: number;
  finished: number;
  /** Finished longer than a second before the kill: none of them may be missing. */
  safe: number;
}

/** Starts a server, has four clients ask it, and kills it at a random moment; again and again, with one ledger. */
async function runLane(url: string, space: Workspace): Promise<Lane> {
  const lane: Lane = { kills: 0, sent: 0, finished: 0, safe: 0 };
  space.write("providers.yaml", yaml(url));
  while (lane.kills < killsOfLane) {
    await using ccpb = new CcpbProcess(space.folder, []);
    const server = await ccpb.url();
    const finishedAtMs: number[] = [];
    let isOver = false;
    const load = async (): Promise<void> => {
      while (!isOver) {
        lane.sent += 1;
        const headers = { "content-type": "application/json", "x-api-key": key };
        const reply = await call(server, "/v1/messages", { method: "POST", headers, body: messagesBody() }).catch(
          () => undefined,
        );
        if (reply?.status === 200) finishedAtMs.push(performance.now());
        else if (!isOver) await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    const clients = Array.from({ length: 4 }, load);
    await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 2_000));
    ccpb.child.kill("SIGKILL");
    const killedAtMs = performance.now();
    isOver = true;
    await Promise.all([...clients, ccpb.exit]);
    lane.kills += 1;
    lane.finished += finishedAtMs.length;
    lane.safe += finishedAtMs.filter((atMs) => killedAtMs - atMs > 1_000 + lateMs).length;
  }
  return lane;
}

describe.runIf(isLong)("the ledger (CCPB_LONG_TESTS=1)", () => {
  it(
    `loses at most the last second when its server is killed ${lanes * killsOfLane} times under load`,
    { timeout: 1_200_000 },
    async () => {
      await using upstream = await startFakeUpstream({ dialect: "anthropic" });
      const report: object[] = [];
      await Promise.all(
        Array.from({ length: lanes }, async () => {
          using space = new Workspace();
          const lane = await runLane(upstream.url, space);
          const folder = join(space.folder, "logs", "usage");
          const rows = await new UsageFiles({ folder }).read("");
          const counted = rows.reduce((sum, { calls }) => sum + calls, 0);
          const broken = readdirSync(folder).flatMap((name) =>
            readFileSync(join(folder, name), "utf8")
              .split("\n")
              .filter((line) => line !== "" && !isJson(line)),
          );
          report.push({ ...lane, counted, brokenLines: broken.length });
          expect(counted).toBeGreaterThanOrEqual(lane.safe);
          expect(counted).toBeLessThanOrEqual(lane.sent);
          // Each kill may tear the line that was being written, and no other.
          expect(broken.length).toBeLessThanOrEqual(lane.kills);
        }),
      );
      process.stdout.write(`${JSON.stringify(report)}\n`);
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
