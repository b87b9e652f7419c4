import { metrics, type MeterProvider, trace, type TracerProvider } from "@opentelemetry/api";
import type { Balancer, TracedAttempt } from "@ccpb/core";
import type { ProviderPlace } from "./attributes.ts";
import { CallMetrics, observeProviders } from "./call-metrics.ts";
import { CallSpans } from "./call-spans.ts";

export interface TelemetryOptions {
  /** Default: the one that is registered with `@opentelemetry/api`. */
  readonly tracerProvider?: TracerProvider;
  /** Default: the one that is registered with `@opentelemetry/api`. */
  readonly meterProvider?: MeterProvider;
}

const scope = "@ccpb/otel";

/**
 * Makes spans and metrics of a balancer's events, by OpenTelemetry's semantic conventions for generative AI. No text of a prompt, an answer or an error is
 * in them.
 *
 * @example
 * const telemetry = new Telemetry();
 * const balancer = new Balancer(config, { attemptHeaders: telemetry.attemptHeaders });
 * using _ = telemetry.watch(balancer);
 */
export class Telemetry {
  readonly #spans: CallSpans;
  readonly #metrics: CallMetrics;
  readonly #meterProvider: MeterProvider;
  #balancer: Balancer | undefined;
  #places: ReadonlyMap<string, ProviderPlace> = new Map();

  constructor({ tracerProvider, meterProvider }: TelemetryOptions = {}) {
    this.#meterProvider = meterProvider ?? metrics.getMeterProvider();
    const placeOf = (provider: string): ProviderPlace | undefined => this.#placeOf(provider);
    this.#spans = new CallSpans((tracerProvider ?? trace.getTracerProvider()).getTracer(scope), placeOf);
    this.#metrics = new CallMetrics(this.#meterProvider.getMeter(scope), placeOf);
  }

  /**
   * For the balancer's option of the same name: passes the trace context of each attempt's span on to its provider (`traceparent`, `tracestate`). Without
   * it, providers learn nothing.
   */
  readonly attemptHeaders = (attempt: TracedAttempt): Readonly<Record<string, string>> | undefined =>
    this.#spans.headersOf(attempt);

  /** Makes spans and metrics of what `balancer` tells, until the answer is disposed. One telemetry watches one balancer. */
  watch(balancer: Balancer): Disposable {
    this.#balancer = balancer;
    const listeners = [
      balancer.on("call-start", (event) => this.#spans.startCall(event)),
      balancer.on("attempt-start", (event) => this.#spans.startAttempt(event)),
      balancer.on("attempt-end", (event) => {
        this.#spans.endAttempt(event);
        this.#metrics.onAttempt(event);
      }),
      balancer.on("call-end", (event) => {
        this.#spans.endCall(event);
        this.#metrics.onCall(event);
      }),
      balancer.on("config-reload", () => (this.#places = new Map())),
      observeProviders(this.#meterProvider.getMeter(scope), balancer),
    ];
    return {
      [Symbol.dispose]: () => {
        for (const listener of listeners) listener[Symbol.dispose]();
        this.#spans.endAll();
      },
    };
  }

  /** Address of a provider; read once for each configuration. */
  #placeOf(provider: string): ProviderPlace | undefined {
    if (!this.#places.has(provider) && this.#balancer !== undefined)
      this.#places = new Map(
        this.#balancer.status().providers.map(({ name, type, baseUrl }) => [name, { type, baseUrl }]),
      );
    return this.#places.get(provider);
  }
}
