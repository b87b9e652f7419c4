import { readErrorText } from "../../failures/error-text.ts";

/** Returns the bytes behind a byte order mark and white space. OpenRouter sends kilobytes of white space before JSON. */
export function withoutSpace(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length && isSkipped(bytes[start])) start += 1;
  return bytes.subarray(start);
}

/** Tells an event stream from JSON and from a page of HTML by the first byte of a body; undefined where there is none yet. */
export function formOf(body: Uint8Array): "events" | "json" | "page" | undefined {
  switch (body[0]) {
    case undefined:
      return undefined;
    case 0x7b: // {
    case 0x5b: // [
      return "json";
    case 0x3c: // <
      return "page";
    default:
      return "events";
  }
}

/** Describes a page that came in place of an answer, with its words where it has some. */
export function pageDetail(body: Uint8Array): string {
  const page = new TextDecoder().decode(body.subarray(0, 16_384));
  return page.length < 20
    ? "the provider sent an HTML page"
    : `the provider sent an HTML page: ${readErrorText(page).message}`;
}

function isSkipped(byte: number | undefined): boolean {
  // Space, tab, LF, CR, and the three bytes of a BOM.
  return (
    byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09 || byte === 0xef || byte === 0xbb || byte === 0xbf
  );
}
