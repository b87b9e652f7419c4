import { sha256 } from "@noble/hashes/sha2.js";
import type { Profile } from "../../base/profile-types.ts";
import { decodeToolId, encodeToolId } from "../ids/tool-ids.ts";
import { shortHash } from "../ids/tool-names.ts";

const mistralId = /^[A-Za-z0-9]{9}$/;
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** The ids of one request's tool calls as its vendor takes them: the upstream's own where it was ours to encode, and never one twice. */
export class ToolCallIds {
  readonly #format: Profile["toolIdFormat"];
  readonly #limit: number;
  readonly #taken = new Set<string>();
  /** Number of uses of each id, so that the search for a free one goes on where it stopped. */
  readonly #counts = new Map<string, number>();

  constructor(profile: Pick<Profile, "toolIdFormat" | "toolIdLimit">) {
    this.#format = profile.toolIdFormat;
    this.#limit = profile.toolIdLimit;
  }

  /** A fresh id for the call that the client knows as `clientId`; the same in every request with the same calls before it. */
  claim(clientId: string): string {
    const id = decodeToolId(clientId) || "call"; // no vendor takes an empty one
    let count = (this.#counts.get(id) ?? 0) + 1;
    let made = this.#shape(count === 1 ? id : `${id}_${count}`);
    while (this.#taken.has(made)) {
      count += 1;
      made = this.#shape(`${id}_${count}`);
    }
    this.#counts.set(id, count);
    this.#taken.add(made);
    return made;
  }

  #shape(id: string): string {
    switch (this.#format) {
      case "mistral":
        return mistralId.test(id) ? id : nineCharacters(id);
      case "plain":
        return this.#shorten(encodeToolId(id));
      case "openai":
        return this.#shorten(id);
    }
  }

  #shorten(id: string): string {
    return id.length <= this.#limit ? id : `${id.slice(0, this.#limit - 9)}_${shortHash(id)}`;
  }
}

function nineCharacters(id: string): string {
  const digest = sha256(new TextEncoder().encode(id));
  return Array.from(digest.subarray(0, 9), (byte) => alphabet[byte % alphabet.length]).join("");
}
