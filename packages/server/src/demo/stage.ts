import type { FakeUpstream } from "@ccpb/fake-upstream";
import type { Narrator } from "./narrator.ts";
import type { PausableClock } from "./pausable-clock.ts";

/** `failure_cooldown` of the demo. */
export const demoCooldownMs = 2000;

/** Servers and providers that the scenes of the demo use. */
export interface Stage {
  readonly alpha: FakeUpstream;
  readonly beta: FakeUpstream;
  readonly narrator: Narrator;
  readonly signal: AbortSignal;
  /** Of the balancer; stands still but while a scene waits for a cooldown. */
  readonly clock: PausableClock;
  /** Of the balancer. */
  readonly url: string;
}
