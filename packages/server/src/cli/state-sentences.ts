import { visible } from "../base/visible-text.ts";
import type { ListedNextRequest } from "./provider-list.ts";

/** Writes how many requests wait, as a sentence; none if no request waits. */
export function waitingText(waiting: number): readonly string[] {
  if (waiting <= 0) return [];
  return [waiting === 1 ? "1 request waits for its turn." : `${waiting} requests wait for their turn.`];
}

/** Says that this machine or its network is suspected, and when the next request tries again. */
export function hostText(inSeconds: number): string {
  const when = inSeconds <= 0 ? "the next request tries again" : `a request tries again in ${wholeSeconds(inSeconds)}`;
  return `No provider could be connected to: this machine or its network is suspected; ${when}.`;
}

/** Writes where a new request would go now. */
export function nextRequestText({ outcome, provider, waitsFor, inSeconds }: ListedNextRequest): string {
  const name = visible(provider ?? "?");
  switch (outcome) {
    case "served":
      return `New requests go to ${name}.`;
    case "probe":
      return `The next request probes ${name}: no provider can serve.`;
    case "wait":
      return waitText(waitsFor, inSeconds);
    default:
      return inSeconds === null
        ? "New requests are answered with 503."
        : `New requests are answered with 503 for ${wholeSeconds(inSeconds)}.`;
  }
}

function waitText(waitsFor: string | null, inSeconds: number | null): string {
  if (waitsFor === "room") return "New requests wait for room: every provider that can serve is at its limit.";
  if (waitsFor === "host") return "New requests wait until one has shown that a provider can be connected to.";
  if (waitsFor === "hold") {
    const end = inSeconds === null ? "" : ` in ${wholeSeconds(inSeconds)}`;
    return `New requests wait until an operator's hold ends${end}: no other provider can serve.`;
  }
  const when = inSeconds === null ? "which is under way" : `due in ${wholeSeconds(inSeconds)}`;
  return `New requests wait for a probe, ${when}: no provider can serve.`;
}

function wholeSeconds(seconds: number): string {
  return `${Math.max(1, Math.ceil(seconds))} s`;
}
