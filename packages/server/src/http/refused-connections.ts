import type { Log } from "../log/log-types.ts";
import type { Metrics } from "../metrics/metrics.ts";

/** Reason why a client connection was closed: `settings.max_connections`, or too many pipelined requests. */
export type ConnectionRefusal = "limit" | "pipelining";

const logEveryMs = 10_000;

const texts: Readonly<Record<ConnectionRefusal, string>> = {
  limit: "connections were refused: settings.max_connections are open",
  pipelining: "connections were closed: too many pipelined requests waited on them",
};

/** Counts refused connections in the metrics, and logs them at most every ten seconds: a flood must not fill the log. */
export class RefusedConnections {
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #unlogged: Record<ConnectionRefusal, number> = { limit: 0, pipelining: 0 };
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Log, metrics: Metrics) {
    this.#log = log;
    this.#metrics = metrics;
  }

  /** Takes note of one refused connection. The first is logged at once. */
  add(reason: ConnectionRefusal): void {
    this.#metrics.onRefusedConnection(reason);
    this.#unlogged[reason] += 1;
    if (this.#timer !== undefined) return;
    this.#write();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#write();
    }, logEveryMs);
    this.#timer.unref();
  }

  #write(): void {
    for (const reason of ["limit", "pipelining"] as const) {
      const count = this.#unlogged[reason];
      if (count === 0) continue;
      this.#unlogged[reason] = 0;
      this.#log.write("WARNING", "connections_refused", `${count} ${texts[reason]}`, { reason, count });
    }
  }
}
