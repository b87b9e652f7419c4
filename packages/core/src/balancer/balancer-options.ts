import type { Authorize } from "../base/authorize.ts";
import type { Clock } from "../base/clock.ts";
import type { ProviderConfig } from "../base/config-types.ts";
import type { ScanBody } from "../bytes/scan-body.ts";
import type { TracedAttempt } from "../call/trace-context.ts";
import type { HealthReplica } from "../health/replica.ts";
import type { classify } from "../policy/classify.ts";

/** Options of a balancer besides its configuration; each has a default. */
export interface BalancerOptions {
  /** Default: the platform's clock. */
  readonly clock?: Clock;
  /** Uniform in [0, 1); default `Math.random`. */
  readonly random?: () => number;
  /** In front of the failure table; call the original for what it does not change. */
  readonly classify?: typeof classify;
  /**
   * Finds the function that gives a provider with `auth: { type: "renewed", … }` its credential. Asked before each attempt at such a provider; it must
   * return the same function as long as the provider's configuration stays the same.
   */
  readonly authorize?: (provider: ProviderConfig) => Authorize | undefined;
  /** Shares health with other processes, off the request path. */
  readonly replica?: HealthReplica;
  /**
   * Milliseconds to add to `clock.now()` for the times of shared health. Default: the wall clock minus the monotonic
   * clock at the start. Processes on one machine that start at different times agree better on a common value.
   */
  readonly epochOffsetMs?: number;
  /** Makes ids with the given prefix; default from `random`. */
  readonly generateId?: (prefix: string) => string;
  /**
   * Finds the members of JSON bodies (requests and whole answers) faster than core's walk, for example with WebAssembly. It must only confirm what is
   * sound JSON. Default: the walk.
   */
  readonly scanBody?: ScanBody;
  /**
   * Returns headers to add to the request of an attempt, such as the W3C trace context of its span; names in lower case. Called once an attempt, right after
   * `attempt-start`; what it throws is ignored.
   */
  readonly attemptHeaders?: (attempt: TracedAttempt) => Readonly<Record<string, string>> | undefined;
}
