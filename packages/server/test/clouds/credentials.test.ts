import { chmod, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CredentialSource, ProviderConfig } from "@ccpb/core";
import { VirtualClock } from "@ccpb/core/testing";
import { type BehaviourSource, body, refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { askServer } from "../faults/fault-bench.ts";
import { call, provider, startTestServer } from "../running-server.ts";
import { TemporaryFolder } from "../temporary-folder.ts";

function renewed(source: CredentialSource, change: Partial<ProviderConfig> = {}): Partial<ProviderConfig> {
  return { ...change, auth: { type: "renewed", source } };
}

/** Time that stands still: a command, which on a busy machine may take many seconds to start, is not stopped after ten. */
function standingStill(): { readonly clock: VirtualClock } {
  return { clock: new VirtualClock(Date.now()) };
}

/** A command that notes each of its runs in a file, and prints a token with the number of the run. */
async function countingCommand(
  folder: string,
  body: string,
): Promise<{ command: string[]; runs: () => Promise<number> }> {
  const notes = join(folder, "runs");
  await writeFile(notes, "");
  const script = join(folder, "token.mjs");
  await writeFile(
    script,
    `import { appendFileSync, readFileSync } from "node:fs";
appendFileSync(${JSON.stringify(notes)}, "x");
const run = readFileSync(${JSON.stringify(notes)}, "utf8").length;
${body}`,
  );
  await chmod(script, 0o755);
  return { command: [process.execPath, script], runs: async () => (await readFile(notes, "utf8")).length };
}

const types = [
  { dialect: "anthropic", change: {} },
  { dialect: "openai", change: {} },
  { dialect: "bedrock", change: { type: "bedrock", region: "us-east-1" } },
  { dialect: "vertex", change: { type: "vertex", region: "global", project: "p-1" } },
] as const;

describe.each(types)("a $dialect provider that is paid by a command", ({ dialect, change }) => {
  const type = { type: dialect, ...change } as const;

  it("runs it once for many calls, and once more for all of them after a 401, of which no client hears", async () => {
    using folder = new TemporaryFolder();
    const { command, runs } = await countingCommand(folder.path, "console.log(`token-${run}`);");
    let refusedToken = "";
    const upstreamBehaviour: BehaviourSource = ({ headers }) =>
      headers["authorization"] === refusedToken ? refuse(401, { message: "token expired" }) : text("Paid.");
    await using upstream = await startFakeUpstream({ dialect, defaultBehaviour: upstreamBehaviour });
    await using server = await startTestServer(
      { providers: [provider("one", upstream.url, renewed({ type: "command", command }, type))] },
      {},
      standingStill(),
    );
    const first = await Promise.all(
      Array.from({ length: 50 }, (_, index) => askServer(server.url, { stream: index % 2 === 0 })),
    );
    expect(new Set(first.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await runs()).toBe(1);
    expect(new Set(upstream.requests.map(({ headers }) => headers["authorization"]))).toEqual(
      new Set(["Bearer token-1"]),
    );
    refusedToken = "Bearer token-1";
    const second = await Promise.all(Array.from({ length: 50 }, () => askServer(server.url, { stream: true })));
    expect(new Set(second.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await runs()).toBe(2);
    expect(server.text()).not.toContain("token-1");
  });
});

it("a credential that stays refused after its renewal is the credential's failure, and is asked for once more alone", async () => {
  using folder = new TemporaryFolder();
  const { command, runs } = await countingCommand(folder.path, "console.log(`token-${run}`);");
  await using upstream = await startFakeUpstream({
    dialect: "anthropic",
    defaultBehaviour: ({ headers }) => refuse(401, { message: `no such token: ${headers["authorization"]}` }),
  });
  await using spare = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Spare.") });
  const config = {
    providers: [provider("one", upstream.url, renewed({ type: "command", command })), provider("two", spare.url)],
  };
  // In time that stands still a call waits for the command, however long that takes, although another provider could serve it.
  await using server = await startTestServer(config, {}, { clock: new VirtualClock(Date.now()) });
  const reply = await askServer(server.url, { stream: true });
  expect(reply).toMatchObject({ status: 200, headers: { "x-ccpb-provider": "two", "x-ccpb-attempts": "3" } });
  expect([upstream.requests.length, await runs()]).toEqual([2, 2]);
  expect(await askServer(server.url, { stream: true })).toMatchObject({ headers: { "x-ccpb-attempts": "1" } });
  // The upstream echoed both tokens.
  expect(server.text()).not.toMatch(/token-[12]/);
  expect((await call(server.url, "/providers")).body).not.toMatch(/token-[12]/);
});

it("a command that fails is the credential's failure, with its words as the reason, redacted", async () => {
  using folder = new TemporaryFolder();
  const { command } = await countingCommand(
    folder.path,
    'console.error("Reauthentication failed. sk-ant-api03-abcdefghij"); process.exit(1);',
  );
  await using upstream = await startFakeUpstream({ dialect: "anthropic" });
  await using spare = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Spare.") });
  await using server = await startTestServer({
    providers: [provider("one", upstream.url, renewed({ type: "command", command })), provider("two", spare.url)],
  });
  // The first call may not wait for the command; a later one has its failure.
  await askServer(server.url, { stream: false });
  expect(upstream.requests).toHaveLength(0);
  const view = async (): Promise<Record<string, unknown>> =>
    ((await call(server.url, "/providers")).json() as { providers: Record<string, unknown>[] }).providers[0] ?? {};
  await expect
    .poll(
      async () => {
        await askServer(server.url, { stream: false });
        return JSON.stringify(await view());
      },
      { timeout: 60_000, interval: 200 },
    )
    .toContain("failed with exit code 1: Reauthentication failed. [redacted]");
  expect(server.text()).not.toContain("abcdefghij");
});

it("a command that hangs delays nobody who has another provider", async () => {
  using folder = new TemporaryFolder();
  const { command } = await countingCommand(folder.path, "setTimeout(() => {}, 60_000);");
  await using upstream = await startFakeUpstream({ dialect: "anthropic" });
  await using spare = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Spare.") });
  await using server = await startTestServer({
    providers: [provider("one", upstream.url, renewed({ type: "command", command })), provider("two", spare.url)],
  });
  const replies = await Promise.all(Array.from({ length: 100 }, () => askServer(server.url, { stream: true })));
  expect(new Set(replies.map(({ status, headers }) => `${status} ${String(headers["x-ccpb-provider"])}`))).toEqual(
    new Set(["200 two"]),
  );
  // The command itself would be stopped after ten seconds only.
  for (const { ms } of replies) expect(ms).toBeLessThan(30_000);
  expect(await askServer(server.url, { stream: true })).toMatchObject({ status: 200 });
});

it("a key in a file is read again when the file changes, and sent in the header that is named", async () => {
  using folder = new TemporaryFolder();
  const file = join(folder.path, "key");
  await writeFile(file, "file-key-one\n");
  await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Paid.") });
  const auth = { type: "renewed", source: { type: "file", file }, header: "x-api-key" } as const;
  await using server = await startTestServer({ providers: [provider("one", upstream.url, { auth })] });
  await askServer(server.url, {});
  // As Kubernetes does it: another file takes its place.
  await writeFile(`${file}.new`, "file-key-two");
  await rename(`${file}.new`, file);
  await askServer(server.url, {});
  await writeFile(file, "two\nlines");
  const refused = await askServer(server.url, {});
  expect(refused.status).toBe(503);
  expect(refused.body).not.toContain("two\\nlines");
  expect(upstream.requests.map(({ headers }) => headers["x-api-key"])).toEqual(["file-key-one", "file-key-two"]);
  expect(JSON.stringify((await call(server.url, "/providers")).json())).toContain("gave several lines");
});

it("1,000 calls over sockets across a renewal in virtual time: one fetch each hour, and none fails", async () => {
  using folder = new TemporaryFolder();
  const clock = new VirtualClock();
  const hourMs = 3_600_000;
  const { command, runs } = await countingCommand(
    folder.path,
    `console.log(JSON.stringify({ token: "token-" + run, expires_at: (${clock.wallNow()} + run * ${hourMs}) / 1000 }));`,
  );
  await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Paid.") });
  await using server = await startTestServer(
    { providers: [provider("one", upstream.url, renewed({ type: "command", command }))] },
    {},
    { clock },
  );
  const statuses: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    // The sixth round is within five minutes of the expiry, the seventh beyond it.
    if (round === 5) await clock.advance(hourMs - 120_000);
    if (round === 6) {
      // The clock moves on only when the second token is in use: the command's own time limit runs on this clock.
      await expect
        .poll(async () => {
          statuses.push((await askServer(server.url, { stream: false })).status);
          return upstream.requests.at(-1)?.headers["authorization"];
        })
        .toBe("Bearer token-2");
      await clock.advance(180_000);
    }
    const replies = await Promise.all(Array.from({ length: 100 }, () => askServer(server.url, { stream: false })));
    statuses.push(...replies.map(({ status }) => status));
  }
  expect(statuses.length).toBeGreaterThanOrEqual(1_000);
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(await runs()).toBe(2);
  expect(new Set(upstream.requests.map(({ headers }) => headers["authorization"]))).toEqual(
    new Set(["Bearer token-1", "Bearer token-2"]),
  );
});

it.each([
  [403, "ExpiredTokenException", "The security token included in the request is expired"],
  [403, "UnrecognizedClientException", "The security token included in the request is invalid."],
  [401, "UnrecognizedClientException", "The security token included in the request is invalid."],
])("AWS's %i %s renews the credential at once", async (status, errorType, message) => {
  using folder = new TemporaryFolder();
  const { command, runs } = await countingCommand(folder.path, "console.log(`token-${run}`);");
  await using upstream = await startFakeUpstream({
    dialect: "bedrock",
    defaultBehaviour: ({ headers }) =>
      headers["authorization"] === "Bearer token-1" ? refuse(status, { errorType, message }) : text("Paid."),
  });
  const type = { type: "bedrock", region: "us-east-1" } as const;
  await using server = await startTestServer(
    { providers: [provider("one", upstream.url, renewed({ type: "command", command }, type))] },
    {},
    standingStill(),
  );
  expect(await askServer(server.url, { stream: true })).toMatchObject({
    status: 200,
    headers: { "x-ccpb-attempts": "2" },
  });
  expect(await runs()).toBe(2);
});

it("a permission that is denied is no reason to fetch another credential", async () => {
  using folder = new TemporaryFolder();
  const { command, runs } = await countingCommand(folder.path, "console.log(`token-${run}`);");
  const denied = refuse(403, {
    errorType: "PERMISSION_DENIED",
    message: "Permission 'aiplatform.endpoints.predict' denied",
  });
  await using upstream = await startFakeUpstream({ dialect: "vertex", defaultBehaviour: denied });
  const type = { type: "vertex", region: "global", project: "p-1" } as const;
  await using server = await startTestServer(
    { providers: [provider("one", upstream.url, renewed({ type: "command", command }, type))] },
    {},
    standingStill(),
  );
  expect((await askServer(server.url, { stream: true })).status).toBe(503);
  expect([await runs(), upstream.requests.length]).toEqual([1, 1]);
});

it("the lists of models of providers are asked for with the credential of a command", async () => {
  using folder = new TemporaryFolder();
  const { command } = await countingCommand(folder.path, "console.log(`token-${run}`);");
  await using upstream = await startFakeUpstream({ dialect: "anthropic" });
  upstream.setRoute("/v1/models", body(JSON.stringify({ data: [{ type: "model", id: "claude-listed" }] })));
  await using server = await startTestServer({
    providers: [provider("one", upstream.url, renewed({ type: "command", command }))],
  });
  expect((await call(server.url, "/v1/models")).body).toContain("claude-listed");
  expect(upstream.requests[0]?.headers["authorization"]).toBe("Bearer token-1");
});
