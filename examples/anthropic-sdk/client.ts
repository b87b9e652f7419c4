import Anthropic from "@anthropic-ai/sdk";
import { type Balancer, createFetch, fetchTransport } from "@ccpb/core";

/** The official SDK with a balancer inside: everything that the SDK can do, over whoever can serve it. */
export function createClient(balancer: Balancer): Anthropic {
  return new Anthropic({
    // The providers' own keys are the balancer's; the SDK only insists that there is one.
    apiKey: "unused",
    // Every provider has been tried when an error arrives here, so asking again at once helps nobody.
    maxRetries: 0,
    fetch: createFetch(balancer, fetchTransport(fetch)),
  });
}

/** Asks a question and yields the answer's text as it is written. */
export async function* ask(client: Anthropic, question: string): AsyncGenerator<string, void, undefined> {
  const stream = client.messages.stream({
    model: "claude-opus-5",
    max_tokens: 1024,
    messages: [{ role: "user", content: question }],
  });
  for await (const event of stream) {
    if (event.type === "content_block_delta" && event.delta.type === "text_delta") yield event.delta.text;
  }
}
