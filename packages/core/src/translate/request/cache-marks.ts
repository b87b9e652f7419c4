import type { ChatCacheMark } from "../../protocol/chat.ts";
import { isObject, type JsonObject } from "../json-object.ts";
import type { Profile } from "../profile.ts";
import type { WarningList } from "./warning-list.ts";

const maxMarks = 4; // both APIs refuse more

/** Carries `cache_control` of blocks over to what they became, as the profile wants it. */
export class CacheMarks {
  readonly #mode: Profile["cacheControl"];
  readonly #warnings: WarningList;
  readonly #marked: ChatCacheMark[] = [];

  constructor(mode: Profile["cacheControl"], warnings: WarningList) {
    this.#mode = mode;
    this.#warnings = warnings;
  }

  /** Whether `block` has a mark that is carried over; without one a lone text may stand as a string. */
  has(block: JsonObject): boolean {
    return this.#mode !== "strip" && isObject(block["cache_control"]);
  }

  carry(block: JsonObject, target: ChatCacheMark, path: string): void {
    const control = block["cache_control"];
    if (!isObject(control)) return;
    switch (this.#mode) {
      case "strip":
        this.#warnings.add("cache_control_dropped", "cache_control dropped", path);
        return;
      case "pass": {
        const ttl = control["ttl"];
        target.cache_control = { type: "ephemeral", ...(typeof ttl === "string" && { ttl }) };
        break;
      }
      case "openai-breakpoint":
        target.prompt_cache_breakpoint = { mode: "explicit" };
        break;
    }
    this.#marked.push(target);
  }

  /** Keeps the last four marks: the longest prefixes are worth most. */
  settle(): void {
    for (const target of this.#marked.slice(0, -maxMarks)) {
      delete target.cache_control;
      delete target.prompt_cache_breakpoint;
    }
  }
}
