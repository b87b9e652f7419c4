import { imageSize } from "./image-size.ts";

const unknownImage = 1500;
// Tokens of the largest image: larger ones are scaled down before a model sees them (platform.claude.com, "Vision").
const largestImage = 4784;
const tokensPerPage = 2250; // 1,500 to 3,000 by Anthropic's account (platform.claude.com, "PDF support")
const bytesPerPage = 50_000; // for a PDF that does not tell its pages
const searchedLength = 1024 * 1024; // base64 characters

/** Tokens of an image by Anthropic's rule, width × height / 750; 1500 where its size cannot be read. */
export function imageTokens(source: unknown): number {
  const data = base64Of(source);
  const size = data === undefined ? undefined : imageSize(data);
  return size ? Math.min(largestImage, Math.ceil((size.width * size.height) / 750)) : unknownImage;
}

/** Tokens of a PDF by its number of pages. */
export function pdfTokens(source: unknown): number {
  const data = base64Of(source);
  return (data === undefined ? 1 : pageCount(data)) * tokensPerPage;
}

function pageCount(base64: string): number {
  const estimate = Math.max(1, Math.round((base64.length * 0.75) / bytesPerPage));
  try {
    const bytes = atob(base64.slice(0, Math.min(base64.length, searchedLength) & ~3));
    let told = 0;
    // The root of the page tree tells all pages, its branches some.
    for (const match of bytes.matchAll(/\/Count[ \t\r\n]+(\d{1,6})/g)) told = Math.max(told, Number(match[1]));
    const pages = told || [...bytes.matchAll(/\/Type[ \t\r\n]*\/Page[^s\w]/g)].length;
    return pages || estimate;
  } catch {
    return estimate; // no base64
  }
}

function base64Of(source: unknown): string | undefined {
  if (typeof source !== "object" || source === null) return undefined;
  if ("data" in source && typeof source.data === "string") return source.data;
  const dataUrl = "url" in source && typeof source.url === "string" ? /^data:[^,]*;base64,/.exec(source.url) : null;
  return dataUrl && "url" in source ? String(source.url).slice(dataUrl[0].length) : undefined;
}
