import { describe, expect, it } from "vitest";
import { VirtualClock } from "@ccpb/core/testing";
import type { Transport } from "@ccpb/core";
import { webhookEvents } from "../../../core/src/config/webhooks-schema.ts";
import type { Log } from "../log/log-types.ts";
import { Metrics } from "../metrics/metrics.ts";
import type { Alert } from "./alert.ts";
import { Alerts } from "./alerts.ts";

function stage(providers: readonly string[] = ["a", "b"]) {
  const clock = new VirtualClock();
  const told: string[] = [];
  const transport: Transport = async ({ body }) => {
    const { type, data } = JSON.parse(body.map((part) => new TextDecoder().decode(part)).join("")) as {
      type: string;
      data: { provider?: string; client?: string; percent?: number };
    };
    told.push([type, data.provider ?? data.client, data.percent].filter((one) => one !== undefined).join(" "));
    return { status: 200, headers: {}, body: (async function* () {})() };
  };
  const log = { write: () => undefined } as unknown as Log;
  const alerts = new Alerts({ clock, log, environment: {}, transport, metrics: new Metrics() });
  const hook = {
    url: "https://hooks.test/",
    secret: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    events: webhookEvents,
    format: "standard",
  } as const;
  alerts.use({ webhooks: [hook], providers, redact: (text) => text });
  const raise = async (...all: readonly Alert[]): Promise<readonly string[]> => {
    for (const alert of all) {
      alerts.raise(alert);
      await clock.advance(0);
    }
    return told;
  };
  return { alerts, hook, raise };
}

const down = (provider: string): Alert => ({ type: "provider.down", provider, reason: "timeout", cooldownMs: 1_000 });
const up = (provider: string): Alert => ({ type: "provider.up", provider });

describe("alerts of several processes", () => {
  it("are told once each time a provider goes out and comes back", async () => {
    const { raise } = stage();
    const told = await raise(up("a"), down("a"), down("a"), down("b"), up("a"), up("a"), down("a"));
    expect(told).toEqual(["provider.down a", "provider.down b", "provider.up a", "provider.down a"]);
  });

  it("are told once when none is left, and once when one is back", async () => {
    const { raise } = stage();
    const none: Alert = { type: "providers.all_down", providers: ["a"], retryInMs: 1 };
    const back: Alert = { type: "providers.recovered", provider: "a" };
    expect(await raise(back, none, none, back, back, none)).toEqual([
      "providers.all_down",
      "providers.recovered a",
      "providers.all_down",
    ]);
  });

  it("are told once a budget, period and share", async () => {
    const { raise } = stage();
    const budget = (percent: number, resetsAt: string): Alert => ({
      type: "budget.reached",
      client: "alice",
      percent,
      budget: "20 USD a day",
      resetsAt,
    });
    expect(await raise(budget(80, "1"), budget(80, "1"), budget(100, "1"), budget(80, "2"))).toEqual([
      "budget.reached alice 80",
      "budget.reached alice 100",
      "budget.reached alice 80",
    ]);
  });

  it("are told once of a certificate that all of them read, and of another fault of it", async () => {
    const { raise } = stage();
    const fault = (reason: string): Alert => ({ type: "certificate.rejected", path: "cert.pem", reason });
    const told = await raise(fault("missing"), fault("missing"), fault("no PEM"), fault("no PEM"));
    expect(told).toEqual(["certificate.rejected", "certificate.rejected"]);
  });

  it("begin anew for a provider that a reload took out and another brought back", async () => {
    const { alerts, hook, raise } = stage();
    await raise(down("a"));
    const redact = (text: string): string => text;
    alerts.use({ webhooks: [hook], providers: ["b"], redact });
    alerts.use({ webhooks: [hook], providers: ["a", "b"], redact });
    expect(await raise(down("a"))).toEqual(["provider.down a", "provider.down a"]);
  });
});
