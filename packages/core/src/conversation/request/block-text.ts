import { decodeBase64 } from "../ids/base64url.ts";
import { requireContent, requireObject } from "./invalid-request.ts";
import type { JsonObject } from "../../base/json.ts";

/** Returns the texts of a block's content, each on lines of its own; for an image a word stands, anything else is left out. */
export function plainText(content: unknown, path: string): string {
  const blocks = requireContent(content, path);
  if (typeof blocks === "string") return blocks;
  const texts: string[] = [];
  for (const [index, entry] of blocks.entries()) {
    const block = requireObject(entry, `${path}.${index}`);
    if (block["type"] === "text" && typeof block["text"] === "string") texts.push(block["text"]);
    else if (block["type"] === "image") texts.push("[image omitted]");
  }
  return texts.join("\n");
}

/** Returns a `search_result` block as text, with its title and source. */
export function searchResultText(block: JsonObject, path: string): string {
  const attributes = attribute("title", block["title"]) + attribute("source", block["source"]);
  return `<search_result${attributes}>\n${plainText(block["content"], `${path}.content`)}\n</search_result>`;
}

/** Returns a document's text with its title and context; undefined where its source is no text. */
export function documentText(block: JsonObject, source: JsonObject, path: string): string | undefined {
  const body = sourceText(source, path);
  if (body === undefined) return undefined;
  const attributes = attribute("title", block["title"]) + attribute("context", block["context"]);
  return `<document${attributes}>\n${body}\n</document>`;
}

function sourceText(source: JsonObject, path: string): string | undefined {
  const { type, data, content, media_type: mediaType } = source;
  if (type === "text") return typeof data === "string" ? data : undefined;
  if (type === "content") return plainText(content, `${path}.source.content`);
  const isText = type === "base64" && typeof mediaType === "string" && /^text\/|[/+]json$|[/+]xml$/.test(mediaType);
  return isText && typeof data === "string" ? decodeBase64(data) : undefined;
}

function attribute(name: string, value: unknown): string {
  return typeof value === "string" && value !== "" ? ` ${name}="${value.replaceAll('"', "&quot;")}"` : "";
}
