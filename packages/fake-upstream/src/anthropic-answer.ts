import { type Answer, type AnswerBlock, type AnswerContext, deltasOf, stopReasonOf, usageOf } from "./answer.ts";

/** Returns an answer as the body of a Messages reply. */
export function anthropicMessage(answer: Answer, context: AnswerContext): unknown {
  const usage = usageOf(answer, context);
  return {
    ...envelope(answer, context),
    content: answer.blocks.map((block, index) => contentBlock(block, `toolu_${context.id}${index}`)),
    stop_reason: stopReasonOf(answer),
    stop_sequence: null,
    usage: { ...inputUsage(answer, context), output_tokens: usage.outputTokens, service_tier: "standard" },
  };
}

/** Returns an answer as the events of a Messages stream, in the order of Anthropic's API: a ping after the first block's start. */
export function anthropicFrames(answer: Answer, context: AnswerContext): readonly string[] {
  const frames = [
    frame({
      type: "message_start",
      message: {
        ...envelope(answer, context),
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { ...inputUsage(answer, context), output_tokens: 1, service_tier: "standard" },
      },
    }),
  ];
  answer.blocks.forEach((block, index) => {
    frames.push(...blockFrames(block, index, { id: `toolu_${context.id}${index}`, deltaLength: answer.deltaLength }));
  });
  frames.splice(answer.blocks.length === 0 ? 1 : 2, 0, frame({ type: "ping" }));
  frames.push(
    frame({
      type: "message_delta",
      delta: { stop_reason: stopReasonOf(answer), stop_sequence: null },
      usage: { ...inputUsage(answer, context), output_tokens: usageOf(answer, context).outputTokens },
    }),
    frame({ type: "message_stop" }),
  );
  return frames;
}

/** Returns one event as Anthropic writes it; its name is the type of the data. */
export function frame(data: { readonly type: string } & Readonly<Record<string, unknown>>): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}

function envelope(answer: Answer, context: AnswerContext): Record<string, unknown> {
  return {
    id: `msg_${context.id}`,
    type: "message",
    role: "assistant",
    model: answer.model ?? context.model,
  };
}

function inputUsage(answer: Answer, context: AnswerContext): Record<string, unknown> {
  const usage = usageOf(answer, context);
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: usage.cacheCreationTokens ?? 0,
    cache_read_input_tokens: usage.cacheReadTokens ?? 0,
  };
}

function contentBlock(block: AnswerBlock, toolId: string): unknown {
  switch (block.type) {
    case "text":
      return { type: "text", text: block.text };
    case "thinking":
      return { type: "thinking", thinking: block.thinking, signature: block.signature ?? fakeSignature };
    case "redacted_thinking":
      return { type: "redacted_thinking", data: block.data };
    case "tool":
      return { type: "tool_use", id: block.id ?? toolId, name: block.name, input: block.input };
  }
}

const fakeSignature = Buffer.from("a signature that nobody can verify").toString("base64");

function blockFrames(
  block: AnswerBlock,
  index: number,
  options: { readonly id: string; readonly deltaLength: number | undefined },
): readonly string[] {
  const start = (content_block: unknown): string => frame({ type: "content_block_start", index, content_block });
  const delta = (data: unknown): string => frame({ type: "content_block_delta", index, delta: data });
  const stop = frame({ type: "content_block_stop", index });
  switch (block.type) {
    case "text":
      return [
        start({ type: "text", text: "" }),
        ...deltasOf(block.text, options.deltaLength).map((text) => delta({ type: "text_delta", text })),
        stop,
      ];
    case "thinking":
      return [
        start({ type: "thinking", thinking: "", signature: "" }),
        ...deltasOf(block.thinking, options.deltaLength).map((thinking) => delta({ type: "thinking_delta", thinking })),
        delta({ type: "signature_delta", signature: block.signature ?? fakeSignature }),
        stop,
      ];
    case "redacted_thinking":
      return [start({ type: "redacted_thinking", data: block.data }), stop];
    case "tool":
      return [
        start({ type: "tool_use", id: block.id ?? options.id, name: block.name, input: {} }),
        ...["", ...deltasOf(JSON.stringify(block.input), options.deltaLength)].map((partial_json) =>
          delta({ type: "input_json_delta", partial_json }),
        ),
        stop,
      ];
  }
}
