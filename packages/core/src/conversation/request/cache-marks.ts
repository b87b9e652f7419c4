import type { ChatCacheMark } from "../../protocol/chat.ts";
import { isObject, type JsonObject } from "../../base/json.ts";
import type { Profile } from "../../base/profile-types.ts";
import type { WarningList } from "./warning-list.ts";

const maxMarks = 4; // both APIs refuse more

/** Carries `cache_control` of blocks over to what they became, as the profile wants it. */
export class CacheMarks {
  readonly #mode: Profile["cacheControl"];
  readonly #warnings: WarningList;
  readonly #marked: ChatCacheMark[] = [];
  readonly #ofRequest: ChatCacheMark = {};

  constructor(mode: Profile["cacheControl"], warnings: WarningList) {
    this.#mode = mode;
    this.#warnings = warnings;
  }

  /** Decides whether `block` has a mark that is carried over; without one a lone text may be sent as a string. */
  has(block: JsonObject): boolean {
    return this.#mode !== "strip" && isObject(block["cache_control"]);
  }

  carry(block: JsonObject, target: ChatCacheMark, path: string): void {
    const control = block["cache_control"];
    if (!isObject(control)) return;
    switch (this.#mode) {
      case "strip":
        this.#drop(path);
        return;
      case "pass":
        target.cache_control = foreignMark(control);
        break;
      case "openai-breakpoint":
        target.prompt_cache_breakpoint = { mode: "explicit" };
        break;
    }
    this.#marked.push(target);
  }

  /** The same for a tool, where OpenAI has no breakpoints. */
  carryTool(tool: JsonObject, target: ChatCacheMark, path: string): void {
    if (this.#mode !== "openai-breakpoint") this.carry(tool, target, path);
    else if (isObject(tool["cache_control"])) this.#drop(path);
  }

  /** The mark of the request itself, which asks for one at the end of it; it counts among the four. */
  carryRequest(request: JsonObject): void {
    const control = request["cache_control"];
    if (!isObject(control)) return;
    if (this.#mode === "pass") this.#ofRequest.cache_control = foreignMark(control);
    else this.#drop("cache_control");
  }

  /** For the translated request. */
  get ofRequest(): Pick<ChatCacheMark, "cache_control"> {
    return this.#ofRequest;
  }

  /** Keeps the last four marks: the longest prefixes are worth most. */
  settle(): void {
    const limit = this.#ofRequest.cache_control === undefined ? maxMarks : maxMarks - 1;
    for (const target of this.#marked.slice(0, -limit)) {
      delete target.cache_control;
      delete target.prompt_cache_breakpoint;
    }
  }

  #drop(path: string): void {
    this.#warnings.add("cache_control_dropped", "cache_control dropped", path);
  }
}

function foreignMark({ ttl }: JsonObject): unknown {
  return { type: "ephemeral", ...(typeof ttl === "string" && { ttl }) };
}
