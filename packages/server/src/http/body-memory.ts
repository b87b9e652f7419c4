import { CcpbError } from "@ccpb/core";
import type { ArrivedBody, BodyReading, InboundRequest } from "./inbound-request.ts";

/** Works with a body. `holdUntil`: the body is still needed after the value is there, until this promise settles. */
export type BodyUse<Value> = (body: ArrivedBody, holdUntil: (settles: Promise<unknown>) => void) => Promise<Value>;

/** Bounds the bytes of request bodies that are held at once: from their arrival until their answer begins. */
export class BodyMemory {
  readonly #limit: () => number;
  #held = 0;

  /** `limit`: bytes; asked for each piece of a body, so that a reload takes effect. */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /**
   * Reads the body of `inbound` and holds it until `use` settles, with whose value it resolves; after a call of `holdUntil`, until that promise settles,
   * too. Rejects as `InboundRequest.readBody` does, and with a
   * `CcpbError` (503, `overloaded_error`) as soon as the body would exceed the limit.
   */
  async withBody<Value>(
    inbound: InboundRequest,
    use: BodyUse<Value>,
    beginScan?: BodyReading["beginScan"],
  ): Promise<Value> {
    let bytes = 0;
    let until: Promise<unknown> | undefined;
    try {
      const admit = (length: number): CcpbError | undefined => {
        // One body alone always fits, however many workers divide the limit.
        if (this.#held > bytes && this.#held + length > this.#limit()) return tooMuch();
        bytes += length;
        this.#held += length;
        return undefined;
      };
      const body = await inbound.readBody({ admit, beginScan });
      return await use(body, (settles) => {
        until = settles;
      });
    } finally {
      const release = (): void => void (this.#held -= bytes);
      if (until === undefined) release();
      else until.then(release, release);
    }
  }
}

function tooMuch(): CcpbError {
  const message = "Too many large requests are being served (settings.max_body_memory); try again later.";
  return new CcpbError("provider_error", message, { status: 503, type: "overloaded_error", retryAfterMs: 1_000 });
}
