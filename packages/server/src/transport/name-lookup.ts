import type { LookupAddress } from "node:dns";
import type { Clock } from "@ccpb/core";
import { codeOf, ConnectTimeoutError, NetworkError } from "./network-errors.ts";

/** Sources of addresses of host names. */
export interface NameSources {
  /** The operating system's resolver (getaddrinfo): `/etc/hosts`, nsswitch, search domains, mDNS, VPN rules. It cannot be cancelled. */
  system(hostname: string, done: (error: Error | null, addresses: readonly LookupAddress[]) => void): void;
  /** The hosts file, then the name servers, without a thread of the pool. Rejects when neither has an address. */
  direct(hostname: string): Promise<readonly LookupAddress[]>;
}

export interface NameLookupOptions {
  readonly sources: NameSources;
  readonly clock: Clock;
  /** Largest number of lookups of the system at once. libuv gives getaddrinfo 2 of its 4 threads. */
  readonly slots: number;
}

/** Receives the addresses of a name, or the reason why there are none; called once, never before `find` has returned. */
export type NameCallback = (error: Error | null, addresses: readonly LookupAddress[]) => void;

/** One caller's wait for the addresses of a name. */
export interface NameWait {
  /** True until the system's resolver was asked: a wait that ends in this state is our own host's trouble. */
  readonly isQueued: boolean;
  /** Ends the wait without a call of its callback; the lookup itself goes on for the cache. */
  cancel(): void;
}

const freshMs = 10_000;
const failedMs = 1_000;
// A resolver that is away must not take down a connection to an address that has not changed (RFC 8767).
const staleMs = 3_600_000;
// Far more than a healthy resolver takes, so that name servers are asked twice in trouble only.
const slowAfterMs = 250;
const deadlineMs = 5_000;
const joinedDeadlineMs = 1_000;
const maxNames = 256;

/**
 * Looks host names up: one lookup per name at a time, shared by all callers and cached (10 s; a failure 1 s). A lookup that hangs delays no other name:
 * a name that has no answer after 0.25 s, because the resolver is slow or its threads are taken, is given its last known addresses (up to an hour old) or
 * asked of the name servers directly. A caller waits 5 s at most, and then fails with `ERR_LOOKUP_TIMEOUT`, or `ERR_LOOKUP_QUEUED` if the system's
 * resolver had no thread left for it.
 */
export class NameLookup {
  readonly #options: NameLookupOptions;
  readonly #names = new Map<string, NamedHost>();
  readonly #queue = new Set<NamedHost>();
  #running = 0;

  constructor(options: NameLookupOptions) {
    this.#options = options;
  }

  /** Calls `done` with the addresses of `hostname`. */
  find(hostname: string, done: NameCallback): NameWait {
    let host = this.#names.get(hostname);
    if (host === undefined) {
      this.#makeRoom();
      host = new NamedHost(hostname, this.#options, this.#ask);
      this.#names.set(hostname, host);
    }
    return host.wait(done);
  }

  /** Empties the cache, also of last known addresses: the network is another one. */
  forget(): void {
    for (const [hostname, host] of this.#names) {
      if (host.isIdle) this.#names.delete(hostname);
      else host.forget();
    }
  }

  readonly #ask = (host: NamedHost): void => {
    this.#queue.add(host);
    this.#runNext();
  };

  #runNext(): void {
    for (const host of this.#queue) {
      if (this.#running >= this.#options.slots) return;
      this.#queue.delete(host);
      if (!host.beginSystem()) continue;
      this.#running += 1;
      this.#options.sources.system(host.hostname, (error, addresses) => {
        this.#running -= 1;
        host.endSystem(error, addresses);
        this.#runNext();
      });
    }
  }

  #makeRoom(): void {
    for (const [hostname, host] of this.#names) {
      if (this.#names.size < maxNames) return;
      if (host.isIdle) this.#names.delete(hostname);
    }
  }
}

/** One host name: its cached answer, its callers, and the lookups of it that are under way. */
class NamedHost {
  readonly hostname: string;
  readonly #options: NameLookupOptions;
  readonly #ask: (host: NamedHost) => void;
  readonly #waits = new Set<Wait>();
  #addresses: readonly LookupAddress[] | undefined;
  #foundAtMs = 0;
  #failure: Error | undefined;
  #failedAtMs = 0;
  #system: "idle" | "queued" | "running" = "idle";
  #isAskedDirectly = false;
  #askedAtMs = 0;
  #slow: Disposable | undefined;

  constructor(hostname: string, options: NameLookupOptions, ask: (host: NamedHost) => void) {
    this.hostname = hostname;
    this.#options = options;
    this.#ask = ask;
  }

  get isIdle(): boolean {
    return this.#system === "idle" && this.#waits.size === 0;
  }

  get isQueued(): boolean {
    return this.#system === "queued";
  }

  wait(done: NameCallback): NameWait {
    const wait = new Wait(this, done, this.#waits);
    const nowMs = this.#options.clock.now();
    if (this.#addresses !== undefined && nowMs - this.#foundAtMs < freshMs) wait.settleSoon(null, this.#addresses);
    else if (this.#failure !== undefined && nowMs - this.#failedAtMs < failedMs) wait.settleSoon(this.#failure, []);
    else this.#join(wait, nowMs);
    return wait;
  }

  forget(): void {
    this.#addresses = undefined;
    this.#failure = undefined;
  }

  /** The system's resolver has a thread for this name; false if the answer has come from elsewhere. */
  beginSystem(): boolean {
    if (this.#system !== "queued") return false;
    this.#system = this.#waits.size === 0 ? "idle" : "running";
    return this.#system === "running";
  }

  endSystem(error: Error | null, addresses: readonly LookupAddress[]): void {
    this.#system = "idle";
    if (error === null) {
      this.#found(addresses);
      return;
    }
    const stale = codeOf(error) === "ENOTFOUND" ? undefined : this.#lastKnown();
    if (stale === undefined) this.#fail(error);
    else this.#settle(null, stale);
  }

  #join(wait: Wait, nowMs: number): void {
    const isFirst = this.#system === "idle";
    if (isFirst) {
      this.#system = "queued";
      this.#askedAtMs = nowMs;
    }
    this.#waits.add(wait);
    const { clock } = this.#options;
    const askedMs = nowMs - this.#askedAtMs;
    // Joining a lookup that hangs already costs no second whole deadline, only the time that a direct question takes.
    wait.timer = clock.setTimer(Math.max(joinedDeadlineMs, deadlineMs - askedMs), () => this.#onDeadline(wait));
    this.#slow ??= clock.setTimer(Math.max(0, slowAfterMs - askedMs), () => this.#onSlow());
    if (isFirst) this.#ask(this);
  }

  #onSlow(): void {
    this.#slow = undefined;
    if (this.#waits.size === 0) return;
    const stale = this.#lastKnown();
    if (stale !== undefined) this.#settle(null, stale);
    else if (!this.#isAskedDirectly) void this.#askDirectly();
  }

  async #askDirectly(): Promise<void> {
    this.#isAskedDirectly = true;
    try {
      const addresses = await this.#options.sources.direct(this.hostname);
      if (this.#system === "queued") this.#system = "idle";
      this.#found(addresses);
    } catch {
      // The system's resolver has the last word: it knows names that no name server knows.
    } finally {
      this.#isAskedDirectly = false;
    }
  }

  #onDeadline(wait: Wait): void {
    const { hostname } = this;
    const error = this.isQueued
      ? new NetworkError("ERR_LOOKUP_QUEUED", `the system's resolver had no turn for ${hostname}: other lookups hang`)
      : new ConnectTimeoutError("ERR_LOOKUP_TIMEOUT", `the host name ${hostname} was not resolved in time`);
    wait.settle(error, []);
  }

  #lastKnown(): readonly LookupAddress[] | undefined {
    return this.#options.clock.now() - this.#foundAtMs < staleMs ? this.#addresses : undefined;
  }

  #found(addresses: readonly LookupAddress[]): void {
    this.#addresses = addresses;
    this.#foundAtMs = this.#options.clock.now();
    this.#failure = undefined;
    this.#settle(null, addresses);
  }

  #fail(error: Error): void {
    // A direct question that is still under way may yet find what the system did not.
    this.#failure = error;
    this.#failedAtMs = this.#options.clock.now();
    this.#settle(error, []);
  }

  #settle(error: Error | null, addresses: readonly LookupAddress[]): void {
    this.#slow?.[Symbol.dispose]();
    this.#slow = undefined;
    for (const wait of this.#waits) wait.settle(error, addresses);
  }
}

class Wait implements NameWait {
  timer: Disposable | undefined;
  readonly #host: NamedHost;
  readonly #waits: Set<Wait>;
  #done: NameCallback | undefined;

  constructor(host: NamedHost, done: NameCallback, waits: Set<Wait>) {
    this.#host = host;
    this.#done = done;
    this.#waits = waits;
  }

  get isQueued(): boolean {
    return this.#waits.has(this) && this.#host.isQueued;
  }

  cancel(): void {
    this.#done = undefined;
    this.#end();
  }

  settle(error: Error | null, addresses: readonly LookupAddress[]): void {
    const done = this.#done;
    this.cancel();
    done?.(error, addresses);
  }

  settleSoon(error: Error | null, addresses: readonly LookupAddress[]): void {
    queueMicrotask(() => this.settle(error, addresses));
  }

  #end(): void {
    this.#waits.delete(this);
    this.timer?.[Symbol.dispose]();
  }
}
