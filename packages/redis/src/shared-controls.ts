import { BoundedMap } from "./bounded-map.ts";

/** A decision of an operator that processes tell each other. The caller defines the meaning of `target` and `state`. */
export interface SharedControl {
  /** Names what is decided about; at most 2,000 characters. */
  readonly target: string;
  /** At most 16 lower-case letters. */
  readonly state: string;
  /** Orders the decisions about a target: the highest counts. */
  readonly version: number;
  /** Whole duration of the decision, in milliseconds; null for one that lasts until a later decision. */
  readonly forMs: number | null;
  /** Remaining duration, in milliseconds. */
  readonly remainingMs: number | null;
  /** At most 200 characters. */
  readonly by: string;
  /** At most 400 characters. */
  readonly reason: string | null;
}

/** A decision as it travels. */
export interface WireControl extends SharedControl {
  /** Shows that the sender knows what the receiver knows: see `ControlSharing.prove`. */
  readonly proof: string;
}

/** Shares decisions of operators between servers. */
export interface ControlSharing {
  /**
   * Returns a text that only processes of the same configuration can make for a decision, such as a keyed digest of all but `remainingMs`; undefined
   * for one that is not to be shared. A decision that comes with another text is dropped.
   */
  readonly prove: (control: SharedControl) => string | undefined;
  /** Called with every decision of another process, also with known ones. */
  readonly onControl: (control: SharedControl) => void;
}

/** The most decisions of this process that it repeats; the oldest is forgotten first. */
const mostOwn = 100;

/** Time to live in Redis of a decision without an end, counted from its last publication. Processes that start later read it there. */
const keptMs = 24 * 3_600_000;

interface OwnControl {
  readonly control: Omit<SharedControl, "remainingMs">;
  /** Monotonic; Infinity where there is no end. */
  readonly untilMs: number;
}

/** Keeps the decisions of this process's operators, which every heartbeat publishes again, and those of other processes. Every `nowMs` is monotonic. */
export class SharedControls {
  readonly #sharing: ControlSharing | undefined;
  readonly #own = new BoundedMap<OwnControl>({ entries: mostOwn, characters: 500_000 });
  #hasNews = false;

  constructor(sharing: ControlSharing | undefined) {
    this.#sharing = sharing;
  }

  /** True if a decision is waiting to be sent. */
  get hasNews(): boolean {
    return this.#hasNews;
  }

  /** Takes a decision of this process, to be told from now on. */
  say({ remainingMs, ...control }: SharedControl, nowMs: number): void {
    const untilMs = remainingMs === null ? Number.POSITIVE_INFINITY : nowMs + remainingMs;
    this.#own.set(control.target, { control, untilMs }, control.target.length + 1_000);
    this.#hasNews = true;
  }

  /** Writes down all that is still in force of what this process has decided. */
  write(nowMs: number): readonly WireControl[] {
    const written: WireControl[] = [];
    for (const target of this.#own.keys()) {
      const own = this.#own.get(target);
      if (own === undefined) continue;
      const control = { ...own.control, remainingMs: Number.isFinite(own.untilMs) ? own.untilMs - nowMs : null };
      const isOver = own.untilMs <= nowMs;
      if (isOver) this.#own.delete(target);
      const proof = isOver ? undefined : this.#sharing?.prove(control);
      if (proof !== undefined) written.push({ ...control, proof });
    }
    return written;
  }

  /** Marks all decisions for sending again, to processes that missed them. */
  repeat(): void {
    this.#hasNews = this.#own.size > 0;
  }

  /** Marks the written decisions as published. */
  said(): void {
    this.#hasNews = false;
  }

  /** For how long what was written is to be kept for processes that start later; 0 where there is nothing. */
  keptMs(written: readonly WireControl[]): number {
    return written.reduce((longest, { remainingMs }) => Math.max(longest, remainingMs ?? keptMs), 0);
  }

  /** Takes in what another process has decided, `lateMs` after it was sent. Returns how many decisions were dropped for their proof. */
  hear(controls: readonly WireControl[], lateMs: number): number {
    const sharing = this.#sharing;
    if (sharing === undefined) return 0;
    let dropped = 0;
    for (const { proof, ...control } of controls) {
      if (sharing.prove(control) !== proof) {
        dropped += 1;
        continue;
      }
      const known = this.#own.get(control.target);
      // A process says again only what it has decided itself, and only while that is the last word.
      if (known !== undefined && known.control.version < control.version) this.#own.delete(control.target);
      sharing.onControl({ ...control, remainingMs: left(control, lateMs) });
    }
    return dropped;
  }
}

/** Returns the remaining duration of a decision. It is never longer than the whole duration, whatever the message says. */
function left({ forMs, remainingMs }: SharedControl, lateMs: number): number | null {
  if (forMs === null) return null;
  return Math.min(forMs, remainingMs ?? forMs) - lateMs;
}
