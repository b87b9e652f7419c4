import type { IncomingHttpHeaders } from "node:http";
import type Anthropic from "@anthropic-ai/sdk";
import type OpenAI from "openai";
import { describe, expectTypeOf, it } from "vitest";
import {
  Balancer,
  type BalancerConfig,
  type BalancerEvents,
  type BalancerOptions,
  type CallTrace,
  type CancelSignal,
  CcpbError,
  type classify,
  type createFetch,
  type CreateFetchOptions,
  fetchTransport,
  type HealthReplica,
  type HttpRequest,
  type MessagesRequest,
  type Outcome,
  type ProviderConfig,
  type Reply,
  respond,
  send,
  toReadableStream,
  toResponse,
  type Transport,
  type Verdict,
} from "@ccpb/core";
import { parseConfig } from "@ccpb/core/config";
import type { ChatChunk, ChatRequest, Message, MessageStreamEvent } from "@ccpb/core/protocol";
import type { SseDecoder, SseItem } from "@ccpb/core/sse";
import { scriptedTransport, VirtualClock } from "@ccpb/core/testing";
import { estimateTokens } from "@ccpb/core/tokens";
import type {
  chatStreamTransform,
  chatToMessages,
  fromChatCompletion,
  fullEvent,
  fullMessage,
  MessageAssembler,
  messageToEvents,
  responsesToMessages,
  toChatCompletion,
  toChatRequest,
  toChatStream,
  toResponse as toResponsesAnswer,
  toResponsesStream,
  translateChatStream,
  TranslationContext,
} from "@ccpb/core/translate";

// Judged by the compiler (`npm run types`): how programs use the library has to go on compiling, and what is wrong has to go on being refused.
describe("the types, as a program that embeds the library sees them", () => {
  it("take a configuration of the least members, and refuse what is none", () => {
    const least: ProviderConfig = {
      name: "one",
      type: "anthropic",
      baseUrl: "https://one.test",
      auth: { type: "api_key", keys: ["key"] },
      bigModel: "passthrough",
      smallModel: "passthrough",
    };
    expectTypeOf({ providers: [least] }).toExtend<BalancerConfig>();
    expectTypeOf(new Balancer({ providers: [least] })).toExtend<Disposable>();
    // @ts-expect-error -- a key that is not there cannot be sent
    void ({ ...least, auth: { type: "api_key" } } satisfies ProviderConfig);
    // @ts-expect-error -- a misspelt setting does not go unnoticed
    void ({ providers: [], settings: { failureCooldown: 60 } } satisfies BalancerConfig);
    // @ts-expect-error -- the file format's names are not the library's
    void ({ ...least, base_url: "https://one.test" } satisfies ProviderConfig);
  });

  it("take the official SDK's requests, and are the fetch that it wants", () => {
    expectTypeOf<Anthropic.MessageCreateParams>().toExtend<MessagesRequest>();
    expectTypeOf<Anthropic.Beta.MessageCreateParams>().toExtend<MessagesRequest>();
    type SdkFetch = NonNullable<NonNullable<ConstructorParameters<typeof Anthropic>[0]>["fetch"]>;
    expectTypeOf<ReturnType<typeof createFetch>>().toExtend<SdkFetch>();
    expectTypeOf<[Balancer, Transport, CreateFetchOptions]>().toExtend<Parameters<typeof createFetch>>();
    expectTypeOf(fetchTransport).returns.toEqualTypeOf<Transport>();
  });

  it("take what servers have, and give what they write", () => {
    expectTypeOf<IncomingHttpHeaders>().toExtend<HttpRequest["headers"]>();
    expectTypeOf<Buffer>().toExtend<HttpRequest["body"]>();
    expectTypeOf<AbortSignal>().toExtend<CancelSignal>();
    expectTypeOf(respond).returns.resolves.toEqualTypeOf<Reply>();
    expectTypeOf(send).returns.resolves.toEqualTypeOf<Reply>();
    expectTypeOf(toResponse).toEqualTypeOf<(reply: Reply) => Response>();
    expectTypeOf<Exclude<Reply["body"], Uint8Array>>().toEqualTypeOf<AsyncIterable<Uint8Array>>();
    expectTypeOf(toReadableStream).returns.toExtend<BodyInit>();
    expectTypeOf<Reply["headers"]>().toExtend<HeadersInit>();
  });

  it("let a loop without the driver say what happened and hear what it means", () => {
    const verdictOf = (verdict: Verdict): string => {
      switch (verdict.type) {
        case "continue":
        case "forward":
        case "refuse":
          return verdict.type;
        case "failover":
          expectTypeOf(verdict.cooldownMs).toEqualTypeOf<number>();
          return verdict.reason.class;
        case "retry":
          return verdict.change;
      }
    };
    expectTypeOf(verdictOf).returns.toBeString();
    expectTypeOf<{ type: "response"; status: number; headers: Record<string, string> }>().toExtend<Outcome>();
    expectTypeOf<{ type: "timeout"; phase: "idle" }>().toExtend<Outcome>();
    expectTypeOf<{ type: "timeout" }>().not.toExtend<Outcome>();
    expectTypeOf<typeof classify>().toExtend<BalancerOptions["classify"]>();
  });

  it("tell listeners what each event carries", () => {
    expectTypeOf<BalancerEvents["call-end"]>().toEqualTypeOf<CallTrace>();
    const listen = (balancer: Balancer): Disposable =>
      balancer.on("circuit-change", (change) => expectTypeOf(change.provider).toBeString());
    expectTypeOf(listen).toBeFunction();
    // @ts-expect-error -- there is no such event
    expectTypeOf((balancer: Balancer) => balancer.on("call-ended", () => undefined)).toBeFunction();
    expectTypeOf(
      new CcpbError("invalid_request", "no", { status: 400, type: "invalid_request_error" }),
    ).toExtend<Error>();
    expectTypeOf<HealthReplica>().toHaveProperty("publish");
  });

  it("translate typed requests and typed events", () => {
    expectTypeOf<ReturnType<typeof toChatRequest>["body"]>().toEqualTypeOf<ChatRequest>();
    expectTypeOf<ReturnType<typeof toChatRequest>["context"]>().toEqualTypeOf<TranslationContext>();
    expectTypeOf<ReturnType<typeof translateChatStream>>().toExtend<AsyncIterable<MessageStreamEvent>>();
    // A platform's response body is a source as it stands.
    expectTypeOf<NonNullable<Response["body"]>>().toExtend<Parameters<typeof translateChatStream>[0]>();
    expectTypeOf<ReturnType<typeof chatStreamTransform>["writable"]>().toExtend<WritableStream<Uint8Array>>();
    expectTypeOf<Message["content"][number]["type"]>().toExtend<string>();
    expectTypeOf<MessageStreamEvent>().toExtend<Parameters<MessageAssembler["push"]>[0]>();
    expectTypeOf<ReturnType<SseDecoder["push"]>>().toEqualTypeOf<readonly SseItem[]>();
    expectTypeOf(estimateTokens).returns.toBeNumber();
  });

  it("read what the official SDKs are given and answer, without a cast", () => {
    expectTypeOf<OpenAI.ChatCompletionCreateParams>().toExtend<Parameters<typeof chatToMessages>[0]>();
    expectTypeOf<OpenAI.Responses.ResponseCreateParams>().toExtend<Parameters<typeof responsesToMessages>[0]>();
    expectTypeOf<Record<string, unknown>>().toExtend<Parameters<typeof chatToMessages>[0]>();
    expectTypeOf<unknown>().not.toExtend<Parameters<typeof chatToMessages>[0]>();
    expectTypeOf<string>().not.toExtend<Parameters<typeof responsesToMessages>[0]>();
    type Written = Parameters<typeof toChatCompletion>[0];
    expectTypeOf<Parameters<typeof toResponsesAnswer>[0]>().toEqualTypeOf<Written>();
    expectTypeOf<Parameters<typeof messageToEvents>[0]>().toEqualTypeOf<Written>();
    expectTypeOf<Anthropic.Message>().toExtend<Written>();
    expectTypeOf<Anthropic.Beta.BetaMessage>().toExtend<Written>();
    expectTypeOf<Message>().toExtend<Written>();
    expectTypeOf<AsyncIterable<Anthropic.MessageStreamEvent>>().toExtend<Parameters<typeof toChatStream>[0]>();
    expectTypeOf<AsyncIterable<Anthropic.MessageStreamEvent>>().toExtend<Parameters<typeof toResponsesStream>[0]>();
    expectTypeOf<Anthropic.MessageStreamEvent>().toExtend<Parameters<MessageAssembler["push"]>[0]>();
    expectTypeOf<ReturnType<typeof toChatRequest>["body"]>().toExtend<OpenAI.ChatCompletionCreateParams>();
  });

  it("make a translated answer the next request's turn, for the official SDKs too", () => {
    expectTypeOf<Pick<Message, "role" | "content">>().toExtend<Anthropic.MessageParam>();
    expectTypeOf<Message["content"][number]>().toExtend<Anthropic.ContentBlockParam>();
    expectTypeOf<Message["stop_reason"]>().toExtend<Anthropic.Message["stop_reason"]>();
    expectTypeOf<ReturnType<typeof fromChatCompletion>["message"]>().toEqualTypeOf<Message>();
    expectTypeOf<ReturnType<typeof fullMessage>>().toExtend<Anthropic.Message>();
    expectTypeOf<ReturnType<typeof fullMessage>>().toExtend<Message>();
    expectTypeOf<ReturnType<typeof fullEvent>>().toExtend<Anthropic.MessageStreamEvent>();
    expectTypeOf<ReturnType<typeof fullEvent>>().toExtend<MessageStreamEvent>();
    expectTypeOf<ReturnType<typeof fullMessage>>().toExtend<Anthropic.Beta.BetaMessage>();
    expectTypeOf<ReturnType<typeof toChatCompletion>>().toExtend<OpenAI.ChatCompletion>();
    expectTypeOf<ChatChunk>().toExtend<OpenAI.ChatCompletionChunk>();
  });

  it("make a refused configuration's problems the only thing that can be read of it", () => {
    const result = parseConfig({}, { env: {} });
    if (result.ok) expectTypeOf(result.config).toEqualTypeOf<BalancerConfig>();
    else expectTypeOf(result).not.toHaveProperty("config");
    const { transport } = scriptedTransport(new VirtualClock(), () => ({}));
    expectTypeOf(transport).toEqualTypeOf<Transport>();
  });
});
