import { digest } from "../../base/digest.ts";
import type { HeaderMap } from "../../base/outcome.ts";
import type { BodyBytes } from "../../bytes/body-bytes.ts";
import { headerValue } from "../headers.ts";

const digestBytes = 65_536;

/** Computes a digest of a body's length, beginning and end. A conversation grows at its end: bodies that differ there are different requests. */
export function digestOf(bytes: BodyBytes): string {
  const decoder = new TextDecoder("latin1");
  const head = decoder.decode(bytes.slice(0, 4_096));
  const tail = decoder.decode(bytes.slice(bytes.length - digestBytes, bytes.length));
  return `${bytes.length}:${digest(head)}:${digest(tail)}`;
}

/** Returns a digest of the client's own credential, which tells clients apart without keeping it. */
export function loginDigest(headers: HeaderMap): string {
  const credentials = ["authorization", "x-api-key", "api-key"].map((name) => headerValue(headers, name) ?? "");
  return digest(credentials.join("\n"));
}
