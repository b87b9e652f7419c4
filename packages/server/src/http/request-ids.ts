import { randomFillSync } from "node:crypto";

const idBytes = 16;

/** Makes ids of requests, `req_` and 128 random bits; the random bytes are fetched for many at once, which is most of the cost. */
export class RequestIds {
  readonly #random: Buffer = Buffer.allocUnsafeSlow(idBytes * 256);
  #at: number = this.#random.length;

  next(): string {
    if (this.#at === this.#random.length) {
      randomFillSync(this.#random);
      this.#at = 0;
    }
    const from = this.#at;
    this.#at += idBytes;
    return `req_${this.#random.toString("hex", from, this.#at)}`;
  }
}
