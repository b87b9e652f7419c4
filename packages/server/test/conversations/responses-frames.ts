import type { AnswerBlock, AnswerContext } from "@ccpb/fake-upstream";

interface Item {
  readonly type: string;
  readonly [name: string]: unknown;
}

/**
 * What a model says, as the events of a Responses stream. `encrypt` gives the encrypted content of reasoning; it is told what follows it: the id of
 * the call, or the message's text.
 */
export function responsesFrames(
  blocks: readonly AnswerBlock[],
  context: AnswerContext,
  encrypt: (thinking: string, follower: string) => string,
): string {
  const items = blocks.flatMap((block, index) => itemOf(block, index, { blocks, context, encrypt }));
  const response = {
    id: `resp_${context.id}`,
    object: "response",
    model: context.model,
    status: "in_progress",
    output: [],
  };
  const usage = { input_tokens: 40, output_tokens: 20, total_tokens: 60 };
  return [
    { type: "response.created", response },
    ...items.flatMap((item, index) => itemEvents(item, index)),
    { type: "response.completed", response: { ...response, status: "completed", output: items, usage } },
  ]
    .map((event, index) => `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: index })}\n\n`)
    .join("");
}

interface Saying {
  readonly blocks: readonly AnswerBlock[];
  readonly context: AnswerContext;
  readonly encrypt: (thinking: string, follower: string) => string;
}

function itemOf(block: AnswerBlock, index: number, { blocks, context, encrypt }: Saying): readonly Item[] {
  const callId = (at: number): string => `call_${context.id}${at}`;
  switch (block.type) {
    case "text": {
      const phase = blocks.some(({ type }) => type === "tool") ? "commentary" : "final_answer";
      const content = [{ type: "output_text", text: block.text, annotations: [] }];
      return [
        { type: "message", id: `msg_${context.id}${index}`, status: "completed", role: "assistant", phase, content },
      ];
    }
    case "tool": {
      const call = { call_id: callId(index), name: block.name, arguments: JSON.stringify(block.input) };
      return [{ type: "function_call", id: `fc_${context.id}${index}`, status: "completed", ...call }];
    }
    case "thinking": {
      const next = blocks[index + 1];
      const follower = next?.type === "text" ? next.text : callId(index + 1);
      const summary = [{ type: "summary_text", text: block.thinking }];
      return [
        {
          type: "reasoning",
          id: `rs_${context.id}${index}`,
          summary,
          encrypted_content: encrypt(block.thinking, follower),
        },
      ];
    }
    case "redacted_thinking":
      return [];
  }
}

function itemEvents(item: Item, index: number): readonly { readonly type: string; readonly [name: string]: unknown }[] {
  const at = { output_index: index, item_id: item["id"] };
  const added = { type: "response.output_item.added", output_index: index, item: { ...item, ...emptied(item) } };
  const done = { type: "response.output_item.done", output_index: index, item };
  switch (item.type) {
    case "message": {
      const [{ text }] = item["content"] as [{ text: string }];
      return [
        added,
        {
          type: "response.content_part.added",
          ...at,
          content_index: 0,
          part: { type: "output_text", text: "", annotations: [] },
        },
        { type: "response.output_text.delta", ...at, content_index: 0, delta: text },
        { type: "response.output_text.done", ...at, content_index: 0, text },
        done,
      ];
    }
    case "function_call":
      return [
        added,
        { type: "response.function_call_arguments.delta", ...at, delta: item["arguments"] },
        { type: "response.function_call_arguments.done", ...at, arguments: item["arguments"] },
        done,
      ];
    default: {
      const [{ text }] = item["summary"] as [{ text: string }];
      return [
        added,
        {
          type: "response.reasoning_summary_part.added",
          ...at,
          summary_index: 0,
          part: { type: "summary_text", text: "" },
        },
        { type: "response.reasoning_summary_text.delta", ...at, summary_index: 0, delta: text },
        { type: "response.reasoning_summary_text.done", ...at, summary_index: 0, text },
        done,
      ];
    }
  }
}

function emptied(item: Item): Readonly<Record<string, unknown>> {
  if (item.type === "message") return { status: "in_progress", content: [] };
  return item.type === "function_call"
    ? { status: "in_progress", arguments: "" }
    : { summary: [], encrypted_content: "" };
}
