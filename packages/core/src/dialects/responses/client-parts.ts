import { decodeBase64 } from "../../conversation/ids/base64url.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import { readSourceBlock, sourceDemand } from "../../conversation/request/source-block.ts";
import { isTextType, readDataUrl } from "../../conversation/request/data-url.ts";
import { printableName, type WarningList } from "../../conversation/request/warning-list.ts";
import { partFields } from "./client-fields.ts";
import { listAt, objectAt, refusal, textAt } from "./client-refusal.ts";

/** A content block of the Messages API. */
export type Block = JsonObject & { readonly type: string };

/** Reads the content of a message or of a tool's output: a string, or parts. Blank text is left out. */
export function readContent(content: unknown, path: string, warnings: WarningList): readonly Block[] {
  if (typeof content === "string") return textBlocks(content);
  return listAt(content, path).flatMap((part, index) => readPart(part, `${path}[${index}]`, warnings));
}

function readPart(value: unknown, path: string, warnings: WarningList): readonly Block[] {
  if (typeof value === "string") return textBlocks(value);
  const part = objectAt(value, path);
  const { type } = part;
  const field = typeof type === "string" ? partFields[type] : undefined;
  if (typeof type !== "string" || field === undefined) {
    warnings.add("part_dropped", `content part ${printableName(type)} dropped`, path);
    return [];
  }
  if (field.fate === "refused") throw refusal(`${path}.type`, field.how);
  return marked(convert(type, part, path), part);
}

function convert(type: string, part: JsonObject, path: string): readonly Block[] {
  switch (type) {
    case "input_image":
    case "image_url":
    case "computer_screenshot":
      return [imageBlock(part, path)];
    case "input_file":
      return [fileBlock(part, path)];
    case "file":
      return [fileBlock(objectAt(part["file"], `${path}.file`), `${path}.file`)];
    case "image":
    case "document":
      return [sourceBlock(type, part, path)];
    case "refusal":
      return textBlocks(textAt(part["refusal"], `${path}.refusal`));
    default:
      return textBlocks(textAt(part["text"], `${path}.text`));
  }
}

function textBlocks(text: string): readonly Block[] {
  // The Messages API refuses text blocks without a visible character.
  return text.trim() === "" ? [] : [{ type: "text", text }];
}

function marked(blocks: readonly Block[], part: JsonObject): readonly Block[] {
  if (!isObject(part["prompt_cache_breakpoint"])) return blocks;
  return blocks.map((block) => ({ ...block, cache_control: { type: "ephemeral" } }));
}

function imageBlock(part: JsonObject, path: string): Block {
  const { image_url: image } = part;
  const url = isObject(image) ? image["url"] : image;
  if (typeof url !== "string" || url === "") throw withoutSource(part, path, "image_url");
  const data = readDataUrl(url);
  if (data) return { type: "image", source: { type: "base64", media_type: data.mediaType, data: data.data } };
  if (!isWebUrl(url)) throw refusal(`${path}.image_url`, "an http(s) URL or a base64 data URL is required");
  return { type: "image", source: { type: "url", url } };
}

function sourceBlock(type: "image" | "document", part: JsonObject, path: string): Block {
  const block = readSourceBlock(type, part);
  if (block === undefined) throw refusal(`${path}.source`, sourceDemand);
  return block;
}

function fileBlock(part: JsonObject, path: string): Block {
  const { file_url: url, file_data: fileData, filename } = part;
  const title = typeof filename === "string" && filename !== "" ? { title: filename } : {};
  if (typeof fileData === "string" && fileData !== "") {
    const { mediaType, data } = readDataUrl(fileData) ?? { mediaType: typeOf(filename), data: fileData };
    return dataBlock(mediaType, data, title, `${path}.file_data`);
  }
  if (typeof url !== "string" || url === "") throw withoutSource(part, path, "file_data or file_url");
  if (!isWebUrl(url)) throw refusal(`${path}.file_url`, "an http(s) URL is required");
  return { type: "document", source: { type: "url", url }, ...title };
}

function dataBlock(mediaType: string, data: string, title: JsonObject, path: string): Block {
  if (mediaType.startsWith("image/")) return { type: "image", source: { type: "base64", media_type: mediaType, data } };
  if (mediaType === "application/pdf") {
    return { type: "document", source: { type: "base64", media_type: mediaType, data }, ...title };
  }
  const text = isTextType(mediaType) ? decodeBase64(data) : undefined;
  if (text === undefined) {
    throw refusal(path, `a file of the type ${printableName(mediaType)} cannot be sent; PDF, text and images can`);
  }
  return { type: "document", source: { type: "text", media_type: "text/plain", data: text }, ...title };
}

function typeOf(filename: unknown): string {
  const ending = typeof filename === "string" ? filename.slice(filename.lastIndexOf(".") + 1).toLowerCase() : "pdf";
  return endings.get(ending) ?? "application/pdf";
}

const endings: ReadonlyMap<string, string> = new Map([
  ["txt", "text/plain"],
  ["md", "text/markdown"],
  ["csv", "text/csv"],
  ["json", "application/json"],
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["gif", "image/gif"],
  ["webp", "image/webp"],
]);

function isWebUrl(url: string): boolean {
  return /^https?:\/\//i.test(url);
}

function withoutSource(part: JsonObject, path: string, members: string): Error {
  const { file_id: fileId } = part;
  return typeof fileId === "string" && fileId !== ""
    ? refusal(`${path}.file_id`, `files are stored at the provider that took them; send ${members}`)
    : refusal(path, `${members} is required`);
}
