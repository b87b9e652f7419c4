import { type Answer, type AnswerBlock, type AnswerContext, deltasOf, stopReasonOf, usageOf } from "./answer.ts";

type Json = Readonly<Record<string, unknown>>;

/** Returns an answer as the body of a Responses reply. Redacted thinking has no place in it. */
export function responsesBody(answer: Answer, context: AnswerContext): Json {
  return responseObject(
    answer,
    context,
    itemsOf(answer, context).map(({ done }) => done),
  );
}

/** Returns an answer as the events of a Responses stream; the last one says how it ended. */
export function responsesFrames(answer: Answer, context: AnswerContext): readonly string[] {
  const begun = {
    ...responseObject(answer, context, []),
    status: "in_progress",
    usage: null,
    incomplete_details: null,
  };
  const items = itemsOf(answer, context);
  const output = items.map(({ done }) => done);
  const end = responseObject(answer, context, output);
  const events: readonly Json[] = [
    { type: "response.created", response: begun },
    { type: "response.in_progress", response: begun },
    ...items.flatMap(({ events: itemEvents, added, done }, index) => [
      { type: "response.output_item.added", output_index: index, item: added },
      ...itemEvents.map((event) => ({ ...event, item_id: done["id"], output_index: index })),
      { type: "response.output_item.done", output_index: index, item: done },
    ]),
    { type: `response.${String(end["status"])}`, response: end },
  ];
  return events.map((event, index) => responsesFrame({ ...event, sequence_number: index }));
}

/** Returns one event as OpenAI writes it. */
export function responsesFrame(data: Json): string {
  return `event: ${String(data["type"])}\ndata: ${JSON.stringify(data)}\n\n`;
}

interface Item {
  readonly added: Json;
  readonly done: Json;
  /** Events between `added` and `done`, without the place of the item. */
  readonly events: readonly Json[];
}

function itemsOf(answer: Answer, context: AnswerContext): readonly Item[] {
  return answer.blocks.flatMap((block, index) => {
    const item = itemOf(block, `${context.id}${index}`, answer);
    return item ? [item] : [];
  });
}

function itemOf(block: AnswerBlock, id: string, answer: Answer): Item | undefined {
  switch (block.type) {
    case "text":
      return messageItem(block.text, id, answer);
    case "thinking":
      return reasoningItem(block.thinking, block.signature ?? `gAAAAA${id}`, id, answer);
    case "tool":
      return callItem(block, id, answer);
    case "redacted_thinking":
      return undefined;
  }
}

function messageItem(text: string, id: string, answer: Answer): Item {
  const base = { id: `msg_${id}`, type: "message", role: "assistant", phase: phaseOf(answer) };
  const part = { type: "output_text", annotations: [], logprobs: [] };
  return {
    added: { ...base, status: "in_progress", content: [] },
    done: { ...base, status: "completed", content: [{ ...part, text }] },
    events: [
      { type: "response.content_part.added", content_index: 0, part: { ...part, text: "" } },
      ...deltasOf(text, answer.deltaLength).map((delta) => ({
        type: "response.output_text.delta",
        content_index: 0,
        delta,
        logprobs: [],
        obfuscation: "x",
      })),
      { type: "response.output_text.done", content_index: 0, text, logprobs: [] },
      { type: "response.content_part.done", content_index: 0, part: { ...part, text } },
    ],
  };
}

function phaseOf(answer: Answer): string {
  return answer.blocks.some(({ type }) => type === "tool") ? "commentary" : "final_answer";
}

function reasoningItem(text: string, encrypted: string, id: string, answer: Answer): Item {
  const base = { id: `rs_${id}`, type: "reasoning" };
  const part = { type: "summary_text", text };
  const summary = text === "" ? [] : [part];
  return {
    // OpenAI sends a shorter encrypted content with `added`: only that of `done` is valid.
    added: { ...base, summary: [], encrypted_content: encrypted.slice(0, 4) },
    done: { ...base, summary, encrypted_content: encrypted },
    events: summary.flatMap(() => [
      { type: "response.reasoning_summary_part.added", summary_index: 0, part: { ...part, text: "" } },
      ...deltasOf(text, answer.deltaLength).map((delta) => ({
        type: "response.reasoning_summary_text.delta",
        summary_index: 0,
        delta,
      })),
      { type: "response.reasoning_summary_text.done", summary_index: 0, text },
      { type: "response.reasoning_summary_part.done", summary_index: 0, part },
    ]),
  };
}

function callItem(block: Extract<AnswerBlock, { type: "tool" }>, id: string, answer: Answer): Item {
  const text = JSON.stringify(block.input);
  const base = { id: `fc_${id}`, type: "function_call", call_id: block.id ?? `call_${id}`, name: block.name };
  return {
    added: { ...base, status: "in_progress", arguments: "" },
    done: { ...base, status: "completed", arguments: text },
    events: [
      ...deltasOf(text, answer.deltaLength).map((delta) => ({ type: "response.function_call_arguments.delta", delta })),
      { type: "response.function_call_arguments.done", arguments: text },
    ],
  };
}

function responseObject(answer: Answer, context: AnswerContext, output: readonly Json[]): Json {
  const stop = stopReasonOf(answer);
  const reason = stop === "max_tokens" ? "max_output_tokens" : stop === "refusal" ? "content_filter" : undefined;
  const usage = usageOf(answer, context);
  const cached = usage.cacheReadTokens ?? 0;
  const written = usage.cacheCreationTokens ?? 0;
  const input = usage.inputTokens + cached + written;
  return {
    id: `resp_${context.id}`,
    object: "response",
    created_at: Math.floor(Date.now() / 1000),
    status: reason === undefined ? "completed" : "incomplete",
    error: null,
    incomplete_details: reason === undefined ? null : { reason },
    model: answer.model ?? context.model,
    output,
    usage: {
      input_tokens: input,
      input_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
      output_tokens: usage.outputTokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input + usage.outputTokens,
    },
  };
}
