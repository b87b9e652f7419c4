import { createColors } from "picocolors";
import { askServer, errorText } from "./ask-server.ts";
import { exitCodes } from "../base/exit-codes.ts";
import { hasColor, widthOf } from "./output.ts";
import {
  readProviders,
  type ListedControl,
  type ListedPart,
  type ListedProvider,
  type ListedQuota,
  type ProviderList,
} from "./provider-list.ts";
import { serverAddress, type ServerAddress, type ServerOptions } from "./server-address.ts";
import { hostText, nextRequestText, waitingText } from "./state-sentences.ts";
import { renderTable, type TableCell } from "./text-table.ts";
import { withWords } from "../base/reason-text.ts";
import type { Picture } from "./watch.ts";
import { visible, visibleJson } from "../base/visible-text.ts";

interface StatusOptions extends ServerOptions {
  readonly json?: boolean;
  readonly watch?: boolean;
}

/** `ccpb status`: the providers of a running server. Answers 0 when one can serve, 1 when none can, 3 when no server answers. */
export async function status(options: StatusOptions): Promise<number> {
  const address = serverAddress(options);
  if (options.watch === true) return (await import("./watch.ts")).watch(() => look(address, options));
  const { text, code, isComplaint } = await look(address, options);
  (isComplaint ? process.stderr : process.stdout).write(text);
  return code;
}

async function look(
  address: ServerAddress,
  { json, watch }: StatusOptions,
): Promise<Picture & { readonly isComplaint: boolean }> {
  const answer = await askServer(address, "GET", "/providers");
  if (answer.type === "failure") return complaint(answer.message, answer.code);
  const { data } = answer;
  const list = readProviders(data);
  if (list === undefined) {
    const why = answer.status === 200 ? "that is no list of providers" : errorText(data);
    return complaint(`${address.url} answers ${answer.status}: ${why}`, exitCodes.failed);
  }
  // Watched, each picture is one line of JSON.
  const asJson = `${visibleJson(JSON.stringify(data, null, watch === true ? 0 : 2))}\n`;
  return {
    text: json === true ? asJson : renderStatus(address.url, list, process.stdout),
    code: list.healthy > 0 ? exitCodes.ok : exitCodes.failed,
    isComplaint: false,
  };
}

function complaint(message: string, code: number): Picture & { readonly isComplaint: boolean } {
  return { text: `ccpb: ${visible(message)}\n`, code, isComplaint: true };
}

function renderStatus(url: string, list: ProviderList, stream: NodeJS.WriteStream): string {
  const colors = createColors(hasColor(stream));
  const disabled = list.providers.length - list.enabled;
  const names = list.enabled === 1 ? "provider" : "providers";
  const isHostSuspected = list.hostTrySeconds !== null;
  const can = isHostSuspected ? "in service, but none could be connected to," : "can serve";
  const head = `${list.healthy} of ${list.enabled} ${names} ${can} at ${visible(url)}${disabled === 0 ? "" : ` (${disabled} disabled)`}`;
  const notes = [
    ...(list.hostTrySeconds === null ? [] : [hostText(list.hostTrySeconds)]),
    nextRequestText(list.next),
    ...waitingText(list.waiting),
    ...list.controls.map(controlText),
  ];
  const titles = ["", "PROVIDER", "STATE", "BACK IN", "REQUESTS", "FAILED", "FIRST", "WHY"];
  const right = new Set(["BACK IN", "REQUESTS", "FAILED", "FIRST"]);
  const header = titles.map((text): TableCell => ({
    text,
    paint: colors.dim,
    ...(right.has(text) && { align: "right" }),
  }));
  // A tick would say that requests are served, while none is.
  const tick = isHostSuspected ? { text: "?", paint: colors.yellow } : { text: "✓", paint: colors.green };
  const rows = list.providers.flatMap((provider) => providerRows(provider, colors, tick));
  return `${colors.bold(head)}\n${notes.join("\n")}\n\n${renderTable([header, ...rows], widthOf(stream))}`;
}

type Colors = ReturnType<typeof createColors>;

function providerRows(provider: ListedProvider, colors: Colors, tick: TableCell): TableCell[][] {
  const paint = provider.healthy
    ? (tick.paint ?? colors.green)
    : provider.state === "disabled"
      ? colors.dim
      : colors.red;
  const first = provider.firstContentMs === null ? "" : `${(provider.firstContentMs / 1000).toFixed(1)} s`;
  const row: TableCell[] = [
    { text: provider.healthy ? tick.text : "✗", paint },
    { text: provider.name },
    { text: provider.held ?? provider.state, paint },
    { text: countdown(provider.cooldownSeconds), align: "right" },
    { text: String(provider.requests), align: "right" },
    { text: String(provider.failed), align: "right" },
    { text: first, align: "right" },
    { text: whyText(provider), paint: colors.dim },
  ];
  const parts = provider.parts
    .filter(({ state }) => state !== "closed")
    .map((part): TableCell[] => [
      { text: "" },
      { text: `  ${part.label}`, paint: colors.dim },
      { text: part.state, paint: part.state === "open" ? colors.red : colors.yellow },
      { text: countdown(part.cooldownSeconds), align: "right" },
      { text: "" },
      { text: "" },
      { text: "" },
      { text: reasonOf(part), paint: colors.dim },
    ]);
  const limits = provider.limits.map(({ label, limit, inFlight }): TableCell[] => [
    { text: "" },
    { text: `  ${label}`, paint: colors.dim },
    { text: "limit", paint: colors.yellow },
    ...["", "", "", ""].map((text) => ({ text })),
    { text: `takes ${limit} at once (learned), ${inFlight} under way`, paint: colors.dim },
  ]);
  const learned = provider.learned.map(({ model, profile }): TableCell[] => [
    { text: "" },
    { text: `  ${model}`, paint: colors.dim },
    { text: "learned", paint: colors.yellow },
    ...["", "", "", ""].map((text) => ({ text })),
    { text: profile, paint: colors.dim },
  ]);
  const quota = provider.quota
    .filter(isWorthShowing)
    .map((one): TableCell[] => [
      { text: "" },
      { text: `  ${one.label}`, paint: colors.dim },
      { text: "quota", paint: one.used >= 0.9 ? colors.yellow : colors.dim },
      ...["", "", "", ""].map((text) => ({ text })),
      { text: quotaText(one), paint: colors.dim },
    ]);
  return [row, ...parts, ...limits, ...quota, ...learned];
}

/** Limits a minute are shown only where they are about to matter. */
function isWorthShowing({ used, lengthSeconds }: ListedQuota): boolean {
  return used >= 0.8 || (lengthSeconds !== null && lengthSeconds >= 3_600);
}

function quotaText({ window, used, resetsAt }: ListedQuota): string {
  const reset = resetsAt === null ? "" : `, resets ${resetsAt.replace(/:\d\d(?:\.\d+)?Z$/, "Z").replace("T", " ")}`;
  return visible(`${window}: ${Math.round(used * 100)} % used${reset}`);
}

/** Describes a control in one sentence: `key 2 of kimi is disabled by ops, back in 1:59:30 (invoice)`. */
function controlText({ label, state, remainingSeconds, by, reason }: ListedControl): string {
  const until = remainingSeconds === null ? "" : `, back in ${countdown(remainingSeconds)}`;
  return visible(`${label} is ${state} by ${by}${until}${reason === null ? "" : ` (${reason})`}`);
}

/**
 * Explains the state of a provider: its failure in its own words, its probes, its limit, and clients' logins that it
 * refuses.
 */
function whyText(provider: ListedProvider): string {
  const { isProbed, nextProbeSeconds: probe, isFull, maxConcurrent, inFlight, loginsOut } = provider;
  const limit = maxConcurrent === null ? "" : ` (${inFlight} of max_concurrent ${maxConcurrent})`;
  const texts = [
    reasonOf(provider),
    isProbed ? "a probe is under way" : probe === null ? "" : probeText(probe),
    isFull ? `full${limit}` : "",
    loginsOut === 0 ? "" : `refuses ${loginsOut} ${loginsOut === 1 ? "client's own login" : "clients' own logins"}`,
  ];
  return texts.filter((text) => text !== "").join("; ");
}

function probeText(seconds: number): string {
  const when = seconds <= 0 ? "the next request probes it" : `is probed in ${Math.max(1, Math.ceil(seconds))} s`;
  return `${when}: no other provider can serve`;
}

function reasonOf({ reason, words, requestId }: Pick<ListedPart, "reason" | "words" | "requestId">): string {
  return reason === null ? "" : withWords(reason, words, requestId);
}

/** Seconds as `m:ss` or `h:mm:ss`, rounded up; empty for none. */
function countdown(seconds: number): string {
  if (seconds <= 0) return "";
  const whole = Math.ceil(seconds);
  const two = (number: number): string => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
