import type { BalancerStatus } from "@ccpb/core";
import type { MetricSamples } from "./exposition.ts";
import { gauge, one } from "./metric-kinds.ts";
import type { Sample } from "./tally.ts";

const circuitStates: Readonly<Record<string, number>> = { closed: 0, "half-open": 1, open: 2 };

/** Reads the gauges of a balancer's status: waiting calls, circuits, holds, load and quotas. */
export function statusMetrics(status: BalancerStatus): MetricSamples[] {
  return [...queueMetrics(status), ...providerMetrics(status)];
}

function queueMetrics({ waiting, hostSuspicion }: BalancerStatus): MetricSamples[] {
  return [
    gauge("ccpb_calls_waiting", "Calls that wait for room at a provider or for a probe.", "sum", [one(waiting)]),
    gauge(
      "ccpb_host_suspected",
      "Whether this machine or its network is suspected: no provider could be connected to.",
      "max",
      [one(hostSuspicion === null ? 0 : 1)],
    ),
  ];
}

type ProviderStatus = BalancerStatus["providers"][number];

function providerMetrics({ providers, holds }: BalancerStatus): MetricSamples[] {
  const each = (value: (provider: ProviderStatus) => number): Sample[] =>
    providers.map((provider) => ({ labels: { provider: provider.name }, value: value(provider) }));
  return [
    gauge(
      "ccpb_circuit_state",
      "Circuit of a provider: 0 closed, 1 half-open, 2 open.",
      "max",
      each(({ state }) => circuitStates[state] ?? 0),
    ),
    gauge(
      "ccpb_provider_healthy",
      "Whether a provider could serve a request now.",
      "min",
      each(({ healthy }) => Number(healthy)),
    ),
    gauge(
      "ccpb_provider_held",
      "Whether an operator keeps a whole provider out: 0 no, 1 draining, 2 disabled.",
      "max",
      each(({ name }) => heldValue(holds, name)),
    ),
    gauge(
      "ccpb_provider_cooldown_seconds",
      "Until a provider is tried again.",
      "max",
      each(({ cooldownRemainingMs }) => cooldownRemainingMs / 1000),
    ),
    gauge(
      "ccpb_provider_attempts_in_flight",
      "Attempts running at a provider.",
      "sum",
      each(({ inFlight }) => inFlight),
    ),
    gauge(
      "ccpb_quota_used_ratio",
      "Used share of a quota window, as the provider's headers state it.",
      "max",
      quotaSamples(providers, ({ used }) => used),
    ),
    gauge(
      "ccpb_quota_reset_timestamp_seconds",
      "When a quota window starts anew, since the Unix epoch.",
      "max",
      quotaSamples(providers, ({ resetsAtMs }) => (resetsAtMs === null ? undefined : Math.round(resetsAtMs / 1000))),
    ),
  ];
}

function heldValue(holds: BalancerStatus["holds"], name: string): number {
  const hold = holds.find((one) => one.provider === name && one.keyIndex === undefined && one.model === undefined);
  return hold === undefined ? 0 : hold.type === "draining" ? 1 : 2;
}

type Quota = ProviderStatus["quotas"][number];

/** Windows of keys alone, the most used of all models: clients choose the names of models, and have logins of their own. */
function quotaSamples(
  providers: readonly ProviderStatus[],
  value: (quota: Quota) => number | undefined,
): readonly Sample[] {
  return providers.flatMap(({ name, quotas }) => {
    const mostUsed = new Map<string, Quota>();
    for (const quota of quotas) {
      const place = `${quota.keyIndex} ${quota.name}`;
      if (quota.keyIndex !== null && quota.used >= (mostUsed.get(place)?.used ?? 0)) mostUsed.set(place, quota);
    }
    return [...mostUsed.values()].flatMap((quota) => {
      const number = value(quota);
      const labels = { provider: name, key: String((quota.keyIndex ?? 0) + 1), window: quota.name };
      return number === undefined ? [] : [{ labels, value: number }];
    });
  });
}
