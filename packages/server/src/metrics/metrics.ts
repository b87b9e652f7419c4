import type { AttemptTrace, Balancer, BalancerStatus, CallLimit, CallTrace } from "@ccpb/core";
import type { MetricSamples } from "./exposition.ts";
import { counter, gauge, histogram, one } from "./metric-kinds.ts";
import { processMetrics } from "./process-metrics.ts";
import { statusMetrics } from "./status-metrics.ts";
import { Tally, Timings } from "./tally.ts";

const callLimits: readonly CallLimit[] = [
  "queue-timeout",
  "queue-full",
  "retry-budget",
  "attempt-limit",
  "call-deadline",
];

/** Largest number of clients with a label of their own; further ones are counted together. */
const maxClients = 500;

/** Amounts that a ledger counts. */
interface UsageAmounts {
  readonly input?: number;
  readonly output?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly unpriced?: number;
  readonly cost?: Readonly<Record<string, number>>;
}

const tokenKinds = [
  ["input", "input"],
  ["output", "output"],
  ["cache_read", "cacheRead"],
  ["cache_creation", "cacheWrite"],
] as const satisfies readonly (readonly [string, keyof UsageAmounts])[];

/**
 * The numbers behind `/metrics`. Label values are names of the configuration and words of ours; nothing that a client sends becomes a
 * label.
 */
export class Metrics {
  readonly #http = new Tally("route", "status");
  readonly #requests = new Tally("provider", "state", "status");
  readonly #attempts = new Tally("provider", "outcome", "reason");
  readonly #failovers = new Tally("provider");
  readonly #limits = new Tally("limit");
  readonly #tokens = new Tally("provider", "kind");
  readonly #clientCalls = new Tally("client", "state");
  readonly #clientTokens = new Tally("client", "kind");
  readonly #clientRefusals = new Tally("client", "reason");
  readonly #costUsd = new Tally("client", "provider");
  readonly #costOther = new Tally("client", "provider", "currency");
  readonly #unpriced = new Tally("client", "provider");
  /** The clients that have a label of their own. */
  readonly #clients = new Set<string>();
  readonly #reloads = new Tally("result");
  readonly #droppedLines = new Tally();
  readonly #refusedConnections = new Tally("reason");
  readonly #webhooks = new Tally("result");
  readonly #durations = new Timings("provider", "state");
  readonly #firstContent = new Timings("provider");
  #inFlight = 0;
  #answered = 0;

  constructor() {
    // From 0, so that a rate sees the first one.
    for (const limit of callLimits) this.#limits.add(0, limit);
  }

  /** Counts what `balancer` tells until the answer is disposed. */
  watch(balancer: Balancer): Disposable {
    const listeners = [
      balancer.on("attempt-end", (trace) => this.#onAttempt(trace)),
      balancer.on("call-end", (trace) => this.#onCall(trace)),
    ];
    return { [Symbol.dispose]: () => listeners.forEach((listener) => listener[Symbol.dispose]()) };
  }

  /** One HTTP request came in; `route` is a known path or `other`. */
  onRequest(): void {
    this.#inFlight += 1;
  }

  onResponse(route: string, status: number): void {
    this.#inFlight -= 1;
    this.#answered += 1;
    this.#http.add(1, route, String(status));
  }

  /** A request of a client was refused at one of its limits. */
  onClientRefused(client: string, reason: string): void {
    this.#clientRefusals.add(1, this.#clientLabel(client), reason);
  }

  /** Something was counted for a client at a provider; costs in billionths of their currency. */
  onUsage(client: string, provider: string, counts: UsageAmounts): void {
    const label = this.#clientLabel(client);
    for (const [kind, name] of tokenKinds) {
      const amount = counts[name] ?? 0;
      if (amount > 0) this.#clientTokens.add(amount, label, kind);
    }
    if ((counts.unpriced ?? 0) > 0) this.#unpriced.add(1, label, provider);
    for (const currency in counts.cost) {
      const amount = counts.cost[currency] ?? 0;
      if (currency === "USD") this.#costUsd.add(amount / 1e9, label, provider);
      else this.#costOther.add(amount / 1e9, label, provider, currency);
    }
  }

  #clientLabel(name: string): string {
    if (this.#clients.has(name)) return name;
    // A reload may rename clients without end.
    if (this.#clients.size >= maxClients) return "(other)";
    this.#clients.add(name);
    return name;
  }

  onReload(result: "applied" | "rejected"): void {
    this.#reloads.add(1, result);
  }

  onDroppedLines(count: number): void {
    this.#droppedLines.add(count);
  }

  onRefusedConnection(reason: "limit" | "pipelining"): void {
    this.#refusedConnections.add(1, reason);
  }

  onWebhook(result: "delivered" | "failed" | "dropped"): void {
    this.#webhooks.add(1, result);
  }

  /** Number of HTTP requests that have been answered. */
  get answered(): number {
    return this.#answered;
  }

  /** Everything as it is now; `status` is the balancer's. */
  collect(status: BalancerStatus): MetricSamples[] {
    return [...this.#trafficMetrics(), ...statusMetrics(status), ...processMetrics()];
  }

  #onAttempt(trace: AttemptTrace): void {
    this.#attempts.add(1, trace.provider, trace.outcome, trace.reason?.class ?? "none");
  }

  #onCall(trace: CallTrace): void {
    const provider = trace.attempts.at(-1)?.provider ?? "none";
    this.#requests.add(1, provider, trace.state, String(trace.status));
    if (trace.client !== undefined) this.#clientCalls.add(1, this.#clientLabel(trace.client), trace.state);
    this.#durations.observe(trace.durationMs, provider, trace.state);
    if (trace.firstContentMs !== undefined) this.#firstContent.observe(trace.firstContentMs, provider);
    for (const [index, attempt] of trace.attempts.entries()) {
      const following = trace.attempts[index + 1];
      if (following !== undefined && following.provider !== attempt.provider) this.#failovers.add(1, attempt.provider);
    }
    const { usage, limit } = trace;
    if (limit !== undefined) this.#limits.add(1, limit);
    if (usage === undefined) return;
    this.#tokens.add(usage.inputTokens, provider, "input");
    this.#tokens.add(usage.outputTokens, provider, "output");
    if (usage.cacheReadTokens > 0) this.#tokens.add(usage.cacheReadTokens, provider, "cache_read");
    if (usage.cacheCreationTokens > 0) this.#tokens.add(usage.cacheCreationTokens, provider, "cache_creation");
  }

  #trafficMetrics(): MetricSamples[] {
    return [
      counter("ccpb_http_requests_total", "HTTP requests answered, by route and status.", this.#http),
      counter("ccpb_requests_total", "Calls of the balancer ended, by the last provider tried.", this.#requests),
      counter("ccpb_attempts_total", "Attempts ended, by outcome and class of reason.", this.#attempts),
      counter("ccpb_failovers_total", "Calls that went on from this provider to another one.", this.#failovers),
      counter(
        "ccpb_calls_limited_total",
        "Calls that failed at a limit of the balancer's own, by limit.",
        this.#limits,
      ),
      counter("ccpb_tokens_total", "Tokens as providers reported them.", this.#tokens),
      counter("ccpb_client_calls_total", "Calls ended, by client with a name.", this.#clientCalls),
      counter("ccpb_client_tokens_total", "Tokens as providers reported them, by client.", this.#clientTokens),
      counter("ccpb_client_refused_total", "Requests refused at a limit of their client.", this.#clientRefusals),
      counter("ccpb_cost_usd_total", "Cost in US dollars, by client and provider.", this.#costUsd),
      counter("ccpb_cost_other_total", "Cost in other currencies, by client and provider.", this.#costOther),
      counter("ccpb_unpriced_calls_total", "Calls whose price is not known: they are in no cost.", this.#unpriced),
      counter("ccpb_config_reloads_total", "Reloads of the configuration.", this.#reloads),
      counter("ccpb_log_lines_dropped_total", "Log lines that could not be written.", this.#droppedLines),
      counter(
        "ccpb_connections_refused_total",
        "Client connections closed because of settings.max_connections (limit) or too many waiting requests (pipelining).",
        this.#refusedConnections,
      ),
      counter("ccpb_webhooks_total", "Messages to webhooks, by what became of them.", this.#webhooks),
      histogram("ccpb_request_duration_seconds", "Duration of calls.", this.#durations),
      histogram("ccpb_time_to_first_content_seconds", "Time until the content gate opened.", this.#firstContent),
      gauge("ccpb_requests_in_flight", "HTTP requests being answered.", "sum", [one(this.#inFlight)]),
    ];
  }
}
