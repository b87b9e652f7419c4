import { redactSecrets } from "./redact.ts";

const maxPage = 8_192;
const maxMessage = 200;

/** Returns the title of an HTML page or, without one, the beginning of its text: at most 200 characters, without secrets. Linear in the page's length. */
export function htmlMessage(html: string): string {
  const page = html.slice(0, maxPage);
  const title = titleOf(page);
  const words = redactSecrets(unescapeHtml(title === "" ? textOf(page) : title).replaceAll(/\s/g, " "));
  const message = words
    .split(" ")
    .filter((word) => word !== "")
    .join(" ");
  if (message === "") return "the provider sent an HTML page";
  return message.length <= maxMessage ? message : `${message.slice(0, maxMessage - 1)}…`;
}

function titleOf(page: string): string {
  const lower = page.toLowerCase();
  const start = lower.indexOf("<title");
  const open = start < 0 ? -1 : lower.indexOf(">", start);
  const end = open < 0 ? -1 : lower.indexOf("<", open);
  return end < 0 ? "" : page.slice(open + 1, end).trim();
}

/** The text between the tags; that of scripts and styles is left out. */
function textOf(page: string): string {
  const lower = page.toLowerCase();
  const parts: string[] = [];
  let at = 0;
  while (at < page.length) {
    const tag = page.indexOf("<", at);
    if (tag < 0) return [...parts, page.slice(at)].join(" ");
    parts.push(page.slice(at, tag));
    const hidden = ["script", "style"].find((name) => lower.startsWith(name, tag + 1));
    const close = hidden === undefined ? -1 : lower.indexOf(`</${hidden}`, tag);
    const end = page.indexOf(">", hidden === undefined ? tag : close);
    if (end < 0 || (hidden !== undefined && close < 0)) break;
    at = end + 1;
  }
  return parts.join(" ");
}

function unescapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", nbsp: " " };
  return text.replace(/&(amp|lt|gt|quot|#39|nbsp);/g, (whole, name: string) => entities[name] ?? whole);
}
