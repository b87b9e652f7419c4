import type { Clock, Transport } from "@ccpb/core";
import type { WebhookSettings } from "@ccpb/core/config";
import type { ActiveConfig } from "../config/config-file.ts";
import type { Log } from "../log/log-types.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { createHttpTransport, type HttpTransport } from "../transport/transport.ts";
import type { Environment } from "../transport/proxy-route.ts";
import type { Alert } from "./alert.ts";
import { WebhookQueue, type WebhookQueueOptions } from "./webhook-queue.ts";

/** Lists the parts of the server that alerts use. */
export interface AlertsOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Environment that the proxy variables are read from. */
  readonly environment: Environment;
  /** Default: undici, made for the first webhook. */
  readonly transport?: Transport;
  readonly metrics: Metrics;
}

/** The webhooks of a configuration, and how a text loses its secrets. */
export interface AlertsConfig {
  readonly webhooks: readonly WebhookSettings[];
  /** The names of its providers. */
  readonly providers: readonly string[];
  readonly redact: (text: string) => string;
}

/** Largest number of announced budgets that are remembered; the oldest is dropped first. */
const maxBudgets = 1_000;

/** For how long the same fault of the certificate is told once, in milliseconds. */
const sameFaultMs = 60_000;

/** For how long a server that stops waits for messages on their way, in milliseconds. */
const closeWithinMs = 1_000;

/** Sends alerts to the webhooks that want them. Raising one costs the raiser nothing but the adding to a list. */
export class Alerts {
  readonly #options: AlertsOptions;
  /** One for each webhook of the configuration. */
  #queues: readonly WebhookQueue[] = [];
  #redact: (text: string) => string = (text) => text;
  #transport: HttpTransport | undefined;
  /** Providers that were told to be out, so that several processes tell it once; at most as many as are configured. */
  readonly #down = new Set<string>();
  #isAllDown = false;
  #certificateFault = { reason: "", untilMs: 0 };
  /** Budgets that were told, by client, period and share. */
  readonly #budgets = new Set<string>();

  constructor(options: AlertsOptions) {
    this.#options = options;
  }

  /** Replaces the webhooks. Messages that wait for one with the same address go on waiting. */
  use({ webhooks, providers, redact }: AlertsConfig): void {
    this.#redact = redact;
    for (const name of this.#down) if (!providers.includes(name)) this.#down.delete(name);
    const before = [...this.#queues];
    this.#queues = webhooks.map((hook) => {
      const index = before.findIndex((queue) => queue.hook.url === hook.url);
      const known = index === -1 ? undefined : before.splice(index, 1)[0];
      if (known === undefined) return new WebhookQueue(hook, this.#queueOptions());
      known.hook = hook;
      return known;
    });
    for (const queue of before) queue.close();
  }

  /** Reads the webhooks and providers of a configuration; the returned function takes them, and cannot fail. */
  prepare({ config, server }: Pick<ActiveConfig, "config" | "server">, redact: (text: string) => string): () => void {
    const webhooks = server.webhooks.map((hook) => ({ ...hook, events: [...hook.events] }));
    const providers = config.providers.map(({ name }) => name);
    return () => this.use({ webhooks, providers, redact });
  }

  /** Takes the webhooks and providers of a configuration. */
  useConfig(active: Pick<ActiveConfig, "config" | "server">, redact: (text: string) => string): void {
    this.prepare(active, redact)();
  }

  /** Sends an alert to every webhook that subscribed to it. Never throws. */
  readonly raise = (alert: Alert): void => {
    if (this.#isRepeated(alert)) return;
    for (const queue of this.#queues) if (queue.hook.events.includes(alert.type)) queue.add(alert);
  };

  /** Lets what is on its way end within a second, and drops the rest. */
  async close(): Promise<void> {
    const busy = this.#queues.filter(({ isIdle }) => !isIdle);
    if (busy.length > 0) {
      const { clock } = this.#options;
      const late = new Promise<void>((resolve) => void clock.setTimer(closeWithinMs, resolve));
      await Promise.race([Promise.all(busy.map((queue) => queue.idle())), late]);
    }
    for (const queue of this.#queues) queue.close();
    this.#transport?.close();
  }

  /** Several workers find the same provider out, each for itself. */
  #isRepeated(alert: Alert): boolean {
    switch (alert.type) {
      case "provider.down": {
        const isKnown = this.#down.has(alert.provider);
        this.#down.add(alert.provider);
        return isKnown;
      }
      case "provider.up":
        return !this.#down.delete(alert.provider);
      case "providers.all_down":
      case "providers.recovered": {
        const wasAllDown = this.#isAllDown;
        this.#isAllDown = alert.type === "providers.all_down";
        return wasAllDown === this.#isAllDown;
      }
      case "budget.reached": {
        const { client, budget, percent, resetsAt } = alert;
        const name = JSON.stringify([client, budget, percent, resetsAt]);
        const isKnown = this.#budgets.has(name);
        this.#budgets.add(name);
        if (this.#budgets.size > maxBudgets) this.#budgets.delete(this.#budgets.values().next().value ?? name);
        return isKnown;
      }
      case "certificate.rejected":
        return this.#isToldFault(alert.reason);
      case "credential.refused":
      case "credential.expiring":
      case "config.rejected":
      case "certificate.expiring":
      case "log.lines_lost":
        return false;
    }
  }

  /** Each worker reads the files for itself, within seconds of the others. */
  #isToldFault(reason: string): boolean {
    const nowMs = this.#options.clock.now();
    const { reason: told, untilMs } = this.#certificateFault;
    this.#certificateFault = { reason, untilMs: nowMs + sameFaultMs };
    return told === reason && nowMs < untilMs;
  }

  #queueOptions(): WebhookQueueOptions {
    const { clock, log, environment, transport, metrics } = this.#options;
    return {
      clock,
      log,
      onResult: (result) => metrics.onWebhook(result),
      random: Math.random,
      redact: (text) => this.#redact(text),
      transport: () => transport ?? (this.#transport ??= createHttpTransport({ environment })).send,
    };
  }
}
