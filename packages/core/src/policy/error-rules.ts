import type { ErrorRule } from "../config-types.ts";
import type { UpstreamErrorText } from "./outcome.ts";

/** What a rule is held against: the parsed error of a failing reply, never an answer. */
export interface RuleSubject {
  /** Absent for an error that came inside a 200 and names no status. */
  readonly status?: number;
  readonly error: UpstreamErrorText;
  /** A reply with a failing status, which can be given to the client; absent for an error inside a 200. */
  readonly isReply?: true;
}

/** The first rule that covers `subject`, or undefined. */
export function matchingRule(rules: readonly ErrorRule[], subject: RuleSubject): ErrorRule | undefined {
  return rules.find((rule) => coversStatus(rule.status, subject.status) && coversText(rule.match, subject.error));
}

function coversStatus(wanted: ErrorRule["status"], status: number | undefined): boolean {
  if (wanted === undefined) return true;
  if (status === undefined) return false;
  const text = String(wanted).trim().toLowerCase();
  return /^\dxx$/.test(text) ? text[0] === String(status)[0] : Number(text) === status;
}

function coversText(match: string | undefined, error: UpstreamErrorText): boolean {
  return match === undefined || matcherOf(match)(searchableText(error));
}

/** Long enough for every real message, short enough for any expression. */
const longestText = 2_000;

function searchableText({ message, type, code }: UpstreamErrorText): string {
  return [message.slice(0, longestText), type, code].filter((part) => part !== undefined).join("\n");
}

/** A rule's `match` as a test of a text: `/…/` is a regular expression, anything else is looked for as it stands; both in any case. */
export function matcherOf(match: string): (text: string) => boolean {
  const expression = compiled(match);
  if (expression !== undefined && !(expression instanceof Error)) return (text) => expression.test(text);
  const wanted = match.toLowerCase();
  return (text) => text.toLowerCase().includes(wanted);
}

/** What is wrong with a rule's `match`, for the configuration's errors; undefined if it can be used. */
export function problemOfMatch(match: string): string | undefined {
  const expression = compiled(match);
  return expression instanceof Error ? expression.message : undefined;
}

function compiled(match: string): RegExp | Error | undefined {
  const source = /^\/(.+)\/i?$/s.exec(match)?.[1];
  if (source === undefined) return undefined;
  // One repetition inside another takes exponential time on a text that almost fits.
  if (/\((?:[^()\\]|\\.)*[*+](?:[^()\\]|\\.)*\)(?:[*+]|\{\d+,)/.test(source)) {
    return new TypeError("a repeated group must not hold a repetition");
  }
  try {
    return new RegExp(source, "im");
  } catch (error) {
    return new TypeError(error instanceof Error ? error.message : "not a regular expression", { cause: error });
  }
}
