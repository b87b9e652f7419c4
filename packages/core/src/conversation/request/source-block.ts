import { isObject, type JsonObject } from "../../base/json.ts";

/** Says what `readSourceBlock` demands. */
export const sourceDemand = "base64 data, a URL or, for a document, text is required";

/**
 * Reads a block of the Messages API in a request of another API: clients of gateways to Claude write images and documents so.
 *
 * @returns the block; `undefined` where its source is none that every provider of Messages can read, such as an uploaded file.
 */
export function readSourceBlock(
  type: "image" | "document",
  { source, title }: JsonObject,
): { type: string; source: JsonObject; title?: string } | undefined {
  if (!isObject(source)) return undefined;
  const { type: kind, media_type: mediaType, data, url } = source;
  const isRead =
    kind === "url"
      ? isFilled(url)
      : (kind === "base64" || (kind === "text" && type === "document")) && isFilled(mediaType) && isFilled(data);
  return isRead ? { type, source, ...(isFilled(title) && { title }) } : undefined;
}

function isFilled(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
