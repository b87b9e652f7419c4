import type { ChatContentPart, ChatTextPart } from "../../protocol/chat.ts";
import { digestServerBlock } from "./block-digest.ts";
import { documentText, searchResultText } from "./block-text.ts";
import { requireText } from "./invalid-request.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import type { RequestScope } from "./request-scope.ts";
import { printableName } from "./warning-list.ts";

/** Returns the part that a block of a user turn or of a tool result becomes; undefined for what is left out. A part of text is never blank. */
export function toContentPart(block: JsonObject, path: string, scope: RequestScope): ChatContentPart | undefined {
  const part = convert(block, path, scope);
  if (part === undefined || (part.type === "text" && isBlank(part.text))) return undefined;
  scope.marks.carry(block, part, path);
  return part;
}

export function isBlank(text: string): boolean {
  return text === "" || text.trim() === "";
}

function convert(block: JsonObject, path: string, scope: RequestScope): ChatContentPart | undefined {
  switch (block["type"]) {
    case "text":
      return textPart(requireText(block["text"], `${path}.text`));
    case "image":
      warnOfTransformations(block, path, scope);
      return imagePart(block, path, scope);
    case "document":
      warnOfCitations(block, path, scope);
      return documentPart(block, path, scope);
    case "search_result":
      warnOfCitations(block, path, scope);
      return textPart(searchResultText(block, path));
    case "thinking":
    case "redacted_thinking":
      scope.warnings.add("thinking_dropped", "thinking of earlier turns dropped", path);
      return undefined;
    default: {
      const digest = digestServerBlock(block, path, scope);
      if (digest !== undefined) return textPart(digest);
      const name = printableName(block["type"]);
      scope.warnings.add("unknown_block_dropped", `unknown block ${name} dropped`, path);
      return undefined;
    }
  }
}

/**
 * Warns if the request forbids scaling an image down: only Anthropic's servers obey that, other APIs scale by rules
 * of their own.
 */
function warnOfTransformations({ transformations }: JsonObject, path: string, { warnings }: RequestScope): void {
  if (!isObject(transformations) || Object.keys(transformations).length === 0) return;
  warnings.add("image_transformations_dropped", "transformations of an image dropped", `${path}.transformations`);
}

function warnOfCitations({ citations }: JsonObject, path: string, { warnings }: RequestScope): void {
  if (!isObject(citations) || citations["enabled"] !== true) return;
  warnings.add("citations_dropped", "citations dropped: the answer will not cite its sources", `${path}.citations`);
}

function textPart(text: string): ChatTextPart {
  return { type: "text", text };
}

function imagePart(block: JsonObject, path: string, scope: RequestScope): ChatContentPart {
  const { profile } = scope;
  const source = block["source"];
  if (!profile.images || !profile.contentParts)
    return omitted("image", "this provider does not accept images", path, scope);
  if (!isObject(source)) return omitted("image", "its source cannot be read", path, scope);
  const { type, data, url, media_type: mediaType, file_id: fileId } = source;
  if (type === "base64" && typeof data === "string" && typeof mediaType === "string") {
    return { type: "image_url", image_url: { url: `data:${mediaType};base64,${data}` } };
  }
  if (type === "url" && typeof url === "string") {
    if (profile.imageUrls || url.startsWith("data:")) return { type: "image_url", image_url: { url } };
    return omitted("image", "this provider does not accept images by URL", path, scope);
  }
  if (type === "file") return omitted("image", fileReason(fileId), path, scope);
  return omitted("image", "its source cannot be read", path, scope);
}

function documentPart(block: JsonObject, path: string, scope: RequestScope): ChatContentPart {
  const source = block["source"];
  if (!isObject(source)) return omitted("document", "its source cannot be read", path, scope);
  const text = documentText(block, source, path);
  if (text !== undefined) {
    if (hasImage(source)) scope.warnings.add("image_dropped", "image dropped", path);
    return textPart(text);
  }
  const { type, data, url, media_type: mediaType, file_id: fileId } = source;
  if (type === "base64" && typeof data === "string" && mediaType === "application/pdf") {
    if (!scope.profile.files || !scope.profile.contentParts) {
      return omitted("document", "this provider does not accept PDF files", path, scope);
    }
    const file = { filename: pdfName(block["title"]), file_data: `data:application/pdf;base64,${data}` };
    return { type: "file", file };
  }
  if (type === "url" && typeof url === "string") {
    // Only Responses fetches a file itself; there a URL becomes `file_url`.
    if (scope.dialect === "responses" && scope.profile.files && /^https?:/i.test(url)) {
      return { type: "file", file: { filename: pdfName(block["title"]), file_data: url } };
    }
    return omitted("document", `${url} is not fetched for this provider`, path, scope);
  }
  if (type === "file") return omitted("document", fileReason(fileId), path, scope);
  return omitted("document", "its source cannot be read", path, scope);
}

/** A document of content blocks may hold images, which have no place in its text. */
function hasImage({ type, content }: JsonObject): boolean {
  return (
    type === "content" && Array.isArray(content) && content.some((one) => isObject(one) && one["type"] === "image")
  );
}

function fileReason(fileId: unknown): string {
  return `${typeof fileId === "string" ? fileId : "an uploaded file"} is not available to this provider`;
}

function pdfName(title: unknown): string {
  const name = typeof title === "string" && title !== "" ? title : "document.pdf";
  return /\.pdf$/i.test(name) ? name : `${name}.pdf`;
}

/** The model is told that something is missing: it may have been asked about it. */
function omitted(what: "image" | "document", reason: string, path: string, scope: RequestScope): ChatTextPart {
  scope.warnings.add(`${what}_dropped`, `${what} dropped`, path);
  return textPart(`[${what} omitted: ${reason}]`);
}
