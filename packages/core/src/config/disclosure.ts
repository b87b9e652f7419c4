import * as z from "zod";
import type { ConfigPath } from "./problem.ts";
import { looksLikeSecret } from "./quote.ts";
import { alternatives, schemaAt } from "./schema-at.ts";
import { documentSchema } from "./schema.ts";
import { isSecretKey, isSecretPath } from "./secrets.ts";
import { intendedKey, isWord } from "./unknown-keys.ts";

/**
 * Decides whether the text at `path` may be shown with a problem: only text that the format knows to be no secret. A
 * mistyped key counts as the one that was meant; below a free top-level `x-*` key the nearest key decides.
 */
export function mayShow(path: ConfigPath, text: string): boolean {
  // A file that is one text may be anything, such as an env file.
  if (path.length === 0 || isSecretPath(path)) return false;
  const [top] = path;
  if (typeof top === "string" && top.startsWith("x-")) {
    return mayShowUnder(
      path.filter((step) => typeof step === "string"),
      text,
    );
  }
  const meant = meantPath(path);
  return meant !== undefined && !isSecretPath(meant) && schemaAt(meant) !== undefined && isHarmless(meant.at(-1), text);
}

/** Decides the same where only the names of the keys above are known, outermost first. */
export function mayShowUnder(keys: readonly string[], text: string): boolean {
  const last = keys.at(-1);
  return last !== undefined && !keys.some(isSecretKey) && isFormatKey(last) && isHarmless(last, text);
}

/**
 * Decides whether the key that ends `path` may be shown: a plain word, or a key of a map of the format (patterns of
 * models, names of headers).
 */
export function mayShowKey(path: ConfigPath): boolean {
  const above = path.slice(0, -1);
  const key = String(path.at(-1));
  const isMap = alternatives(schemaAt(above) ?? documentSchema).some((one) => one instanceof z.ZodRecord);
  if (isMap) return !looksLikeSecret(key);
  return isWord(key) && !isSecretPath(above);
}

/** Decides whether any section of the format has a key of this name. */
export function isFormatKey(key: string): boolean {
  return hasKey(documentSchema, key);
}

function hasKey(schema: z.core.$ZodType, key: string): boolean {
  return alternatives(schema).some((one) => {
    if (one instanceof z.ZodArray) return hasKey(one.element, key);
    if (one instanceof z.ZodRecord) return hasKey(one.valueType, key);
    if (!(one instanceof z.ZodObject)) return false;
    const shape: Record<string, z.core.$ZodType> = one.shape;
    return Object.hasOwn(shape, key) || Object.values(shape).some((child) => hasKey(child, key));
  });
}

// Scheme, host, port and a path of plain words: whatever is not of that form may be credentials or a key in a query.
const plainUrl = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[a-z0-9.-]*|\[[0-9a-f:.]*\])(?::\d{0,5})?(?:\/[\w./-]*)?$/i;

// A path is long and may hold digits without being a key, such as /srv/b2c4/logs/balancer.jsonl.
const fileKey = /(?:^|_)(?:file|folder)$/;

function isHarmless(key: string | number | undefined, text: string): boolean {
  if (typeof key === "string" && fileKey.test(key)) return !text.split(/[/\\]/).some(looksLikeSecret);
  if (key !== "base_url") return !looksLikeSecret(text);
  return plainUrl.test(text) && !text.split(/[/:]/).some(looksLikeSecret);
}

function meantPath(path: ConfigPath): ConfigPath | undefined {
  const meant: (string | number)[] = [];
  for (const step of path) {
    const known =
      schemaAt([...meant, step]) === undefined && typeof step === "string" ? intendedKey(meant, step) : step;
    if (known === undefined) return undefined;
    meant.push(known);
  }
  return meant;
}
