import type { ReloadResult } from "../config/config-reload.ts";

/** Something that people should know of, as plain data without secrets. Times end in `Ms`. */
export type Alert =
  /** No request can be served by the provider for now. `words`: the provider's own. */
  | {
      readonly type: "provider.down";
      readonly provider: string;
      readonly reason: string;
      readonly words?: string;
      readonly cooldownMs: number;
    }
  /** The provider has served again. */
  | { readonly type: "provider.up"; readonly provider: string }
  /** None of the enabled providers can serve. */
  | { readonly type: "providers.all_down"; readonly providers: readonly string[]; readonly retryInMs: number }
  | { readonly type: "providers.recovered"; readonly provider: string }
  /** `key` is counted from 1. */
  | {
      readonly type: "credential.refused";
      readonly provider: string;
      readonly key: number;
      readonly reason: string;
      readonly words?: string;
    }
  /** A credential that expires could not be renewed ahead. */
  | { readonly type: "credential.expiring"; readonly provider: string; readonly reason: string }
  /** `percent` of its budget is used by the client; `budget` names it, such as `20 USD a day`. */
  | {
      readonly type: "budget.reached";
      readonly client: string;
      readonly percent: number;
      readonly budget: string;
      readonly resetsAt: string;
    }
  | { readonly type: "config.rejected"; readonly problems: readonly string[] }
  | { readonly type: "certificate.expiring"; readonly path: string; readonly endsAt: string }
  /** The files of the server's own certificate have changed and cannot be used; the certificate before stays in use. */
  | { readonly type: "certificate.rejected"; readonly path: string; readonly reason: string }
  /** Lines of the log that could not be written since the last such alert. */
  | { readonly type: "log.lines_lost"; readonly count: number };

/** Takes an alert; never throws and never waits. */
export type AlertSink = (alert: Alert) => void;

/** Says in one sentence what has happened. */
export function alertText(alert: Alert): string {
  switch (alert.type) {
    case "provider.down":
      return `Provider ${alert.provider} is out for ${seconds(alert.cooldownMs)}: ${alert.reason}${said(alert.words)}.`;
    case "provider.up":
      return `Provider ${alert.provider} serves again.`;
    case "providers.all_down":
      return `No provider can serve: ${alert.providers.join(", ")}. The next is tried in ${seconds(alert.retryInMs)}.`;
    case "providers.recovered":
      return `Provider ${alert.provider} serves again, after none could.`;
    case "credential.refused":
      return `Provider ${alert.provider} refuses key ${alert.key}: ${alert.reason}${said(alert.words)}.`;
    case "credential.expiring":
      return `The credential of provider ${alert.provider} could not be renewed: ${alert.reason}.`;
    case "budget.reached":
      return `Client ${alert.client} has used ${alert.percent} % of its budget of ${alert.budget}, which begins anew at ${alert.resetsAt}.`;
    case "config.rejected":
      return `The configuration was rejected, and the one before stays in force: ${alert.problems.join("; ")}`;
    case "certificate.expiring":
      return `The certificate ${alert.path} expires at ${alert.endsAt}.`;
    case "certificate.rejected":
      return `The certificate ${alert.path} cannot be used, and the one before stays in use: ${alert.reason}.`;
    case "log.lines_lost":
      return `${alert.count} ${alert.count === 1 ? "line" : "lines"} of the log could not be written.`;
  }
}

/** Members of the alert beside its type, named as on the wire: snake_case, times in seconds. */
export function alertData(alert: Alert): Readonly<Record<string, unknown>> {
  const { type: _type, ...fields } = alert;
  const data = Object.entries(fields).map(([name, value]: [string, unknown]): [string, unknown] =>
    name.endsWith("Ms") && typeof value === "number"
      ? [`${snake(name.slice(0, -2))}_seconds`, Math.ceil(value / 1_000)]
      : [snake(name), value],
  );
  return { message: alertText(alert), ...Object.fromEntries(data) };
}

/** The most problems of a configuration that an alert names; the log has all. */
const maxProblems = 10;

/** Raises an alert where a reload was rejected. */
export function raiseRejection(result: ReloadResult, raise: AlertSink): void {
  if (result.type !== "rejected") return;
  raise({ type: "config.rejected", problems: result.problems.slice(0, maxProblems).map(({ message }) => message) });
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function said(words: string | undefined): string {
  return words === undefined ? "" : ` (“${words}”)`;
}

function seconds(ms: number): string {
  return `${Math.max(1, Math.ceil(ms / 1_000))} s`;
}
