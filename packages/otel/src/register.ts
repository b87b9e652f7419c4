// Loaded before `ccpb serve`, with `node --import` or NODE_OPTIONS: traces and measures every balancer that a server of this process starts. It has to be
// loaded after what registers an OpenTelemetry SDK.
import { subscribe } from "node:diagnostics_channel";
import type { Balancer, BalancerOptions } from "@ccpb/core";
import { Telemetry } from "./telemetry.ts";

/** Describes the message that a ccpb server publishes with its new balancer. */
interface StartedBalancer {
  readonly balancer: Balancer;
  /** Sets the balancer's option of the same name. */
  readonly setAttemptHeaders: (attemptHeaders: NonNullable<BalancerOptions["attemptHeaders"]>) => void;
}

subscribe("ccpb:balancer", (message) => {
  const { balancer, setAttemptHeaders } = message as StartedBalancer; // the channel is ccpb's own
  const telemetry = new Telemetry();
  telemetry.watch(balancer);
  setAttemptHeaders(telemetry.attemptHeaders);
});
