import type { Balancer, BalancerConfig } from "@ccpb/core";
import type { Control, ControlCommand, ControlOutcome } from "./control.ts";
import { ControlDesk, type ControlOrders } from "./control-desk.ts";
import { ControlsInForce } from "./controls-in-force.ts";

type Act = (command: ControlCommand) => Promise<ControlOutcome>;

/** Applies the commands of operators to one serving process. They come from its own desk, or from that of the primary. */
export class Steering {
  /** Controls that this process enforces. */
  readonly inForce: ControlsInForce;
  /** Number of tests of providers that run in this process. */
  testsUnderWay = 0;
  readonly #balancer: () => Balancer;
  readonly #desk: ControlDesk;
  readonly #elsewhere: () => Act | undefined;

  /**
   * `balancer`: asked for at each change; `elsewhere`: what carries out a command in all processes of a team, undefined where this process serves alone;
   * `publish`: tells other servers what was decided here.
   */
  constructor(
    balancer: () => Balancer,
    elsewhere: () => Act | undefined,
    publish: (changes: readonly Control[]) => void,
  ) {
    this.#balancer = balancer;
    this.#elsewhere = elsewhere;
    this.#desk = new ControlDesk({ obey: (orders) => this.obey(orders), publish });
    this.inForce = new ControlsInForce(balancer, () => performance.now());
  }

  /** Carries out an operator's command in all processes that serve this address, and tells other servers. */
  act(command: ControlCommand): Promise<ControlOutcome> {
    const elsewhere = this.#elsewhere();
    return elsewhere === undefined ? this.#desk.act(command) : elsewhere(command);
  }

  /** Puts into force what was decided. */
  obey({ controls, reset }: ControlOrders): void {
    this.inForce.apply(controls);
    if (reset !== undefined) this.#balancer().reset(reset);
  }

  /** Source of decisions from other servers. */
  get desk(): ControlDesk {
    return this.#desk;
  }

  /** Returns what is in force as a part of an overview; in a team the primary says it. */
  overview(): { readonly controls?: readonly Control[] } {
    return this.#elsewhere() === undefined ? { controls: this.#desk.inForce() } : {};
  }

  /** Reads what following a reload needs; the returned function follows it, after the balancer has, and cannot fail. */
  prepareReload(before: BalancerConfig, after: BalancerConfig): () => void {
    return this.#elsewhere() === undefined ? this.#desk.prepareReload(before, after) : () => undefined;
  }
}
