import type { BalancerConfig, HoldScope } from "@ccpb/core";
import type { Control, ControlCommand, ControlOutcome } from "./control.ts";
import { type BoardClock, ControlBoard, movesOfReload } from "./control-board.ts";
import { scopeOf } from "./controls-in-force.ts";

/** Describes the effect of a decision on the processes that serve. */
export interface ControlOrders {
  /** All that is in force now. */
  readonly controls: readonly Control[];
  /** Scope to reset; absent for none. */
  readonly reset?: HoldScope;
}

/** The default clocks: those of the machine. */
export const machineClock: BoardClock = { now: () => performance.now(), wallNow: () => Date.now() };

export interface ControlDeskOptions {
  readonly clock?: BoardClock;
  /** Puts orders into force; resolves when every process has followed, or has had its time. */
  readonly obey: (orders: ControlOrders) => void | Promise<void>;
  /** Sends decisions of this server to the others. */
  readonly publish: (changes: readonly Control[]) => void;
}

/** Receives the commands of operators, in the single process or in the primary. */
export class ControlDesk {
  readonly #board: ControlBoard;
  readonly #options: ControlDeskOptions;

  constructor(options: ControlDeskOptions) {
    this.#options = options;
    this.#board = new ControlBoard(options.clock ?? machineClock);
  }

  /** Carries out a command, everywhere where this server's processes serve. */
  async act(command: ControlCommand): Promise<ControlOutcome> {
    const { changed, ...outcome } = this.#board.decide(command);
    const { action, target } = command;
    const reset = action === "reset" && target.type === "provider" ? scopeOf(target) : undefined;
    if (changed.length > 0) this.#options.publish(changed);
    if (changed.length > 0 || reset !== undefined) {
      await this.#options.obey({ controls: this.inForce(), ...(reset !== undefined && { reset }) });
    }
    return outcome;
  }

  /** Takes in what another server's operators decided. Returns whether it was news. */
  take(control: Control): boolean {
    const isNews = this.#board.take(control);
    if (isNews) void this.#options.obey({ controls: this.inForce() });
    return isNews;
  }

  inForce(): readonly Control[] {
    return this.#board.inForce();
  }

  /** Decisions in force, and revoked ones. */
  all(): readonly Control[] {
    return this.#board.all();
  }

  /** Reads what following a reload needs; the returned function follows it, after the balancers have, and cannot fail. */
  prepareReload(before: BalancerConfig, after: BalancerConfig): () => void {
    const move = movesOfReload(before, after);
    return () => {
      if (this.#board.all().length === 0) return;
      this.#board.retain(move);
      void this.#options.obey({ controls: this.inForce() });
    };
  }
}
