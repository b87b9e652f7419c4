import type { StreamFailure } from "@ccpb/core";
import { BrokenAnswer, truncated } from "./broken-answer.ts";
import { isFinish } from "./content.ts";
import type { StreamPart } from "./model-types.ts";
import { outcomeOf } from "./outcome.ts";
import { servedBy } from "./served-by.ts";
import type { Trial } from "./trial.ts";

/** The rest of a stream whose gate has opened. It is read only as it is asked for; a break becomes an `error` part, and never another model's answer. */
export class LiveParts {
  readonly #trial: Trial;
  readonly #reader: ReadableStreamDefaultReader<StreamPart>;
  readonly #held: readonly StreamPart[];
  #next = 0;
  /** The outcome has been reported. */
  #isSettled = false;

  /** @param held - The parts up to the one that opened the gate. */
  constructor(trial: Trial, reader: ReadableStreamDefaultReader<StreamPart>, held: readonly StreamPart[]) {
    this.#trial = trial;
    this.#reader = reader;
    this.#held = held;
  }

  /** The stream for the caller; to be called once. */
  toStream(): ReadableStream<StreamPart> {
    return new ReadableStream<StreamPart>(
      { pull: (controller) => this.#pull(controller), cancel: (reason) => this.#cancel(reason) },
      { highWaterMark: 0 },
    );
  }

  async #pull(controller: ReadableStreamDefaultController<StreamPart>): Promise<void> {
    const held = this.#held[this.#next++];
    try {
      const part = held ?? (await this.#read());
      if (part !== undefined) {
        controller.enqueue(this.#look(part));
        return;
      }
      if (!this.#isSettled) throw truncated();
      this.#trial.release();
      controller.close();
    } catch (error) {
      this.#break(error, controller);
    }
  }

  /** The next part, undefined at the end. The idle deadline runs only while the model is waited for. */
  async #read(): Promise<StreamPart | undefined> {
    const { clock, attempt } = this.#trial;
    const idleMs = attempt.deadlines.idleMs ?? Number.POSITIVE_INFINITY;
    const timer =
      idleMs === Number.POSITIVE_INFINITY ? undefined : clock.setTimer(idleMs, () => this.#trial.stop(idle(idleMs)));
    try {
      const { done, value } = await this.#trial.race(this.#reader.read());
      return done ? undefined : value;
    } finally {
      timer?.[Symbol.dispose]();
    }
  }

  /** Reports what the part says about the answer. */
  #look(part: StreamPart): StreamPart {
    if (part.type === "error") {
      this.#settle({ type: "stream-error", reason: failureOf("error" in part ? part.error : part) });
      return part;
    }
    if (!isFinish(part)) return part;
    this.#settle({ type: "complete" });
    return servedBy(part, this.#trial.attempt);
  }

  #break(error: unknown, controller: ReadableStreamDefaultController<StreamPart>): void {
    const { isAborted, abortReason } = this.#trial;
    const wasSettled = this.#isSettled;
    if (isAborted) this.#settle({ type: "client-abort" });
    else this.#settle({ type: "stream-error", reason: failureOf(error) });
    this.#letGo(error);
    if (isAborted) {
      controller.error(abortReason);
      return;
    }
    // After the finish, or an error that the model said itself, the caller knows all there is to know.
    if (!wasSettled) controller.enqueue({ type: "error", error } as StreamPart);
    controller.close();
  }

  #cancel(reason: unknown): void {
    this.#settle({ type: "client-abort" });
    this.#letGo(reason);
  }

  #settle(outcome: Parameters<Trial["attempt"]["report"]>[0]): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#trial.attempt.report(outcome);
  }

  #letGo(reason: unknown): void {
    this.#trial.release();
    this.#trial.stop(reason);
    // A failure of the cancelled stream is ignored, because its outcome has been reported. Unhandled, it would end the process.
    this.#reader.cancel(reason).catch(() => {});
  }
}

function idle(idleMs: number): BrokenAnswer {
  const text = `The model has sent nothing for ${idleMs / 1_000} s.`;
  return new BrokenAnswer({ type: "truncated" }, text);
}

/** Converts an error that broke a stream after content into the failure of a stream. */
function failureOf(error: unknown): StreamFailure {
  const outcome = outcomeOf(error);
  if (outcome.type === "stream-error") return outcome.reason;
  const message = error instanceof Error ? error.message : String(error);
  const status = outcome.type === "response" ? outcome.status : undefined;
  return { type: "error", error: { message }, ...(status !== undefined && { status }) };
}
