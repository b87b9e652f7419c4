import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** The status page and the headers that it is served with. */
export interface StatusPage {
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

/** Reads the page from beside this file. Its policy lets run only the script and style in it, and lets it talk to this server only. */
export function readStatusPage(): StatusPage {
  const text = readFileSync(new URL("page.html", import.meta.url), "utf8");
  const policy = [
    "default-src 'none'",
    `script-src ${hashesOf(text, "script")}`,
    `style-src ${hashesOf(text, "style")}`,
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
      "content-security-policy": policy.join("; "),
      "cache-control": "no-store",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    },
  };
}

function hashesOf(html: string, tag: "script" | "style"): string {
  const contents = [...html.matchAll(new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`, "g"))];
  return contents.map(([, text = ""]) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`).join(" ");
}
