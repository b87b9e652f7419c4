import { decodeBase64 } from "../../conversation/ids/base64url.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import { type DataUrl, isTextType, readDataUrl } from "../../conversation/request/data-url.ts";
import { invalidRequest } from "../../conversation/request/invalid-request.ts";
import { readSourceBlock, sourceDemand } from "../../conversation/request/source-block.ts";
import { printableName, type WarningList } from "../../conversation/request/warning-list.ts";

/** A block of a Messages request on its way out. */
export type MessageBlock = { type: string } & Record<string, unknown>;

/**
 * Reads the content of a message: text, or parts. Blank text is left out, because the Messages API refuses it. Parts of the type `passedOver` are left to
 * the caller.
 *
 * @throws `CcpbError` `invalid_request` (400) for a part that cannot be said, such as sound.
 */
export function readContent(
  content: unknown,
  path: string,
  { warnings, passedOver }: { readonly warnings: WarningList; readonly passedOver?: string | undefined },
): MessageBlock[] {
  if (content === undefined || content === null) return [];
  if (typeof content === "string") return textBlocks(content);
  if (!Array.isArray(content)) throw invalidRequest(path, "a string or an array of content parts is required");
  const blocks: MessageBlock[] = [];
  for (const [index, part] of content.entries()) {
    if (passedOver !== undefined && isObject(part) && part["type"] === passedOver) continue;
    for (const block of readPart(part, `${path}[${index}]`, warnings)) blocks.push(block);
  }
  return blocks;
}

/** Returns a block for a text, or none for a blank one. */
export function textBlocks(text: string): MessageBlock[] {
  return text.trim() === "" ? [] : [{ type: "text", text }];
}

function readPart(part: unknown, path: string, warnings: WarningList): readonly MessageBlock[] {
  if (typeof part === "string") return textBlocks(part);
  if (!isObject(part)) throw invalidRequest(path, "a content part is required");
  const [block] = partBlocks(part, path, warnings);
  return block ? [{ ...block, ...cacheMark(part) }] : [];
}

function partBlocks(part: JsonObject, path: string, warnings: WarningList): readonly MessageBlock[] {
  switch (part["type"]) {
    case "text":
    case "input_text":
    case "output_text":
      return textBlocks(textMember(part, "text", path));
    case "refusal":
      return textBlocks(textMember(part, "refusal", path));
    case "image_url":
    case "input_image":
      return [imageBlock(part, path, warnings)];
    case "file":
      return [fileBlock(part["file"], `${path}.file`)];
    case "input_file":
      return [fileBlock(part, path)];
    case "image":
    case "document":
      return [sourceBlock(part["type"], part, path)];
    case "input_audio":
      throw invalidRequest(path, "audio input cannot be sent to the providers of this endpoint; send a transcript");
    case "thinking":
    case "redacted_thinking":
    case "reasoning":
      warnings.add("thinking_dropped", "thinking inside the content of a message dropped", path);
      return [];
    default: {
      const type = printableName(part["type"]);
      throw invalidRequest(`${path}.type`, `${type} is not supported; text, image_url, file and refusal are`);
    }
  }
}

function textMember(part: JsonObject, name: string, path: string): string {
  const text = part[name];
  if (typeof text === "string") return text;
  throw invalidRequest(`${path}.${name}`, "a string is required");
}

/** OpenAI's mark (gpt-5.6 and later) means the same as Anthropic's, which gateways to Claude take in Chat Completions. */
function cacheMark(part: JsonObject): { cache_control?: unknown } {
  if (isObject(part["cache_control"])) return { cache_control: part["cache_control"] };
  return isObject(part["prompt_cache_breakpoint"]) ? { cache_control: { type: "ephemeral" } } : {};
}

function imageBlock(part: JsonObject, path: string, warnings: WarningList): MessageBlock {
  const image = part["image_url"];
  const url = isObject(image) ? image["url"] : image; // some clients send the URL itself
  if (typeof url !== "string") throw invalidRequest(`${path}.image_url.url`, "a string is required");
  const detail = isObject(image) ? image["detail"] : undefined;
  if (typeof detail === "string" && detail !== "auto") {
    warnings.add("image_detail_dropped", "detail of images dropped", `${path}.image_url.detail`);
  }
  if (/^https?:\/\//i.test(url)) return { type: "image", source: { type: "url", url } };
  const data = readDataUrl(url);
  if (data === undefined) {
    throw invalidRequest(`${path}.image_url.url`, "an http(s) URL or a data: URL with base64 data is required");
  }
  return imageOf(data);
}

function imageOf({ mediaType, data }: DataUrl): MessageBlock {
  return { type: "image", source: { type: "base64", media_type: mediaType, data } };
}

function sourceBlock(type: "image" | "document", part: JsonObject, path: string): MessageBlock {
  const block = readSourceBlock(type, part);
  if (block === undefined) throw invalidRequest(`${path}.source`, sourceDemand);
  return block;
}

function fileBlock(value: unknown, path: string): MessageBlock {
  const file = isObject(value) ? value : {};
  const { file_id: fileId, filename } = file;
  const fileData = file["file_data"] ?? file["file_url"];
  const title = typeof filename === "string" && filename !== "" ? { title: filename } : {};
  if (typeof fileData !== "string" || fileData === "") {
    if (typeof fileId !== "string") throw invalidRequest(`${path}.file_data`, "a string is required");
    throw invalidRequest(`${path}.file_id`, "uploaded files are not available here; send the file as file_data");
  }
  if (/^https?:\/\//i.test(fileData)) return { type: "document", source: { type: "url", url: fileData }, ...title };
  const read = readDataUrl(fileData) ?? bareData(fileData);
  if (read?.mediaType.startsWith("image/")) return imageOf(read);
  if (read?.mediaType === "application/pdf") {
    const source = { type: "base64", media_type: "application/pdf", data: read.data };
    return { type: "document", source, ...title };
  }
  const text = read && isTextType(read.mediaType) ? decodeBase64(read.data) : undefined;
  if (text === undefined) {
    throw invalidRequest(`${path}.file_data`, "a PDF, plain text or an image as a data: URL is required");
  }
  return { type: "document", source: { type: "text", media_type: "text/plain", data: text }, ...title };
}

/** The base64 of a PDF without `data:` in front of it, as some clients send it; "JVBERi0" is "%PDF-". */
function bareData(data: string): DataUrl | undefined {
  return data.startsWith("JVBERi0") ? { mediaType: "application/pdf", data } : undefined;
}
