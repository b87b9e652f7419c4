import OpenAI, { APIError } from "openai";
import { describe, expect, it } from "vitest";
import { encodeResponsesEvents } from "../../src/dialects/responses/client-answer.ts";
import {
  ResponsesAnswerMachine,
  type ResponsesStreamEvent,
} from "../../src/dialects/responses/client-answer-machine.ts";
import { messagesEvents } from "../contract/messages-events.ts";
import { recordings, responseBytes } from "../contract/recordings.ts";
import { answerContext, answerEvents } from "../contract/responses-client-cases.ts";

/** The official SDK reads what we write, and puts the response together its own way. */
async function sdkResponse(events: readonly ResponsesStreamEvent[]): Promise<unknown> {
  const client = new OpenAI({
    apiKey: "unused",
    maxRetries: 0,
    fetch: () =>
      Promise.resolve(
        new Response(encodeResponsesEvents(events), {
          headers: { "content-type": "text/event-stream; charset=utf-8" },
        }),
      ),
  });
  const stream = client.responses.stream({ model: "gpt-test", input: "hi" });
  const { output_text: _text, ...response } = await stream.finalResponse();
  // The SDK adds what it parsed.
  return JSON.parse(JSON.stringify(response), function drop(this: unknown, key, value: unknown) {
    return key === "parsed" || key === "parsed_arguments" || key === "output_parsed" ? undefined : value;
  });
}

function lastResponse(events: readonly ResponsesStreamEvent[]): unknown {
  return JSON.parse(JSON.stringify(events.at(-1)?.["response"]));
}

describe("the official SDK on our own answers", () => {
  it.each(answerEvents())(
    "accumulates %s to the response that the stream ends with",
    async (_name, events, context) => {
      const out = new ResponsesAnswerMachine(context).push(events);
      expect(await sdkResponse(out)).toEqual(lastResponse(out));
    },
  );

  it("throws where the answer failed", async () => {
    const events = answerEvents().flatMap(([name, all]) => (name === "text" ? all : []));
    const writer = new ResponsesAnswerMachine(answerContext());
    const out = [
      ...writer.push(events.slice(0, 4)),
      ...writer.fail({ error: { type: "api_error", message: "broken" } }),
    ];
    await expect(sdkResponse(out)).rejects.toThrow(APIError);
  });
});

const streams = recordings(
  ({ dialect, stream, status }) => dialect === "anthropic-messages" && stream && status === 200,
);

describe(`the official SDK on recorded Messages streams`, () => {
  it.each(streams.map((one) => [one.id, one] as const))("accumulates %s", async (_id, recording) => {
    const out = new ResponsesAnswerMachine(answerContext()).push(messagesEvents(responseBytes(recording)));
    if (out.at(-1)?.type === "response.failed") await expect(sdkResponse(out)).rejects.toThrow(APIError);
    else expect(await sdkResponse(out)).toEqual(lastResponse(out));
  });
});
