import { cut, drop, paced, refuse, text, type BehaviourSource } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { call } from "../running-server.ts";
import { dialects, expectServed, expectUnavailable, soon, startBench, type FaultBench } from "./fault-bench.ts";

const recovering = paced(text("Recovered."), 4);

async function afterCooldown(bench: FaultBench): Promise<void> {
  bench.endCooldowns();
  const view = await bench.providerView("first");
  expect([view, ...view.models, ...view.keys].filter(({ status }) => status === "open")).toEqual([]);
}

describe.each(dialects)("recovery, %s:", (dialect) => {
  const failures: Readonly<Record<string, BehaviourSource>> = {
    "a reset": drop("reset"),
    "500": refuse(500),
    "503": refuse(503),
    "429": refuse(429, {}, { "retry-after": "600" }),
    "a broken stream": cut(paced(text("one two three four five six"), 1), "mid-content"),
  };

  it.each(Object.keys(failures))("after %s the preferred provider is used again as soon as it may be", async (name) => {
    await using bench = await startBench({
      dialect,
      first: recovering,
      script: [failures[name] as BehaviourSource],
    });
    await bench.ask(true);
    expectServed(await bench.ask(true), "second", true);
    await afterCooldown(bench);
    expectServed(await bench.ask(true), "first", true, "Recovered.");
    expect(await bench.providerView("first")).toMatchObject({ healthy: true, status: "closed", cooldown_remaining: 0 });
    expect((await call(bench.server.url, "/providers")).json()).toMatchObject({ current_provider: "first" });
  });

  it("half-open takes one probe among many clients while another serves; all of them once it succeeded", async () => {
    let release = (): void => undefined;
    const othersAreServed = new Promise<void>((resolve) => (release = resolve));
    const held = { ...text("Recovered."), head: { until: othersAreServed } };
    await using bench = await startBench({
      dialect,
      first: held,
      script: [refuse(500)],
    });
    await bench.ask(true);
    await afterCooldown(bench);
    const asked = Array.from({ length: 16 }, (_, index) => bench.ask(index % 2 === 0));
    await soon(() => bench.second.requests.length === 16, "all but the probe are served by the other provider");
    release();
    const replies = await Promise.all(asked);
    expect(replies.map((reply) => reply.status)).toEqual(replies.map(() => 200));
    const probes = replies.filter((reply) => reply.headers["x-ccpb-provider"] === "first");
    expect(probes.length).toBe(1);
    expect(bench.first.requests.length).toBe(2);
    const after = await Promise.all(Array.from({ length: 16 }, () => bench.ask(true)));
    for (const reply of after) expectServed(reply, "first", true, "Recovered.");
  });

  it("without last_resort, half-open admits all requests when no other provider can serve", async () => {
    await using bench = await startBench({
      dialect,
      first: recovering,
      script: [refuse(529)],
      second: null,
      settings: { lastResort: false },
    });
    expectUnavailable(await bench.ask(true));
    expectUnavailable(await bench.ask(false));
    expect(bench.first.requests.length).toBe(1);
    await afterCooldown(bench);
    const replies = await Promise.all(Array.from({ length: 16 }, (_, index) => bench.ask(index % 2 === 0)));
    replies.forEach((reply, index) => expectServed(reply, "first", index % 2 === 0, "Recovered."));
  });

  it("a probe that fails is invisible, and doubles the cooldown once, however many fail together", async () => {
    let release = (): void => undefined;
    const allAreThere = new Promise<void>((resolve) => (release = resolve));
    await using bench = await startBench({ dialect, first: { ...refuse(500), head: { until: allAreThere } } });
    const asked = Array.from({ length: 12 }, () => bench.ask(true));
    await bench.first.request(12);
    release();
    for (const reply of await Promise.all(asked)) expectServed(reply, "second", true);
    expect((await bench.providerView("first")).cooldown_remaining).toBeLessThanOrEqual(60);
    await afterCooldown(bench);
    const second = await Promise.all(Array.from({ length: 12 }, () => bench.ask(true)));
    for (const reply of second) expectServed(reply, "second", true);
    expect(bench.first.requests.length).toBe(13);
    const opened = bench.server.lines("circuit_change").filter((line) => line["to"] === "open");
    expect(opened.length).toBe(2);
    expect(opened[0]).toMatchObject({ cooldown_s: 60 });
    expect(opened[1]?.["cooldown_s"]).toBeGreaterThanOrEqual(96);
    expect(opened[1]?.["cooldown_s"]).toBeLessThanOrEqual(144);
  });

  it("a success of a request from before the opening closes nothing", async () => {
    const slow = paced(text("one two three four five six seven eight", { deltaLength: 2 }), 40);
    await using bench = await startBench({ dialect, first: slow });
    const early = bench.ask(true);
    await bench.first.request(1);
    // The script is for the requests after this one.
    await new Promise((resolve) => setTimeout(resolve, 20));
    bench.first.script(refuse(500));
    expectServed(await bench.ask(true), "second", true);
    expectServed(await early, "first", true, "one two three four five six seven eight");
    expect(await bench.providerView("first")).toMatchObject({ status: "open", healthy: false });
    expectServed(await bench.ask(true), "second", true);
  });

  it("unhealthy_threshold counts failures in a row", async () => {
    await using bench = await startBench({ dialect, first: refuse(500), settings: { unhealthyThreshold: 3 } });
    for (let round = 0; round < 2; round += 1) expectServed(await bench.ask(true), "second", true);
    expect((await bench.providerView("first")).healthy).toBe(true);
    bench.first.script(text("In between."));
    expectServed(await bench.ask(true), "first", true, "In between.");
    for (let round = 0; round < 4; round += 1) expectServed(await bench.ask(true), "second", true);
    expect(bench.first.requests.length).toBe(6);
    expect((await bench.providerView("first")).healthy).toBe(false);
  });

  it("?reset=true closes every circuit", async () => {
    await using bench = await startBench({ dialect, first: text("Topped up."), script: [refuse(402)] });
    expectServed(await bench.ask(true), "second", true);
    expect((await call(bench.server.url, "/providers/reload?reset=true", { method: "POST" })).status).toBe(200);
    expectServed(await bench.ask(true), "first", true, "Topped up.");
  });
});

describe.each(dialects)("everything down, %s:", (dialect) => {
  it("without last_resort, forty clients at once get the 503 at once, and no provider is asked while all cool", async () => {
    const settings = { lastResort: false };
    await using bench = await startBench({ dialect, first: refuse(500), second: drop("reset"), settings });
    const replies = await Promise.all(Array.from({ length: 40 }, (_, index) => bench.ask(index % 2 === 0)));
    for (const reply of replies) expectUnavailable(reply);
    const asked = bench.first.requests.length;
    const later = await Promise.all(Array.from({ length: 40 }, () => bench.ask(true)));
    for (const reply of later) {
      const { message } = expectUnavailable(reply);
      expect(message).toContain("first: cooling down after server-error; second: cooling down after connect");
      expect(reply.headers["x-ccpb-attempts"]).toBe("0");
    }
    expect(bench.first.requests.length).toBe(asked);
    expect(bench.server.lines("server_error")).toEqual([]);
    expect((await call(bench.server.url, "/health")).status).toBe(503);
  });

  it("last_resort tries the one that recovers soonest", async () => {
    await using bench = await startBench({
      dialect,
      first: text("First."),
      second: text("Second."),
      script: [refuse(429, {}, { "retry-after": "600" })],
      settings: { lastResort: true },
    });
    bench.second.script(refuse(500));
    expectUnavailable(await bench.ask(true));
    expectServed(await bench.ask(true), "second", true, "Second.");
  });

  it("one that comes back is found again, and comes up on its own", async () => {
    await using bench = await startBench({
      dialect,
      first: text("Up."),
      second: null,
    });
    await bench.first.goDown();
    expectUnavailable(await bench.ask(true));
    await bench.first.comeUp();
    await afterCooldown(bench);
    expectServed(await bench.ask(true), "first", true, "Up.");
    await soon(() => bench.completed().length === 2, "two calls");
  });
});

describe.each(dialects)("flapping, %s:", (dialect) => {
  it("loses no call that the other can serve", async () => {
    let number = 0;
    const kinds: readonly BehaviourSource[] = [
      drop("reset"),
      refuse(500),
      text("First."),
      refuse(429),
      text("First."),
      drop("fin"),
      refuse(529),
      text(""),
    ];
    const first: BehaviourSource = (request) => {
      const kind = kinds[(number += 1) % kinds.length] as BehaviourSource;
      return typeof kind === "function" ? kind(request) : kind;
    };
    await using bench = await startBench({ dialect, first, settings: { failureCooldownMs: 5 } });
    for (let round = 0; round < 12; round += 1) {
      const replies = await Promise.all(Array.from({ length: 8 }, (_, index) => bench.ask(index % 2 === 0)));
      for (const reply of replies) expect(reply).toMatchObject({ status: 200, end: "whole" });
    }
    expect(bench.completed().every((line) => line["state"] === "complete")).toBe(true);
    expect(bench.first.requests.length).toBeGreaterThan(5);
    expect(await bench.providerView("second")).toMatchObject({ failure_count: 0 });
  });
});
