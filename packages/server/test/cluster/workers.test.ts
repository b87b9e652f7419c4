import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { paced, refuse, startFakeUpstream, stall, text } from "@ccpb/fake-upstream";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { hasRedis, redisNotice, TestRedis } from "../../../redis/test/redis-server.ts";
import { buildBinary, CcpbProcess, providersYaml, Workspace } from "../cli/ccpb-process.ts";
import { runCcpb } from "../cli/run-ccpb.ts";
import { call, postMessages, startStream } from "../running-server.ts";
import { ask, Load, metric, WorkersStage } from "./stage.ts";

beforeAll(buildBinary);

// Several processes start in each of these, on machines that may have two processors.
function twoProviders(first: string, second: string, settings = ""): string {
  const block = (name: string, url: string): string => `  - name: ${name}
    type: anthropic
    base_url: ${url}
    auth_type: api_key
    auth_value: sk-test-1234567890abcdef
    big_model: passthrough
    small_model: passthrough
`;
  return `providers:\n${block("one", first)}${block("two", second)}settings:\n  port: 0\n${settings}`;
}

/** A process that has ended may stay in the table until somebody asks how. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

describe("workers", () => {
  it("serve behind one address, one banner and one log, whose lines say which of them wrote them", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using stage = await WorkersStage.start(providersYaml(upstream.url, "  workers: 2\n"), 3);
    expect(stage.ccpb.stdout).toMatch(/Workers {7}: 3/);
    expect(stage.ccpb.stdout.match(/export ANTHROPIC_BASE_URL/g)?.length).toBe(1);
    const replies = await ask(stage.url, 12);
    expect(replies.map(({ status }) => status)).toEqual(Array(12).fill(200));
    expect(await stage.stop()).toBe(0);
    const completed = stage.lines("request_completed");
    expect(completed.length).toBe(12);
    expect(new Set(completed.map(({ worker }) => worker))).toEqual(new Set([1, 2, 3]));
    expect(stage.lines("server_started").length).toBe(1);
    expect(stage.lines("server_stopped").filter(({ worker }) => worker === undefined)).toMatchObject([{ cut: 0 }]);
    for (const line of stage.ccpb.stderr.trimEnd().split("\n")) expect(JSON.parse(line)).toHaveProperty("event");
  });

  it("are started by nobody who is told of a taken port or a bad file: one message, and the exit code of one process", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    using space = new Workspace();
    space.write("providers.yaml", providersYaml("http://127.0.0.1:9"));
    space.write("bad.yaml", providersYaml("http://127.0.0.1:9", "  workers: lots\n"));
    await using busy = new CcpbProcess(space.folder, ["--workers", "2", "--port", String(port)]);
    await using bad = new CcpbProcess(space.folder, ["--config", "bad.yaml"]);
    await using none = new CcpbProcess(space.folder, ["--workers", "0"]);
    expect(await busy.exit).toBe(1);
    expect(busy.stderr.match(/is in use/g)?.length).toBe(1);
    expect(busy.stderr).toContain(`127.0.0.1:${port} is in use`);
    expect(busy.stdout).toBe("");
    expect(await bad.exit).toBe(2);
    expect(bad.stderr).toMatch(/bad\.yaml:11:\d+/);
    expect(await none.exit).toBe(2);
    expect(none.stderr).toContain("--workers");
    taken.close();
  });

  it("share health: what one finds down, the others skip, and a recovery ends it for all", async () => {
    await using down = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(500) });
    await using up = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using stage = await WorkersStage.start(twoProviders(down.url, up.url), 3);
    expect((await postMessages(stage.url)).headers["x-ccpb-provider"]).toBe("two");
    await stage.untilLines(() => new Set(stage.lines("circuit_change").map(({ worker }) => worker)).size === 3);
    const replies = await Promise.all(Array.from({ length: 9 }, () => postMessages(stage.url)));
    expect(replies.map(({ headers }) => headers["x-ccpb-attempts"])).toEqual(Array(9).fill("1"));
    expect(down.requests.length).toBe(1);
    for (let index = 0; index < 3; index += 1) {
      await expect
        .poll(async () => (await call(stage.url, "/providers")).json())
        .toMatchObject({
          current_provider: "two",
          providers: [{ status: "open", healthy: false, requests: { total: 1, failed: 1 } }, {}],
        });
    }
    await call(stage.url, "/providers/reload?reset=true", { method: "POST" });
    await expect
      .poll(async () => (await call(stage.url, "/providers")).json().providers[0])
      .toMatchObject({ status: "closed" });
  });

  it("divide max_concurrent between them, also after a reload, and are not started where there is too little to divide", async () => {
    await using one = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: stall(text("Hi"), "headers") });
    await using two = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    const yaml = (limit: number): string =>
      twoProviders(one.url, two.url).replace("    big_model", `    max_concurrent: ${limit}\n    big_model`);
    await using stage = await WorkersStage.start(yaml(2), 2);
    stage.write(yaml(3));
    await call(stage.url, "/providers/reload", { method: "POST" });
    stage.write(yaml(1));
    const refused = await call(stage.url, "/providers/reload", { method: "POST" });
    expect(refused.status).toBe(422);
    expect(refused.body).toContain("max_concurrent: 1 cannot be divided between 2 workers");
    const waiting = Array.from({ length: 12 }, () => postMessages(stage.url).catch(() => undefined));
    await vi.waitFor(() => expect(one.requests.length + two.requests.length).toBe(12), 30_000);
    expect(one.requests.length).toBe(3);
    await stage[Symbol.asyncDispose]();
    await Promise.all(waiting);
    using space = new Workspace();
    space.write("providers.yaml", yaml(1));
    await using small = new CcpbProcess(space.folder, ["--workers", "2"]);
    expect(await small.exit).toBe(2);
    expect(small.stderr).toMatch(/providers\.yaml:7:21: error: provider "one": max_concurrent: 1 cannot be divided/);
  });

  it("count together: whoever answers, /metrics, /providers, /ui/state and ccpb status speak for all", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using stage = await WorkersStage.start(providersYaml(upstream.url), 2);
    await ask(stage.url, 15);
    await ask(stage.url, 15, { stream: true });
    await postMessages(stage.url, { model: "" });
    const agree = async (): Promise<void> => {
      expect(await metric(stage.url, "ccpb_requests_total")).toBe(30);
      expect(await metric(stage.url, "ccpb_http_requests_total", /v1\/messages.*200/)).toBe(30);
      expect(await metric(stage.url, "ccpb_http_requests_total", /v1\/messages.*400/)).toBe(1);
      expect(await metric(stage.url, "ccpb_request_duration_seconds_count")).toBe(30);
      expect(await metric(stage.url, "ccpb_request_duration_seconds_bucket", /\+Inf/)).toBe(30);
      expect(await metric(stage.url, "ccpb_attempts_total", /complete/)).toBe(30);
      expect(await metric(stage.url, "ccpb_workers")).toBe(2);
      expect(await metric(stage.url, "ccpb_requests_in_flight")).toBe(1);
      expect((await call(stage.url, "/providers")).json().providers[0].requests).toMatchObject({
        total: 30,
        failed: 0,
      });
      const { calls } = (await call(stage.url, "/ui/state")).json();
      expect(calls.length).toBe(30);
      const starts = calls.map(
        (each: { started_at: number; duration_ms: number }) => each.started_at + each.duration_ms,
      );
      expect(starts).toEqual(starts.toSorted((a: number, b: number) => b - a));
    };
    // A worker that is silent for a second is left as it was when it spoke last.
    for (let index = 0; index < 3; index += 1) await vi.waitFor(agree, 30_000);
    const total = async (): Promise<number> => {
      const { stdout } = await runCcpb(stage.space, ["status", "--json", "--url", stage.url]);
      return JSON.parse(stdout).providers[0].requests.total as number;
    };
    await expect.poll(total).toBe(30);
  });
});

describe.skipIf(!hasRedis)(`workers of several machines${redisNotice}`, () => {
  it("hear of each other over the one connection that each primary has to Redis, those that start later too", async () => {
    await using redis = await TestRedis.start();
    await using down = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(500) });
    await using up = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    const yaml = twoProviders(down.url, up.url, `  shared_state: {redis: "${redis.url}"}\n`);
    await using one = await WorkersStage.start(yaml, 2);
    await one.ccpb.waitFor(/"shared_state".*connected/);
    await postMessages(one.url);
    // One that starts now learns it, and every worker of it.
    await using two = await WorkersStage.start(yaml, 2);
    await two.ccpb.waitFor(/"shared_state".*connected/);
    await vi.waitFor(async () => {
      const { providers, shared_state: shared } = (await call(two.url, "/providers")).json();
      expect(shared).toMatchObject({ status: "connected", peers: 1 });
      expect(providers[0]).toMatchObject({ status: "open" });
    }, 30_000);
    expect((await ask(two.url, 4)).map(({ headers }) => headers["x-ccpb-attempts"])).toEqual(Array(4).fill("1"));
    await expect.poll(() => metric(two.url, "ccpb_shared_state_connected")).toBe(1);
    // What a worker of the second one finds out goes to those of the first.
    await call(two.url, "/providers/reload?reset=true", { method: "POST" });
    await vi.waitFor(async () => {
      expect((await call(one.url, "/providers")).json().providers[0]).toMatchObject({ status: "closed" });
    }, 30_000);
    expect(down.requests.length).toBe(1);
    const pids = await two.pids();
    await call(two.url, "/providers/reload?reset=true", { method: "POST" });
    await postMessages(one.url);
    for (const pid of pids.values()) process.kill(pid, "SIGKILL");
    // Nobody of the second one is left to tell; the primary is.
    await two.untilLines(() => two.lines("worker_started").length === 4);
    await expect
      .poll(async () => (await call(two.url, "/providers")).json().providers[0])
      .toMatchObject({ status: "open" });
    expect(down.requests.length).toBe(2);
  });
});

describe("a reload", () => {
  it("acts for all before its answer, under load loses no request, and a broken file changes nothing for anybody", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    const yaml = (model: string): string =>
      providersYaml(upstream.url).replace("big_model: passthrough", `big_model: ${model}`);
    await using stage = await WorkersStage.start(yaml("m-0"), 2);
    const load = new Load(stage.url, 4);
    await load.more(8);
    for (const model of ["m-1", "m-2", "m-3"]) {
      stage.write(yaml(model));
      const reply = await call(stage.url, "/providers/reload", { method: "POST" });
      expect(reply.status).toBe(200);
      expect(reply.json()).toMatchObject({ status: "ok", restart_needed: [] });
      const seen = upstream.requests.length;
      await ask(stage.url, 4);
      const models = upstream.requests.slice(seen + 4).map(({ body }) => (body as { model: string }).model);
      expect(new Set(models)).toEqual(new Set([model]));
    }
    const model = async (): Promise<unknown> => (await call(stage.url, "/providers")).json().providers[0].big_model;
    stage.write("providers: [");
    const refused = await call(stage.url, "/providers/reload", { method: "POST" });
    expect(refused.status).toBe(422);
    expect(refused.json().problems[0]).toMatchObject({ line: 1 });
    expect(await model()).toBe("m-3");
    stage.write(yaml("m-4").replace("port: 0", "port: 1"));
    stage.ccpb.child.kill("SIGHUP");
    await stage.ccpb.waitFor(/"restartNeeded":\["port"\]/);
    await expect.poll(model).toBe("m-4");
    expect(new Set(await load.stop())).toEqual(new Set([200]));
    await expect.poll(() => metric(stage.url, "ccpb_config_reloads_total", /applied/)).toBeGreaterThanOrEqual(4);
  });
});

describe("a worker that is killed", () => {
  it("takes nobody with it but what it had in hand; another takes its place, knows what the others know, and the counts go on", async () => {
    await using down = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(500) });
    await using up = await startFakeUpstream({
      dialect: "anthropic",
      defaultBehaviour: paced(text("one two three"), 5),
    });
    await using stage = await WorkersStage.start(twoProviders(down.url, up.url), 2);
    await postMessages(stage.url);
    const told = (): number => new Set(stage.lines("circuit_change").map(({ worker }) => worker)).size;
    await stage.untilLines(() => told() === 2);
    const clients = 6;
    const load = new Load(stage.url, clients, { stream: true });
    await load.more(12);
    const before = await metric(stage.url, "ccpb_requests_total");
    const pids = await stage.pids();
    process.kill(pids.get(1) ?? 0, "SIGKILL");
    await load.more(12);
    await stage.untilLines(() => stage.lines("worker_started").length === 3);
    await load.more(12);
    const outcomes = await load.stop();
    const cut = outcomes.filter((outcome) => outcome !== 200);
    expect(cut.length).toBeLessThanOrEqual(clients);
    for (const outcome of cut) expect(outcome).toMatch(/ECONNRESET|aborted|socket hang up/);
    expect(stage.lines("worker_ended")).toMatchObject([{ worker: 1, signal: "SIGKILL" }]);
    expect(down.requests.length).toBe(1);
    expect(await metric(stage.url, "ccpb_requests_total")).toBeGreaterThanOrEqual(before);
    expect(await metric(stage.url, "ccpb_workers")).toBe(2);
    expect(await metric(stage.url, "ccpb_worker_restarts_total")).toBe(1);
    // Counts of a worker that is silent for a second come later.
    const counted = async (): Promise<number> => {
      const known = await metric(stage.url, "ccpb_requests_total");
      await ask(stage.url, 4);
      return (await metric(stage.url, "ccpb_requests_total")) - known;
    };
    await expect.poll(counted).toBe(4);
    expect(await stage.stop()).toBe(0);
  });
});

describe.skipIf(process.platform === "win32")("connections", () => {
  it("on their way to a worker that hangs and dies go to another one", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using stage = await WorkersStage.start(providersYaml(upstream.url), 2);
    const pids = await stage.pids();
    process.kill(pids.get(2) ?? 0, "SIGSTOP");
    const replies = Array.from({ length: 6 }, () => postMessages(stage.url));
    await upstream.request(3);
    process.kill(pids.get(2) ?? 0, "SIGKILL");
    expect((await Promise.all(replies)).map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(upstream.requests.length).toBe(6);
  });

  it("wait while nobody serves", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using stage = await WorkersStage.start(providersYaml(upstream.url), 2);
    for (const pid of (await stage.pids()).values()) process.kill(pid, "SIGKILL");
    await stage.ccpb.waitFor(/worker_ended[^]*worker_ended/);
    expect((await postMessages(stage.url)).status).toBe(200);
    expect(await metric(stage.url, "ccpb_worker_restarts_total")).toBe(2);
  });
});

describe("stopping", () => {
  it("lets the streams of all workers finish, and exits with 0", async () => {
    const slow = paced(text("one two three four five six"), 20);
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: slow });
    await using stage = await WorkersStage.start(providersYaml(upstream.url), 2);
    const replies = Array.from({ length: 6 }, () => postMessages(stage.url, { stream: true }));
    await upstream.request(6);
    expect(await stage.stop()).toBe(0);
    for (const { body } of await Promise.all(replies)) expect(body).toMatch(/message_stop\ndata: .*\n\n$/);
    const drained = stage.lines("server_stopped").filter(({ worker }) => worker !== undefined);
    expect(drained.length).toBe(2);
  });

  it("cuts at drain_timeout with an error event, and a second signal ends everybody at once", async () => {
    const hanging = stall(text("one two three four five six"), "mid-content");
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: hanging });
    const cutting = await WorkersStage.start(providersYaml(upstream.url, "  drain_timeout: 2\n"), 2);
    const impatient = await WorkersStage.start(providersYaml(upstream.url), 2);
    try {
      const reply = await startStream(cutting.url);
      const lost = postMessages(impatient.url, { stream: true }).catch((error: unknown) => error);
      await upstream.request(2);
      cutting.ccpb.child.kill("SIGTERM");
      impatient.ccpb.child.kill("SIGTERM");
      expect(await reply.rest()).toMatch(/event: error\n/);
      expect(await cutting.ccpb.exit).toBe(143);
      await impatient.ccpb.waitFor(/server_draining/);
      const pids = await impatient.pids();
      impatient.ccpb.child.kill("SIGTERM");
      expect(await impatient.ccpb.exit).toBe(143);
      await lost;
      // Far sooner than the calls would end; the system may take a moment to end a process that was killed.
      await expect.poll(() => [...pids.values()].filter(isRunning)).toEqual([]);
    } finally {
      await cutting[Symbol.asyncDispose]();
      await impatient[Symbol.asyncDispose]();
    }
  });
});
