import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** The status page and the headers that it is served with. */
export interface StatusPage {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** The languages of the page. */
export type PageLanguage = "en" | "zh";

/** The parts of the page's script: each after those that it imports from, so that all together they are one script without imports. */
export const scriptParts = [
  "words",
  "base",
  "actions",
  "providers",
  "charts",
  "filter",
  "search",
  "calls",
  "usage",
  "log",
  "main",
] as const;

/**
 * Reads the page from beside this file and puts it together: one file, that asks for nothing else. Its policy lets run only the script and style in it,
 * and lets it talk to this server only.
 */
export function readStatusPage(language: PageLanguage): StatusPage {
  const script = `"use strict";\n${scriptParts.map((name) => asPart(read(`${name}.js`))).join("\n")}`;
  const style = read("page.css");
  const text = read("page.html")
    .replace('<html lang="en">', language === "zh" ? '<html lang="zh-CN">' : '<html lang="en">')
    // As functions, since a text of CSS or a script may hold a `$&`.
    .replace("<style></style>", () => `<style>${style}</style>`)
    .replace("<script></script>", () => `<script>${script}</script>`);
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "img-src data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ];
  return {
    body: Buffer.from(text),
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-language": language === "zh" ? "zh-CN" : "en",
      "content-security-policy": policy.join("; "),
      "cache-control": "no-store",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      vary: "accept-language",
      "x-content-type-options": "nosniff",
    },
  };
}

/** Returns the language of the page that an `Accept-Language` asks for: Chinese where it stands before English, or alone. */
export function pageLanguage(acceptLanguage: string | undefined): PageLanguage {
  const wanted = (acceptLanguage ?? "")
    .slice(0, 1_000)
    .split(",")
    .map((part) => {
      const [tag = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
      const quality = Number(parameters.find((one) => one.startsWith("q="))?.slice(2) ?? 1);
      return { tag, quality };
    })
    .filter(({ tag, quality }) => quality > 0 && (/^zh(?:-|$)/.test(tag) || /^en(?:-|$)/.test(tag)));
  const first = wanted.reduce<(typeof wanted)[number] | undefined>(
    (best, one) => (best === undefined || one.quality > best.quality ? one : best),
    undefined,
  );
  return first?.tag.startsWith("zh") === true ? "zh" : "en";
}

function read(name: string): string {
  return readFileSync(new URL(`page/${name}`, import.meta.url), "utf8");
}

/** A part without its imports, which stand at its head, and exports: what they name stands in the same script. */
function asPart(text: string): string {
  const last = text.lastIndexOf(' from "./');
  const own = last === -1 ? text : text.slice(text.indexOf("\n", last) + 1);
  return own.replaceAll(/^export /gm, "");
}

function hashOf(text: string): string {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}
