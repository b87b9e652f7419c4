import { describe, expect, it } from "vitest";
import { VirtualClock } from "@ccpb/core/testing";
import type { Transport } from "@ccpb/core";
import type { Log } from "../log/log-types.ts";
import { maxWaiting, WebhookQueue } from "./webhook-queue.ts";

const secret = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const hook = { url: "https://hooks.test/secret/path", secret, events: [], format: "standard" } as const;

/** A receiver that answers as `answer` says: a status, a network error, or nothing. */
function stage(answer: (index: number) => number | "error" | "hang") {
  const clock = new VirtualClock();
  const sent: {
    readonly atMs: number;
    readonly id: string;
    readonly body: string;
    readonly headers: Readonly<Record<string, string>>;
  }[] = [];
  const results: string[] = [];
  const lines: string[] = [];
  const transport: Transport = async ({ headers, body }, { signal }) => {
    const index = sent.length;
    const text = body.map((part) => new TextDecoder().decode(part)).join("");
    sent.push({ atMs: clock.now(), id: headers["webhook-id"] ?? "", body: text, headers });
    const what = answer(index);
    if (what === "error") throw new Error("connection refused");
    if (what === "hang")
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    return { status: what, headers: {}, body: endless() };
  };
  const log = { write: (_level: string, event: string, message: string) => lines.push(`${event}: ${message}`) };
  const queue = new WebhookQueue(hook, {
    clock,
    log: log as unknown as Log,
    random: () => 0.5,
    redact: (text) => text,
    onResult: (result) => results.push(result),
    transport: () => transport,
  });
  return { clock, queue, sent, results, lines };
}

async function* endless(): AsyncGenerator<Uint8Array> {
  for (;;) yield new Uint8Array(10);
}

const alert = (provider: string) => ({ type: "provider.up", provider }) as const;

describe("the queue of a webhook", () => {
  it("sends in order, one at a time, and tries again after 5, 30 and 120 seconds with the same id and a signature of its own", async () => {
    const { clock, queue, sent, results } = stage((index) => ([500, "error", 429, 204, 200] as const)[index] ?? 200);
    queue.add(alert("a"));
    queue.add(alert("b"));
    await clock.advance(200_000);
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 5_000, 35_000, 155_000, 155_000]);
    expect(new Set(sent.slice(0, 4).map(({ id }) => id)).size).toBe(1);
    expect(new Set(sent.slice(0, 4).map(({ headers }) => headers["webhook-signature"])).size).toBe(4);
    expect(sent[4]?.id).not.toBe(sent[0]?.id);
    expect(results).toEqual(["delivered", "delivered"]);
  });

  it("gives up after the third retry, and says so without the address's secret path", async () => {
    const { clock, queue, sent, results, lines } = stage(() => "error");
    queue.add(alert("a"));
    await clock.advance(1_000_000);
    expect(sent).toHaveLength(4);
    expect(results).toEqual(["failed"]);
    expect(lines).toEqual([
      "webhook_failed: the webhook at hooks.test did not take provider.up (4 tries): connection refused",
    ]);
  });

  it.each([301, 400, 401, 404, 410])("does not try again, nor follow, after a %i", async (status) => {
    const { clock, queue, sent, results } = stage(() => status);
    queue.add(alert("a"));
    await clock.advance(1_000_000);
    expect(sent).toHaveLength(1);
    expect(results).toEqual(["failed"]);
  });

  it("ends a try that is not answered within 10 seconds", async () => {
    const { clock, queue, sent, results } = stage((index) => (index === 0 ? "hang" : 200));
    queue.add(alert("a"));
    await clock.advance(14_999);
    expect(sent).toHaveLength(1);
    await clock.advance(1);
    expect([sent.length, results]).toEqual([2, ["delivered"]]);
  });

  it("keeps the newest where too many wait", async () => {
    const { clock, queue, sent, results } = stage((index) => (index === 0 ? "hang" : 200));
    for (let index = 0; index < 10_000; index += 1) queue.add(alert(`provider-${index}`));
    expect(results.filter((result) => result === "dropped")).toHaveLength(10_000 - 1 - maxWaiting);
    // Each message takes a few turns of the event loop.
    for (let turn = 0; turn < 100; turn += 1) await clock.advance(1_000);
    expect(sent.at(-1)?.body).toContain("provider-9999");
    expect(results.filter((result) => result === "delivered")).toHaveLength(maxWaiting + 1);
  });

  it("ends at once when it is closed, whatever is under way, and sends nothing any more", async () => {
    const { clock, queue, sent, results } = stage(() => "hang");
    queue.add(alert("a"));
    queue.add(alert("b"));
    await clock.advance(1);
    queue.close();
    queue.add(alert("c"));
    await clock.advance(1_000_000);
    expect(sent).toHaveLength(1);
    expect(results).toEqual(["dropped"]);
    expect(clock.pendingTimers).toBe(0);
    await queue.idle();
  });
});
