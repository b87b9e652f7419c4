import type { JsonObject } from "../../base/json.ts";
import type { StreamFailure } from "../../base/outcome.ts";
import type { FinishKind } from "../../conversation/answer/stop-reason.ts";

/** Operations into which chunks and answers of every vendor are translated. Texts are never empty. */
export interface ChatOperations {
  /** Something of the answer has come. */
  readonly hasContent: boolean;
  /** A chunk has come; `id` is the upstream's, `""` where it gives none. */
  identify(id: string, chunk: JsonObject): void;
  reasoning(text: string): void;
  reasoningDetail(detail: JsonObject): void;
  text(text: string): void;
  /** The words in which the model refuses. */
  refusal(text: string): void;
  /** A remark in place of content that the Messages API has no room for. */
  note(text: string): void;
  /** Pieces of tool calls, or (`whole`) complete ones; `thoughtSignature` is the message's own. */
  toolCalls(entries: readonly unknown[], form: "pieces" | "whole", thoughtSignature: string | undefined): void;
  usage(usage: unknown): void;
  finish(kind: FinishKind, choice: JsonObject): void;
  fail(failure: StreamFailure): void;
}
