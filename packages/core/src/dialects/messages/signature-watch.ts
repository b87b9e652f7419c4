import { isObject } from "../../base/json.ts";

const marker = new TextEncoder().encode("signature");
// A delta says what it is at its beginning; what follows is text of any length.
const looked = 240;

/**
 * Picks what proves thinking (signatures, redacted data) out of the events of a native stream. Only the starts of blocks are read, and of deltas
 * only those inside a thinking block, so that text and tool input pass unseen.
 */
export class SignatureWatch {
  readonly #onSignature: (proof: string) => void;
  #isInThinking = false;

  constructor(onSignature: (proof: string) => void) {
    this.#onSignature = onSignature;
  }

  /** Decides whether an event of that name has to be read. */
  wants(name: string): boolean {
    return name === "content_block_start" || (this.#isInThinking && name === "content_block_delta");
  }

  /** A wanted event; `parse` reads the data of its bytes, and gives undefined where they are no JSON object. */
  take(
    name: string,
    event: Uint8Array,
    parse: (event: Uint8Array) => Readonly<Record<string, unknown>> | undefined,
  ): void {
    if (name === "content_block_delta" && !holdsMarker(event)) return;
    const data = parse(event);
    if (data) this.note(data);
  }

  /** A parsed event, or a block of a whole message as if it were one's start. */
  note(data: Readonly<Record<string, unknown>>): void {
    const block = data["content_block"];
    const delta = data["delta"];
    if (isObject(block)) {
      this.#isInThinking = block["type"] === "thinking";
      if (this.#isInThinking) this.#tell(block["signature"]);
      else if (block["type"] === "redacted_thinking") this.#tell(block["data"]);
    } else if (this.#isInThinking && isObject(delta) && delta["type"] === "signature_delta")
      this.#tell(delta["signature"]);
  }

  #tell(proof: unknown): void {
    if (typeof proof === "string" && proof !== "") this.#onSignature(proof);
  }
}

function holdsMarker(event: Uint8Array): boolean {
  const [first] = marker;
  const end = Math.min(event.length, looked) - marker.length;
  for (let at = event.indexOf(first as number); at >= 0 && at <= end; at = event.indexOf(first as number, at + 1)) {
    if (marker.every((byte, index) => event[at + index] === byte)) return true;
  }
  return false;
}
