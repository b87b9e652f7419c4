import type { AnyLanguageModel, StreamPart } from "../src/model-types.ts";

/** What a scripted model does with one call: parts to give out, or an error to throw; `hang` waits until its signal aborts. */
export type Step = StreamPart | { readonly throws: unknown } | { readonly hang: true; readonly deaf?: true };

/** A call as a scripted model saw it. */
export interface SeenCall {
  readonly options: { readonly abortSignal?: AbortSignal };
}

const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };
const usage3 = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

/** A `finish` part as the version of the interface has it. */
export function finish(version: string, reason = "stop"): StreamPart {
  return version === "v2"
    ? ({ type: "finish", usage, finishReason: reason } as StreamPart)
    : ({ type: "finish", usage: usage3, finishReason: { unified: reason, raw: reason } } as StreamPart);
}

/** The parts of a text answer. */
export function textParts(version: string, ...deltas: readonly string[]): readonly StreamPart[] {
  return [
    { type: "stream-start", warnings: [] } as StreamPart,
    { type: "text-start", id: "1" } as StreamPart,
    ...deltas.map((delta) => ({ type: "text-delta", id: "1", delta }) as StreamPart),
    { type: "text-end", id: "1" } as StreamPart,
    finish(version),
  ];
}

/** A model object that plays `steps` in each call; the whole form collects their text. */
export class ScriptedModel implements AnyLanguageModel {
  readonly specificationVersion: string;
  readonly provider = "scripted";
  readonly modelId: string;
  readonly supportedUrls: Record<string, RegExp[]> = {};
  readonly seen: SeenCall["options"][] = [];
  cancelled = 0;
  steps: readonly Step[];

  constructor(modelId: string, steps: readonly Step[], version = "v3") {
    this.modelId = modelId;
    this.steps = steps;
    this.specificationVersion = version;
  }

  async doGenerate(
    options: SeenCall["options"],
  ): Promise<{ finishReason: unknown; content: unknown; usage: unknown; warnings: never[] }> {
    this.seen.push(options);
    let text = "";
    let finishReason: unknown = "stop";
    let used: unknown = usage;
    for (const step of this.steps) {
      await perform(step, options.abortSignal);
      if ("delta" in step) text += String(step.delta);
      if ("finishReason" in step) finishReason = step.finishReason;
      if ("usage" in step) used = step.usage;
    }
    return { content: text === "" ? [] : [{ type: "text", text }], finishReason, usage: used, warnings: [] };
  }

  async doStream(options: SeenCall["options"]): Promise<{ stream: ReadableStream<StreamPart> }> {
    this.seen.push(options);
    const steps = this.steps.values();
    const [first] = this.steps;
    if (first && "throws" in first) await perform(first, options.abortSignal);
    return {
      stream: new ReadableStream<StreamPart>({
        pull: async (controller) => {
          const { done, value } = steps.next();
          if (done === true) return controller.close();
          await perform(value, options.abortSignal);
          if ("type" in value) controller.enqueue(value);
        },
        cancel: () => void (this.cancelled += 1),
      }),
    };
  }
}

async function perform(step: Step, signal: AbortSignal | undefined): Promise<void> {
  if ("throws" in step) throw step.throws;
  if (!("hang" in step)) return;
  await new Promise<void>((_, reject) => {
    if (step.deaf) return;
    signal?.addEventListener("abort", () => reject(signal.reason));
  });
}

/** All parts of a stream. */
export async function partsOf(stream: ReadableStream<StreamPart>): Promise<StreamPart[]> {
  const parts: StreamPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

/** The text that parts add up to. */
export function textOf(parts: readonly StreamPart[]): string {
  return parts.map((part) => (part.type === "text-delta" && "delta" in part ? String(part.delta) : "")).join("");
}
