import type { ChatContentPart } from "../../protocol/chat.ts";
import type { ResponsesInputMessage, ResponsesInputPart } from "../../protocol/responses.ts";
import type { SpokenMessage } from "../../conversation/request/history-writer.ts";

/** Returns a user's or system message as an item of Responses. To be called when the cache marks are settled. */
export function toInputMessage({ role, content }: SpokenMessage): ResponsesInputMessage {
  const parts: readonly ChatContentPart[] = typeof content === "string" ? [{ type: "text", text: content }] : content;
  return { type: "message", role, content: parts.map(toInputPart) };
}

/** Returns a content part as Responses names it. */
export function toInputPart(part: ChatContentPart): ResponsesInputPart {
  const mark = part.prompt_cache_breakpoint && { prompt_cache_breakpoint: part.prompt_cache_breakpoint };
  switch (part.type) {
    case "text":
      return { type: "input_text", text: part.text, ...mark };
    case "image_url":
      return { type: "input_image", image_url: part.image_url.url, detail: "auto", ...mark };
    case "file": {
      const { filename, file_data: data } = part.file;
      if (!data.startsWith("data:")) return { type: "input_file", file_url: data, ...mark };
      return { type: "input_file", filename, file_data: data, ...mark };
    }
  }
}
