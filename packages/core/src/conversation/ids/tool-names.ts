import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

const maxLength = 64;
const plainName = /^[A-Za-z0-9_-]{1,64}$/;

/** The names of one request's tools on both sides. OpenAI takes `[A-Za-z0-9_-]{1,64}`; Anthropic's may be longer and of any characters. */
export class ToolNames {
  readonly #toUpstream = new Map<string, string>();
  readonly #toClient = new Map<string, string>();
  readonly #taken: Set<string>;

  /** `names` are those of the tools that are sent: a shortened name never equals one of them. */
  constructor(names: readonly string[]) {
    this.#taken = new Set(names.filter((name) => plainName.test(name)));
  }

  /** The name for the upstream; the same for each use of a name in a request, and, collisions apart, in every request. */
  toUpstream(name: string): string {
    if (plainName.test(name)) return name;
    const known = this.#toUpstream.get(name);
    if (known !== undefined) return known;
    const made = this.#shorten(name);
    this.#taken.add(made);
    this.#toUpstream.set(name, made);
    this.#toClient.set(made, name);
    return made;
  }

  /** Upstream name → the client's name, only where they differ. */
  get toClient(): ReadonlyMap<string, string> {
    return this.#toClient;
  }

  #shorten(name: string): string {
    const readable = name.replaceAll(/[^A-Za-z0-9_-]+/g, "_");
    // Names that a client made to collide may take many rounds: each must not hash a long name again.
    const first = shortHash(name);
    for (let round = 0; ; round += 1) {
      const hash = round === 0 ? first : shortHash(`${readable.slice(0, maxLength)}\u0000${first}\u0000${round}`);
      const made = `${readable.slice(0, maxLength - hash.length - 1)}_${hash}`;
      if (!this.#taken.has(made)) return made;
    }
  }
}

/** Returns the first 8 hex digits of a text's SHA-256. */
export function shortHash(text: string): string {
  return bytesToHex(sha256(new TextEncoder().encode(text)).subarray(0, 4));
}
