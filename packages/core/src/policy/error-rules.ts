import type { ErrorRule } from "../base/config-types.ts";
import { searchWays } from "./expression-cost.ts";
import type { UpstreamErrorText } from "../base/outcome.ts";

/** Text that a rule is matched against: the parsed error of a failing reply, never an answer. */
export interface RuleSubject {
  /** Absent for an error that came inside a 200 and names no status. */
  readonly status?: number;
  readonly error: UpstreamErrorText;
  /** A reply with a failing status, which can be given to the client; absent for an error inside a 200. */
  readonly isReply?: true;
}

/** Returns the first rule that covers `subject`, or undefined. */
export function matchingRule(rules: readonly ErrorRule[], subject: RuleSubject): ErrorRule | undefined {
  return rules.find((rule) => coversStatus(rule.status, subject.status) && coversText(rule, subject.error));
}

function coversStatus(wanted: ErrorRule["status"], status: number | undefined): boolean {
  if (wanted === undefined) return true;
  if (status === undefined) return false;
  const text = String(wanted).trim().toLowerCase();
  return /^\dxx$/.test(text) ? text[0] === String(status)[0] : Number(text) === status;
}

/** The compiled `match` of each rule that was asked: judging an expression costs more than using it. */
const matchers = new WeakMap<ErrorRule, (text: string) => boolean>();

function coversText(rule: ErrorRule, error: UpstreamErrorText): boolean {
  if (rule.match === undefined) return true;
  let matcher = matchers.get(rule);
  if (matcher === undefined) {
    matcher = matcherOf(rule.match);
    matchers.set(rule, matcher);
  }
  return matcher(searchableText(error));
}

// Long enough for every real message. Together they bound the time that an expression takes.
const longestMessage = 2_000;
const longestWord = 200;
const longestText = longestMessage + 2 * (longestWord + 1);
const mostWays = 20_000_000; // a tenth of a second

function searchableText({ message, type, code }: UpstreamErrorText): string {
  const words = [type?.slice(0, longestWord), code?.slice(0, longestWord)].filter((part) => part !== undefined);
  return [message.slice(0, longestMessage), ...words].join("\n");
}

/** Returns a rule's `match` as a test of a text: `/…/` is a regular expression, anything else is looked for as it stands; both in any case. */
export function matcherOf(match: string): (text: string) => boolean {
  const expression = compiled(match);
  if (expression !== undefined && !(expression instanceof Error)) return (text) => expression.test(text);
  const wanted = match.toLowerCase();
  return (text) => text.toLowerCase().includes(wanted);
}

/** Describes what is wrong with a rule's `match`, for the configuration's errors; undefined if it can be used. */
export function problemOfMatch(match: string): string | undefined {
  const expression = compiled(match);
  return expression instanceof Error ? expression.message : undefined;
}

function compiled(match: string): RegExp | Error | undefined {
  const source = /^\/([^]+)\/i?$/.exec(match)?.[1];
  if (source === undefined) return undefined;
  let expression: RegExp;
  try {
    expression = new RegExp(source, "im");
  } catch (error) {
    return new TypeError(error instanceof Error ? error.message : "not a regular expression", { cause: error });
  }
  if (searchWays(source, longestText) <= mostWays) return expression;
  return new TypeError(
    "it can take too long: one repetition lies in another, or two such as .* can share a text; bound them, as in .{0,40}",
  );
}
