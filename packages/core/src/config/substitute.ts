import { isSection, type Section } from "./plain-data.ts";
import type { ConfigPath } from "./problem.ts";

/** An environment variable that a document asks for and that is not there, or a `${…}` that cannot be read. */
export interface SubstitutionFault {
  readonly path: ConfigPath;
  /** The variable's name; undefined where the expression itself is wrong, and `message` says how. */
  readonly variable?: string;
  readonly message?: string;
}

/** A copy of a document with its `${…}` replaced. */
export interface Substituted {
  readonly document: unknown;
  /** The document is deeper or larger than any configuration; its copy is cut short. */
  readonly isOverfull: boolean;
  readonly faults: readonly SubstitutionFault[];
  /** Places whose text came from the environment, with the variables' names. */
  readonly used: readonly { readonly path: ConfigPath; readonly variables: readonly string[] }[];
}

type Environment = Readonly<Record<string, string | undefined>>;

// No configuration comes near these; what does is a mistake, an attack or an object that holds itself.
const maxDepth = 40;
const maxValues = 100_000;

/**
 * Replaces `${NAME}` and `${NAME:-default}` in every text of a document; `$${` stands for a plain `${`. Keys are left alone, and so is the
 * text of variables: nothing in them is read as an expression or as YAML. Where a variable is missing the text stays as it was.
 */
export function substitute(document: unknown, env: Environment): Substituted {
  const faults: SubstitutionFault[] = [];
  const used: { path: ConfigPath; variables: readonly string[] }[] = [];
  let values = 0;
  let isOverfull = false;
  const copy = (value: unknown, path: ConfigPath): unknown => {
    values++;
    if (path.length > maxDepth || values > maxValues) {
      if (!isOverfull)
        faults.push({ path: path.slice(0, 2), message: "holds too much; a configuration is not that deep or large" });
      isOverfull = true;
      return undefined;
    }
    if (typeof value === "string") return replace(value, path);
    if (Array.isArray(value)) return value.map((item, index) => copy(item, [...path, index]));
    return isSection(value) ? copySection(value, path) : value;
  };
  const copySection = (section: Section, path: ConfigPath): Section =>
    Object.fromEntries(Object.entries(section).map(([key, value]) => [key, copy(value, [...path, key])]));
  const replace = (text: string, path: ConfigPath): string => {
    const expansion = expand(text, env);
    if (expansion.error !== undefined) faults.push({ path, message: expansion.error });
    for (const variable of expansion.missing) faults.push({ path, variable });
    if (expansion.error !== undefined || expansion.missing.length > 0) return text;
    if (expansion.variables.length > 0) used.push({ path, variables: expansion.variables });
    return expansion.text;
  };
  const result = copy(document, []);
  return { document: result, isOverfull, faults, used };
}

interface Expansion {
  readonly text: string;
  readonly missing: readonly string[];
  readonly variables: readonly string[];
  readonly error?: string;
}

const unclosed = "has a ${ without its }; close it, or write $${ for a plain ${";
const malformed = "has a ${…} that is neither ${NAME} nor ${NAME:-default}; write $${ for a plain ${";

function expand(text: string, env: Environment): Expansion {
  const parts: Expansion[] = [];
  let at = 0;
  for (let start = text.indexOf("${"); start !== -1; start = text.indexOf("${", at)) {
    if (start > at && text[start - 1] === "$") {
      parts.push(plain(`${text.slice(at, start - 1)}\${`));
      at = start + 2;
      continue;
    }
    const end = closingBrace(text, start + 2);
    parts.push(plain(text.slice(at, start)));
    parts.push(end === -1 ? { ...plain(""), error: unclosed } : expandOne(text.slice(start + 2, end), env));
    at = end === -1 ? text.length : end + 1;
  }
  parts.push(plain(text.slice(at)));
  const error = parts.find((part) => part.error !== undefined)?.error;
  return {
    text: parts.map((part) => part.text).join(""),
    missing: parts.flatMap((part) => part.missing),
    variables: parts.flatMap((part) => part.variables),
    ...(error !== undefined && { error }),
  };
}

function plain(text: string): Expansion {
  return { text, missing: [], variables: [] };
}

// `:-` also replaces a variable that is set but empty, as in a shell.
function expandOne(expression: string, env: Environment): Expansion {
  const { name, fallback } = /^(?<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?<fallback>.*))?$/s.exec(expression)?.groups ?? {};
  if (name === undefined) return { ...plain(""), error: malformed };
  const value = Object.hasOwn(env, name) ? env[name] : undefined;
  if (fallback === undefined) {
    return { text: value ?? "", variables: [name], missing: value === undefined ? [name] : [] };
  }
  if (value !== undefined && value !== "") return { text: value, variables: [name], missing: [] };
  const inner = expand(fallback, env);
  return { ...inner, variables: [name, ...inner.variables] };
}

// A default may itself hold expressions: ${A:-${B}}.
function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text.startsWith("${", at)) depth++;
    else if (text[at] === "}" && --depth === 0) return at;
  }
  return -1;
}
