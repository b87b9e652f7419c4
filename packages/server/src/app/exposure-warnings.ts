import { commandName } from "../base/command-name.ts";
import { X509Certificate } from "node:crypto";
import type { AlertSink } from "../alerts/alert.ts";
import type { Log } from "../log/log-types.ts";
import type { TlsMaterial } from "../http/http.ts";
import { asksForKeys, isLoopback } from "./safe-binding.ts";
import type { ServerSettings } from "../config/server-settings.ts";

const dayMs = 86_400_000;
const warnDaysBefore = 14;
const beginning = "-----BEGIN CERTIFICATE-----";

/** Ways in which a server with certain settings can be reached, as far as warnings need them: plain data. */
export interface Exposure {
  /** Keys travel unencrypted. */
  readonly binding: string | undefined;
  /** The file of the certificate, and the earliest end in its chain in milliseconds since the epoch. */
  readonly certificate: { readonly path: string; readonly endMs: number } | undefined;
}

/** Reads from settings and certificate what there may be to warn of. */
export function exposureOf(
  server: Pick<ServerSettings, "host" | "auth" | "tls">,
  tls: TlsMaterial | undefined,
): Exposure {
  const endMs = tls === undefined ? Number.POSITIVE_INFINITY : earliestEnd(tls.cert);
  const path = server.tls?.cert;
  const certificate = path === undefined || !Number.isFinite(endMs) ? undefined : { path, endMs };
  return { binding: bindingWarning(server), certificate };
}

/** Returns every warning at a time, in milliseconds since the epoch: of a certificate from 14 days before its end, and after it. */
export function exposureWarnings({ binding, certificate }: Exposure, nowMs: number): string[] {
  const ending = certificate === undefined ? undefined : certificateWarning(certificate, nowMs);
  return [binding, ending].filter((warning) => warning !== undefined);
}

function bindingWarning({ host, auth, tls }: Pick<ServerSettings, "host" | "auth" | "tls">): string | undefined {
  if (isLoopback(host) || !asksForKeys(auth) || tls !== undefined) return undefined;
  return `host ${JSON.stringify(host)} is reachable from other machines without TLS: API keys and prompts travel unencrypted. Set settings.tls, put a proxy that speaks TLS in front, or set host to 127.0.0.1`;
}

function certificateWarning(
  { path, endMs }: { readonly path: string; readonly endMs: number },
  nowMs: number,
): string | undefined {
  const leftMs = endMs - nowMs;
  if (leftMs > warnDaysBefore * dayMs) return undefined;
  const day = new Date(endMs).toISOString().slice(0, 10);
  const days = Math.floor(leftMs / dayMs);
  const when = leftMs <= 0 ? `expired on ${day}` : `expires on ${day}, in ${days} ${days === 1 ? "day" : "days"}`;
  return `the certificate ${path} (settings.tls.cert) ${when}: clients refuse it then. Renew the file, and ${commandName()} reload takes it without a restart`;
}

/** The earliest end of the certificates of a chain in PEM; infinite where there is none. */
function earliestEnd(chain: Buffer): number {
  const [, ...blocks] = chain.toString("latin1").split(beginning);
  const ends = blocks.map((block) => Date.parse(new X509Certificate(beginning + block).validTo));
  return ends.reduce((earliest, end) => Math.min(earliest, end), Number.POSITIVE_INFINITY);
}

/** Logs the warnings of what is in force: when it comes into force, and once a day as certificates grow old. Disposing ends that. */
export class ExposureWatch implements Disposable {
  readonly #log: Log;
  readonly #raise: AlertSink;
  readonly #timer: NodeJS.Timeout;
  #exposure: Exposure | undefined;
  #said: readonly string[] = [];

  constructor(log: Log, raise: AlertSink) {
    this.#log = log;
    this.#raise = raise;
    this.#timer = setInterval(() => this.#look(), dayMs).unref();
  }

  /** Puts an exposure into force. */
  watch(exposure: Exposure): void {
    this.#exposure = exposure;
    this.#look();
  }

  /**
   * Puts the exposure of a reloaded configuration into force. `bound`: its settings with the host and TLS that the
   * server was started with, which a reload does not change. If the new file has no TLS any more, the previous
   * certificate stays in use.
   */
  watchReloaded(read: Exposure, bound: Pick<ServerSettings, "host" | "auth" | "tls">): void {
    const certificate = bound.tls && (read.certificate ?? this.#exposure?.certificate);
    this.watch({ binding: bindingWarning(bound), certificate });
  }

  #look(): void {
    if (this.#exposure === undefined) return;
    const nowMs = Date.now();
    const warnings = exposureWarnings(this.#exposure, nowMs);
    // A reload repeats nothing that was said of the settings before it.
    const news = warnings.filter((warning) => !this.#said.includes(warning));
    for (const message of news) this.#log.write("WARNING", "config_warning", message);
    const { certificate } = this.#exposure;
    if (certificate !== undefined && news.some((warning) => warning === certificateWarning(certificate, nowMs))) {
      const { path, endMs } = certificate;
      this.#raise({ type: "certificate.expiring", path, endsAt: new Date(endMs).toISOString() });
    }
    this.#said = warnings;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
