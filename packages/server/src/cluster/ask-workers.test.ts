import type { HealthSnapshot } from "@ccpb/core";
import { describe, expect, it } from "vitest";
import { healthInWorkers } from "./ask-workers.ts";

type Asked = Parameters<typeof healthInWorkers>[0][number];

const health: HealthSnapshot = [
  { scope: { type: "provider", provider: "one" }, circuit: { openings: [], recoveredThroughMs: 7 } },
];

/** A worker whose answer to every question is `answer`. */
const worker = (answer: Promise<unknown>): Asked => ({ ask: () => answer as never });

describe("the health that a new worker starts with", () => {
  it("is that of the first worker that answers, though another one stands still or ends", async () => {
    const standing = worker(new Promise(() => undefined));
    const ended = worker(Promise.resolve(undefined));
    expect(await healthInWorkers([standing, ended, worker(Promise.resolve(health))])).toEqual(health);
  });

  it("is empty where no worker serves, or none answers", async () => {
    expect(await healthInWorkers([])).toEqual([]);
    expect(await healthInWorkers([worker(Promise.resolve(undefined))])).toEqual([]);
  });
});
