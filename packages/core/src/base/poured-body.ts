import { misuse } from "./misuse.ts";

/** Takes a body that is poured. None of its functions may throw. */
export interface ByteSink {
  /** Takes what is to be written next; false: it has enough until `resume`. */
  write(bytes: Uint8Array): boolean;
  /** The body is at its end, or its client has left. */
  end(): void;
  /** The body broke off, and must not look whole; the same error that an iteration would throw. */
  fail(error: unknown): void;
}

/** A body that is being poured. */
export interface BodyFlow {
  /** The sink, which had enough, takes more; nothing happens where it had not. */
  resume(): void;
  /** Cancels the upstream; the sink hears no more. For a client that has left; the call's signal does the same, but `end` waits for `resume`. */
  stop(): void;
}

/**
 * A reply's streamed body, as it is made: to be read once, iterated or poured. The types of `Reply` promise the iteration alone; `pour` is for the server,
 * because it costs no promise a chunk. With thousands of slow streams those promises would outlive the young generation of the heap, each of them.
 */
export interface PouredBody extends AsyncIterable<Uint8Array> {
  pour(sink: ByteSink): BodyFlow;
}

/**
 * Pours the streamed body of a reply into `sink`, instead of iterating over it.
 *
 * @throws TypeError where no reply of this package has that body.
 */
export function pour(body: AsyncIterable<Uint8Array>, sink: ByteSink): BodyFlow {
  if (isPoured(body)) return body.pour(sink);
  throw misuse("pour: body", "is not the body of a reply", "iterate over it");
}

function isPoured(body: AsyncIterable<Uint8Array>): body is PouredBody {
  return "pour" in body;
}
