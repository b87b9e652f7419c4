import {
  type Answer,
  type AnswerBlock,
  type AnswerContext,
  deltasOf,
  type StopReason,
  stopReasonOf,
  type Usage,
  usageOf,
} from "./answer.ts";

type ToolBlock = Extract<AnswerBlock, { type: "tool" }>;

/** Returns an answer as the body of a Chat Completions reply. Redacted thinking has no place in it. */
export function openaiCompletion(answer: Answer, context: AnswerContext): unknown {
  const text = joined(answer, "text");
  const reasoning = joined(answer, "thinking");
  const calls = toolBlocks(answer).map((block, index) => toolCall(block, index, context));
  return {
    ...envelope(answer, context, "chat.completion"),
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: text === "" && calls.length > 0 ? null : text,
          refusal: null,
          ...(reasoning === "" ? {} : { [reasoningField(answer)]: reasoning }),
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
        logprobs: null,
        finish_reason: finishReasons[stopReasonOf(answer)],
      },
    ],
    usage: usageObject(usageOf(answer, context)),
  };
}

/** Returns an answer as the chunks of a Chat Completions stream, `[DONE]` last; before it the usage chunk where the request asks for one. */
export function openaiFrames(answer: Answer, context: AnswerContext): readonly string[] {
  const chunk = (choices: readonly unknown[], usage: unknown = null): string =>
    openaiFrame({
      ...envelope(answer, context, "chat.completion.chunk"),
      choices,
      ...(context.includeUsage ? { usage } : {}),
    });
  const choice = (delta: unknown, finish: string | null = null): string =>
    chunk([{ index: 0, delta, logprobs: null, finish_reason: finish }]);
  const frames = [choice({ role: "assistant", content: "", refusal: null })];
  for (const block of answer.blocks) {
    if (block.type === "text") {
      frames.push(...deltasOf(block.text, answer.deltaLength).map((content) => choice({ content })));
    }
    if (block.type === "thinking") {
      const field = reasoningField(answer);
      frames.push(...deltasOf(block.thinking, answer.deltaLength).map((text) => choice({ [field]: text })));
    }
  }
  frames.push(...toolDeltas(answer, context).map((call) => choice({ tool_calls: [call] })));
  frames.push(choice({}, finishReasons[stopReasonOf(answer)]));
  if (context.includeUsage) frames.push(chunk([], usageObject(usageOf(answer, context))));
  frames.push("data: [DONE]\n\n");
  return frames;
}

/** Returns one chunk as OpenAI writes it. */
export function openaiFrame(data: unknown): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

const finishReasons: Readonly<Record<StopReason, string>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  tool_use: "tool_calls",
  max_tokens: "length",
  refusal: "content_filter",
};

function envelope(answer: Answer, context: AnswerContext, object: string): Record<string, unknown> {
  return {
    id: `chatcmpl-${context.id}`,
    object,
    created: Math.floor(Date.now() / 1000),
    model: answer.model ?? context.model,
    service_tier: "default",
    system_fingerprint: "fp_fake",
  };
}

function reasoningField(answer: Answer): string {
  return answer.reasoningField ?? "reasoning_content";
}

function joined(answer: Answer, type: "text" | "thinking"): string {
  return answer.blocks
    .map((block) => {
      if (block.type !== type) return "";
      return block.type === "text" ? block.text : block.thinking;
    })
    .join("");
}

function toolBlocks(answer: Answer): readonly ToolBlock[] {
  return answer.blocks.filter((block) => block.type === "tool");
}

function toolCall(block: ToolBlock, index: number, context: AnswerContext): unknown {
  return {
    id: block.id ?? `call_${context.id}${index}`,
    type: "function",
    function: { name: block.name, arguments: JSON.stringify(block.input) },
  };
}

function toolDeltas(answer: Answer, context: AnswerContext): readonly unknown[] {
  const columns = toolBlocks(answer).map((block, index) => [
    {
      index,
      id: block.id ?? `call_${context.id}${index}`,
      type: "function",
      function: { name: block.name, arguments: "" },
    },
    ...deltasOf(JSON.stringify(block.input), answer.deltaLength).map((text) => ({
      index,
      function: { arguments: text },
    })),
  ]);
  return answer.interleaveTools ? interleaved(columns) : columns.flat();
}

function interleaved(columns: readonly (readonly unknown[])[]): readonly unknown[] {
  const longest = Math.max(0, ...columns.map((column) => column.length));
  return Array.from({ length: longest }, (_, row) => columns.flatMap((column) => column.slice(row, row + 1))).flat();
}

function usageObject(usage: Usage): unknown {
  const cached = usage.cacheReadTokens ?? 0;
  const prompt = usage.inputTokens + cached + (usage.cacheCreationTokens ?? 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.outputTokens,
    total_tokens: prompt + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
  };
}
