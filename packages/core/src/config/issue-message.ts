import type { z } from "zod";
import { didYouMean } from "../base/did-you-mean.ts";
import { labelOf } from "./label.ts";
import { valueAt } from "./plain-data.ts";
import { errorAt, type ConfigPath, type ConfigProblem } from "./problem.ts";
import { describeValue, quote } from "./quote.ts";
import { isOptional, notesAt } from "./schema-at.ts";
import { unknownKeyMessage } from "./unknown-keys.ts";

type Issue = z.core.$ZodIssue;

/** Document that was checked, with those of its values that no message may quote. */
export interface CheckedDocument {
  readonly document: unknown;
  readonly isHidden: (path: ConfigPath) => boolean;
}

/** Converts zod's issues into problems with messages for people. */
export function problemsOf(
  issues: readonly Issue[],
  checked: CheckedDocument,
  parent: ConfigPath = [],
): readonly ConfigProblem[] {
  const { document, isHidden } = checked;
  return issues.flatMap((issue) => {
    // Symbols cannot come out of a document.
    const path = [...parent, ...(issue.path as (string | number)[])];
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => errorAt([...path, key], "key", unknownKeyMessage(path, key, document)));
    }
    if (issue.code === "invalid_union") return problemsOf(nearestBranch(issue.errors), checked, path);
    if (issue.code === "invalid_key") {
      const fault = issue.issues[0]?.message ?? "is not allowed";
      return [errorAt(path, "key", `${keyLabel(path, document)} ${fault}`)];
    }
    const value = valueAt(document, path);
    if (value === undefined) return [errorAt(path, "missing", missingMessage(issue, path, document))];
    const found = isHidden(path) && typeof value !== "object" ? "this one" : describeValue(value);
    return [errorAt(path, "value", `${labelOf(path, document)} ${predicate(issue, { value, found, path })}`)];
  });
}

/** A value, how a message may call it, and where it stands. */
interface Found {
  readonly value: unknown;
  readonly found: string;
  readonly path: ConfigPath;
}

// A value may be one thing or a list of them: the branch whose outermost type fits has the issue that helps the user.
function nearestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] {
  const isOutermost = (issue: Issue): boolean => issue.code === "invalid_type" && issue.path.length === 0;
  return branches.find((branch) => !branch.some(isOutermost)) ?? branches[0] ?? [];
}

function keyLabel(path: ConfigPath, document: unknown): string {
  return `${labelOf(path.slice(0, -1), document)}: the key ${quote(String(path.at(-1)))}`;
}

function missingMessage(issue: Issue, path: ConfigPath, document: unknown): string {
  const key = String(path.at(-1));
  const owner = labelOf(path.slice(0, -1), document);
  if (issue.code === "invalid_value") return `${owner} has no ${key}; add ${key}: ${orList(issue.values)}`;
  if (key === "providers") return `${owner} has no providers; add a list of at least one under providers:`;
  const example = notesAt(path).examples?.[0];
  return `${owner} has no ${key}; add one${example === undefined ? "" : `, such as ${key}: ${asYaml(example)}`}`;
}

function predicate(issue: Issue, at: Found): string {
  const { value, found, path } = at;
  if (issue.code === "custom") return issue.message;
  if (issue.code === "invalid_value") return wrongWord(issue.values, at);
  if (value === null && path.length === 1 && path[0] === "providers")
    return "has no value; add at least one provider below it";
  if (value === null && path.length === 2 && path[0] === "providers") {
    return "has no keys; write its name, type, base_url and auth_value, or remove the dash";
  }
  if (value === null) {
    return `has no value; ${suggestion(path) ?? "write one"}${isOptional(path) ? ", or remove the key" : ""}`;
  }
  if (issue.code === "invalid_type") return wrongType(issue.expected, at);
  if (issue.code === "too_small") {
    if (issue.origin === "array") return "is empty; write at least one entry";
    return `is ${found}; write ${issue.inclusive === true ? "at least" : "more than"} ${String(issue.minimum)}`;
  }
  if (issue.code === "too_big") return `is ${found}; write at most ${String(issue.maximum)}`;
  return `is not valid; ${suggestion(path) ?? "see docs/configuration.md"}`;
}

function suggestion(path: ConfigPath): string | undefined {
  const { examples, default: fallback } = notesAt(path);
  const example = examples?.[0] ?? fallback;
  if (example === undefined) return undefined;
  return `write one such as ${asYaml(example)}`;
}

function asYaml(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function wrongType(expected: string, at: Found): string {
  const { value, found, path } = at;
  switch (expected) {
    case "string":
      return typeof value === "object"
        ? `must be a text, not ${found}; ${suggestion(path) ?? "write it on one line"}`
        : `must be a text, and YAML reads this as a ${typeof value}; put it in quotes`;
    case "int":
    case "number":
      return wrongNumber(at);
    case "boolean":
      return wrongFlag(at);
    case "array":
      return path.at(-1) === "auth_command"
        ? "must be a list of words; write [program, argument, argument]"
        : `must be a list, not ${found}; write each entry on a line of its own after "- "`;
    default:
      return `must be a section of keys, not ${found}; write them indented, one a line`;
  }
}

function wrongNumber({ value, found, path }: Found): string {
  if (typeof value === "number") {
    return Number.isFinite(value)
      ? `must be a whole number, not ${value}; write ${Math.round(value)}`
      : `must be a finite number; ${suggestion(path) ?? "write one"}`;
  }
  const leading = typeof value === "string" ? /^(-?\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(value.trim()) : null;
  const unit = secondsIn[(leading?.[2] ?? "").toLowerCase()];
  if (leading?.[1] !== undefined && unit !== undefined) {
    return `must be a number, not the text ${found}; write ${Number(leading[1]) * unit}`;
  }
  return `must be a number, not ${found}; ${suggestion(path) ?? "write one"}`;
}

const secondsIn: Readonly<Record<string, number>> = {
  "": 1,
  s: 1,
  sec: 1,
  seconds: 1,
  ms: 0.001,
  m: 60,
  min: 60,
  minutes: 60,
  h: 3600,
};

function wrongFlag({ value, found }: Found): string {
  const word = String(value).toLowerCase();
  if (["yes", "on", "y", "1", "true"].includes(word)) return `must be true or false, not ${found}; write true`;
  if (["no", "off", "n", "0", "false"].includes(word)) return `must be true or false, not ${found}; write false`;
  return `must be true or false, not ${found}; write one of them, or remove the key`;
}

// Words that the format does not know, but that users have a reason to write.
const knownWords: Readonly<Record<string, string>> = {
  "auth_type bearer": 'is "bearer"; write auth_token, which sends Authorization: Bearer',
  "auth_type none": 'is "none"; write api_key and any text as auth_value, which a server without keys ignores',
  "auth_type oauth": "is oauth, which ccpb does not do; write passthrough to forward the login of Claude Code itself",
  "session_affinity false": "must be in quotes or the word off; write session_affinity: off",
};

function wrongWord(values: readonly unknown[], { value, found, path }: Found): string {
  const known = knownWords[`${String(path.at(-1))} ${String(value)}`];
  if (known !== undefined) return known;
  const near = typeof value === "string" ? didYouMean(value, values.map(String)) : undefined;
  const question = near === undefined ? "" : `did you mean ${near}? `;
  // A number is what else it may be.
  if (near === undefined && path[0] === "providers" && path.at(-1) === "type") {
    return `is ${found}, and type is the API, not the vendor; write openai (Chat Completions or Responses), anthropic (Messages), bedrock or vertex`;
  }
  if (path.at(-1) === "workers") return `is ${found}; write a number such as 4, or auto`;
  return `is ${found}; ${question}${near === undefined ? "write" : "Write"} ${orList(values)}`;
}

function orList(words: readonly unknown[]): string {
  const texts = words.map(String);
  return texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} or ${texts.at(-1)}`;
}
