import { failedFinish, truncated } from "./broken-answer.ts";
import { isContent, isFailedFinish, isFinish } from "./content.ts";
import { LiveParts } from "./live-parts.ts";
import type { CallOptions, StreamPart, StreamResult } from "./model-types.ts";
import type { Trial } from "./trial.ts";

/** Asks one model for a stream, and holds its parts back until there is content: what fails before that is never seen. */
export async function stream(trial: Trial, options: CallOptions): Promise<StreamResult | undefined> {
  let reader: ReadableStreamDefaultReader<StreamPart> | undefined;
  try {
    const result = await open(trial, options);
    trial.timers.onHeaders();
    reader = result.stream.getReader();
    const held = await readUntilContent(trial, reader);
    trial.timers[Symbol.dispose]();
    trial.attempt.report({ type: "content" });
    return { ...result, stream: new LiveParts(trial, reader, held).toStream() };
  } catch (error) {
    trial.fail(error);
    reader?.cancel(error).catch(ignore);
    return undefined;
  }
}

/** The model's stream; one that comes after the trial was stopped is cancelled. */
async function open(trial: Trial, options: CallOptions): Promise<StreamResult> {
  const { model, signal } = trial;
  const opening = Promise.resolve(model.doStream({ ...options, abortSignal: signal }));
  try {
    return await trial.race(opening);
  } catch (error) {
    opening.then((late) => late.stream.cancel(error)).catch(ignore);
    throw error;
  }
}

async function readUntilContent(
  trial: Trial,
  reader: ReadableStreamDefaultReader<StreamPart>,
): Promise<readonly StreamPart[]> {
  const held: StreamPart[] = [];
  for (;;) {
    const { done, value } = await trial.race(reader.read());
    if (done) throw truncated();
    if (value.type === "error") throw "error" in value ? value.error : value;
    if (isFinish(value) && "finishReason" in value && isFailedFinish(value.finishReason)) throw failedFinish();
    trial.timers.onByte();
    held.push(value);
    if (isContent(value)) return held;
  }
}

/** Ignores failures of a stream that was cancelled. */
function ignore(): void {}
