import { channel } from "node:diagnostics_channel";
import { Balancer, type BalancerConfig, type BalancerOptions } from "@ccpb/core";

type AttemptHeaders = NonNullable<BalancerOptions["attemptHeaders"]>;

/** Channel with each balancer that a server of this process makes: see `@ccpb/otel/register`. */
const started = channel("ccpb:balancer");

/** Makes a balancer that programs which were loaded before the server can trace; that costs nothing where none listens. */
export function tracedBalancer(config: BalancerConfig, options: BalancerOptions): Balancer {
  if (!started.hasSubscribers) return new Balancer(config, options);
  let attemptHeaders: AttemptHeaders | undefined;
  const setAttemptHeaders = (wanted: AttemptHeaders): void => void (attemptHeaders = wanted);
  const balancer = new Balancer(config, { ...options, attemptHeaders: (attempt) => attemptHeaders?.(attempt) });
  started.publish({ balancer, setAttemptHeaders });
  return balancer;
}
