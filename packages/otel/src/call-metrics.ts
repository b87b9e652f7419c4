import type { Attributes, Counter, Histogram, Meter } from "@opentelemetry/api";
import type { AttemptTrace, Balancer, CallTrace } from "@ccpb/core";
import { errorType, inputTokens, providerName, type ProviderPlace } from "./attributes.ts";
import { BoundedNames } from "./bounded-names.ts";

/** Largest number of models with a label of their own in metrics. */
const maxModels = 200;

// The buckets that the conventions ask for.
const secondsBuckets = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const tokenBuckets = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864];

/** The metrics of attempts and calls. */
export class CallMetrics {
  readonly #attempts: Histogram;
  readonly #tokens: Histogram;
  readonly #firstContent: Histogram;
  readonly #calls: Histogram;
  readonly #failovers: Counter;
  readonly #models: BoundedNames = new BoundedNames(maxModels);
  readonly #placeOf: (provider: string) => ProviderPlace | undefined;

  constructor(meter: Meter, placeOf: (provider: string) => ProviderPlace | undefined) {
    this.#placeOf = placeOf;
    const seconds = (name: string, description: string): Histogram =>
      meter.createHistogram(name, { description, unit: "s", advice: { explicitBucketBoundaries: secondsBuckets } });
    this.#attempts = seconds("gen_ai.client.operation.duration", "Duration of attempts at providers.");
    this.#firstContent = seconds("gen_ai.client.operation.time_to_first_chunk", "Time until an attempt had content.");
    this.#calls = seconds("ccpb.call.duration", "Duration of clients' calls, all attempts included.");
    this.#tokens = meter.createHistogram("gen_ai.client.token.usage", {
      description: "Tokens of answers, by type.",
      unit: "{token}",
      advice: { explicitBucketBoundaries: tokenBuckets },
    });
    this.#failovers = meter.createCounter("ccpb.call.failovers", {
      description: "Calls that went on from a provider to another one.",
      unit: "{call}",
    });
  }

  onAttempt(trace: AttemptTrace): void {
    const attributes = this.#attributesOf(trace);
    const { outcome, reason, durationMs, firstContentMs } = trace;
    const failure = outcome === "complete" || reason === undefined ? {} : { "error.type": reason.class };
    this.#attempts.record(durationMs / 1_000, { ...attributes, ...failure });
    if (firstContentMs !== undefined) this.#firstContent.record(firstContentMs / 1_000, attributes);
  }

  onCall(trace: CallTrace): void {
    const { attempts, state, durationMs, usage } = trace;
    this.#calls.record(durationMs / 1_000, {
      "ccpb.call.state": state,
      ...(state !== "complete" && { "error.type": errorType(trace) }),
    });
    for (const [index, { provider }] of attempts.entries())
      if (attempts[index + 1] !== undefined && attempts[index + 1]?.provider !== provider)
        this.#failovers.add(1, { "ccpb.provider": provider });
    const last = attempts.at(-1);
    if (usage === undefined || last === undefined) return;
    const attributes = this.#attributesOf(last);
    this.#tokens.record(inputTokens(usage), { ...attributes, "gen_ai.token.type": "input" });
    this.#tokens.record(usage.outputTokens, { ...attributes, "gen_ai.token.type": "output" });
  }

  #attributesOf({ provider, model }: AttemptTrace): Attributes {
    return {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": providerName(provider, this.#placeOf(provider)),
      "gen_ai.request.model": this.#models.of(model),
      "ccpb.provider": provider,
    };
  }
}

/** Observes which providers could serve now, until the answer is disposed. */
export function observeProviders(meter: Meter, balancer: Balancer): Disposable {
  const gauge = meter.createObservableGauge("ccpb.provider.healthy", {
    description: "Whether a provider could serve a request now: 1 or 0.",
  });
  const observe: Parameters<typeof gauge.addCallback>[0] = (result) => {
    for (const { name, healthy } of balancer.status().providers)
      result.observe(healthy ? 1 : 0, { "ccpb.provider": name });
  };
  gauge.addCallback(observe);
  return { [Symbol.dispose]: () => gauge.removeCallback(observe) };
}
