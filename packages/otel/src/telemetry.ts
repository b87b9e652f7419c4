import { metrics, type MeterProvider, trace, type TracerProvider } from "@opentelemetry/api";
import type { Balancer, TracedAttempt } from "@ccpb/core";
import type { ProviderPlace } from "./attributes.ts";
import { CallMetrics, observeProviders } from "./call-metrics.ts";
import { CallSpans } from "./call-spans.ts";

/** Options of `Telemetry`. */
export interface TelemetryOptions {
  /** Provider of spans. Default: the one that is registered with `@opentelemetry/api`. */
  readonly tracerProvider?: TracerProvider;
  /** Provider of instruments. Default: the one that is registered with `@opentelemetry/api`. */
  readonly meterProvider?: MeterProvider;
}

const scope = "@ccpb/otel";

/**
 * Makes spans and metrics from a balancer's events, by OpenTelemetry's semantic conventions for generative AI. They
 * hold no text of a prompt, an answer or an error.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/gen-ai/
 * @example
 * ```ts
 * const telemetry = new Telemetry();
 * const traced = new Balancer({ providers }, { attemptHeaders: telemetry.attemptHeaders });
 * using watching = telemetry.watch(traced);
 * ```
 */
export class Telemetry {
  readonly #spans: CallSpans;
  readonly #metrics: CallMetrics;
  readonly #meterProvider: MeterProvider;
  #balancer: Balancer | undefined;
  #places: ReadonlyMap<string, ProviderPlace> = new Map();

  /**
   * @param options - providers of spans and instruments; default: those that are registered with
   *   `@opentelemetry/api`.
   */
  constructor({ tracerProvider, meterProvider }: TelemetryOptions = {}) {
    this.#meterProvider = meterProvider ?? metrics.getMeterProvider();
    const placeOf = (provider: string): ProviderPlace | undefined => this.#placeOf(provider);
    this.#spans = new CallSpans((tracerProvider ?? trace.getTracerProvider()).getTracer(scope), placeOf);
    this.#metrics = new CallMetrics(this.#meterProvider.getMeter(scope), placeOf);
  }

  /**
   * Function for the balancer's option of the same name. It adds the trace context of each attempt's span to the
   * request (`traceparent`, `tracestate`). Without it, providers get no trace context.
   */
  readonly attemptHeaders = (attempt: TracedAttempt): Readonly<Record<string, string>> | undefined =>
    this.#spans.headersOf(attempt);

  /**
   * Records spans and metrics of a balancer. One `Telemetry` watches one balancer.
   *
   * @param balancer - balancer whose events are recorded.
   * @returns the subscription; disposing it ends the recording.
   */
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
