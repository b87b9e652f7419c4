// A program as an embedder writes it. `scripts/check-types.mjs` compiles it against the packed package with every supported version of TypeScript.
import {
  Balancer,
  createFetch,
  fetchTransport,
  type MessagesRequest,
  respond,
  send,
  toResponse,
  type Transport,
} from "@ccpb/core";
import { parseConfig } from "@ccpb/core/config";
import type { Message, MessageStreamEvent } from "@ccpb/core/protocol";
import { SseDecoder } from "@ccpb/core/sse";
import { scriptedTransport, VirtualClock } from "@ccpb/core/testing";
import { estimateTokens } from "@ccpb/core/tokens";
import {
  fromChatCompletion,
  fromChatStream,
  MessageAssembler,
  messagesToChat,
  translationContext,
} from "@ccpb/core/translate";

const request: MessagesRequest = {
  model: "claude-opus-5",
  max_tokens: 10,
  messages: [{ role: "user", content: "Who are you?" }],
};

export function start(document: unknown): Balancer {
  const parsed = parseConfig(document, { env: {} });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
  return new Balancer(parsed.config);
}

export function fetchOf(balancer: Balancer): typeof fetch {
  return createFetch(balancer, fetchTransport(fetch), { otherwise: fetch });
}

/** A body is a `ReadableStream`, which is no `AsyncIterable` without the library `dom.asynciterable`. */
export async function translate(response: Response): Promise<Message> {
  const { context } = messagesToChat(request, { model: "gpt-5.6" });
  const assembler = new MessageAssembler();
  if (response.body === null) return fromChatCompletion(await response.text(), context).message;
  for await (const event of fromChatStream(response.body, translationContext({ requestedModel: "claude-opus-5" }))) {
    const typed: MessageStreamEvent = event;
    assembler.push(typed);
  }
  return fromChatCompletion("{}", context).message;
}

export async function serve(balancer: Balancer, transport: Transport, signal: AbortSignal): Promise<Response> {
  const listener: { [Symbol.dispose](): void } = balancer.on("call-end", ({ callId }) => void callId);
  listener[Symbol.dispose]();
  const http = { method: "POST", url: "/v1/messages", headers: {}, body: new Uint8Array() };
  await respond(balancer, http, transport, { signal });
  return toResponse(await send(balancer.open(request), transport, { signal }));
}

export const tools = { decoder: new SseDecoder(), estimate: estimateTokens(request), clock: new VirtualClock() };
export const scripted = scriptedTransport(tools.clock, () => ({ status: 200 }));
