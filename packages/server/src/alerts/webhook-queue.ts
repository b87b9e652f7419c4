import { randomUUID } from "node:crypto";
import { Cancellation, type Clock, type Transport } from "@ccpb/core";
import type { WebhookSettings } from "@ccpb/core/config";
import type { Log } from "../log/log-types.ts";
import type { Alert } from "./alert.ts";
import { webhookMessage } from "./webhook-message.ts";

/** Waits before the second, third and fourth try; each is made up to a quarter longer or shorter. */
const retriesMs: readonly number[] = [5_000, 30_000, 120_000];

/** Deadline of one try, in milliseconds. */
const tryMs = 10_000;

/** Largest number of alerts that wait for one webhook; a further one replaces the oldest. */
export const maxWaiting = 100;

/** Lists the parts of the server that a queue uses. */
export interface WebhookQueueOptions {
  readonly transport: () => Transport;
  readonly clock: Clock;
  readonly log: Log;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Takes the secrets of the configuration in force out of a text. */
  readonly redact: (text: string) => string;
  /** Counts a message that was taken, given up, or dropped because too many waited. */
  readonly onResult: (result: "delivered" | "failed" | "dropped") => void;
}

interface Waiting {
  readonly id: string;
  readonly alert: Alert;
  readonly happenedAtMs: number;
}

/** Sends alerts to one webhook, one at a time and in order. A receiver that is slow or away delays only its own messages. */
export class WebhookQueue {
  hook: WebhookSettings;
  readonly #options: WebhookQueueOptions;
  readonly #waiting: Waiting[] = [];
  #isSending = false;
  #isClosed = false;
  #current: Cancellation | undefined;
  #timer: Disposable | undefined;
  #onIdle: (() => void) | undefined;

  constructor(hook: WebhookSettings, options: WebhookQueueOptions) {
    this.hook = hook;
    this.#options = options;
  }

  get isIdle(): boolean {
    return !this.#isSending;
  }

  /** Takes an alert in; it is sent after those before it. */
  add(alert: Alert): void {
    if (this.#isClosed) return;
    this.#waiting.push({ id: `msg_${randomUUID()}`, alert, happenedAtMs: this.#options.clock.wallNow() });
    if (this.#waiting.length > maxWaiting) {
      this.#waiting.shift();
      this.#options.onResult("dropped");
    }
    if (!this.#isSending) void this.#sendAll();
  }

  /** Resolves when nothing is on its way any more. */
  idle(): Promise<void> {
    return this.#isSending ? new Promise((resolve) => (this.#onIdle = resolve)) : Promise.resolve();
  }

  /** Ends the try under way and forgets what waits. */
  close(): void {
    this.#isClosed = true;
    for (const _ of this.#waiting.splice(0)) this.#options.onResult("dropped");
    this.#current?.abort(new Error("the server stops"));
    this.#timer?.[Symbol.dispose]();
    this.#onIdle?.();
  }

  async #sendAll(): Promise<void> {
    this.#isSending = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) await this.#send(next);
    this.#isSending = false;
    this.#onIdle?.();
  }

  async #send(waiting: Waiting): Promise<void> {
    for (let tries = 0; !this.#isClosed; tries += 1) {
      const fault = await this.#try(waiting);
      if (fault === undefined) {
        this.#options.onResult("delivered");
        return;
      }
      const waitMs = retriesMs[tries];
      if (waitMs === undefined || fault.isFinal) {
        this.#giveUp(waiting, fault.text, tries + 1);
        return;
      }
      await this.#pause(waitMs * (0.75 + this.#options.random() / 2));
    }
  }

  /** Sends once; answers what went wrong. */
  async #try({
    id,
    alert,
    happenedAtMs,
  }: Waiting): Promise<{ readonly text: string; readonly isFinal: boolean } | undefined> {
    const { clock, redact, transport } = this.#options;
    const facts = { id, happenedAtMs, sentAtMs: clock.wallNow(), redact };
    const { headers, body } = webhookMessage(this.hook, alert, facts);
    const cancellation = new Cancellation();
    this.#current = cancellation;
    const deadline = clock.setTimer(tryMs, () => cancellation.abort(new Error(`no answer within ${tryMs / 1_000} s`)));
    try {
      const request = {
        method: "POST" as const,
        url: this.hook.url,
        headers: { ...headers, "content-length": String(body.length), "user-agent": "ccpb" },
        body: [body],
      };
      const signal = cancellation.toAbortSignal();
      const reply = await transport()(request, { signal, cancellation, connectTimeoutMs: tryMs, freshSocket: false });
      // The body is closed unread: it is not needed, and it may be endless.
      await reply.body[Symbol.asyncIterator]().return?.();
      if (reply.status >= 200 && reply.status < 300) return undefined;
      // 410 is how Standard Webhooks ends a subscription; any other 4xx but 408 and 429 will be the same at the next try.
      const isFinal = reply.status >= 300 && reply.status < 500 && reply.status !== 408 && reply.status !== 429;
      return { text: `HTTP ${reply.status}`, isFinal };
    } catch (error) {
      const reason: unknown = cancellation.aborted ? cancellation.reason : error;
      return { text: reason instanceof Error ? reason.message : String(reason), isFinal: false };
    } finally {
      deadline[Symbol.dispose]();
      this.#current = undefined;
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.setTimer(ms, resolve);
      this.#timer = {
        [Symbol.dispose]: () => {
          timer[Symbol.dispose]();
          resolve();
        },
      };
    });
  }

  #giveUp({ alert }: Waiting, reason: string, tries: number): void {
    const { log, onResult } = this.#options;
    onResult("failed");
    // The path may be the secret, as Slack's and Discord's are.
    const { host } = new URL(this.hook.url);
    const text = `the webhook at ${host} did not take ${alert.type} (${tries} ${tries === 1 ? "try" : "tries"}): ${reason}`;
    log.write("WARNING", "webhook_failed", text, { host, type: alert.type, tries });
  }
}
