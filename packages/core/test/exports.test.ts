import { describe, expect, it } from "vitest";

// The public surface, name by name: what is added or taken away here is a change for users, and wants a changeset.
const surface: Readonly<Record<string, readonly string[]>> = {
  "@ccpb/core": [
    "Balancer",
    "Cancellation",
    "CcpbError",
    "TransportError",
    "classify",
    "countTokens",
    "createFetch",
    "defaultSettings",
    "errorReply",
    "fetchTransport",
    "mergeShared",
    "parseHealthChange",
    "respond",
    "saidByProvider",
    "send",
    "sendWithEarlyHeaders",
    "systemClock",
    "toResponse",
  ],
  "@ccpb/core/config": [
    "configJsonSchema",
    "isFormatKey",
    "isSecretKey",
    "isSecretPath",
    "looksLikeSecret",
    "mayShow",
    "mayShowKey",
    "mayShowUnder",
    "parseConfig",
  ],
  "@ccpb/core/protocol": [],
  "@ccpb/core/sse": ["EventEncoder", "SseDecoder", "defaultMaxBufferSize", "encodeEvent", "encodeEvents"],
  "@ccpb/core/translate": [
    "ChatStreamTranslator",
    "MessageAssembler",
    "MessageStreamChecker",
    "ResponsesStreamTranslator",
    "chatStreamTransform",
    "decodeToolId",
    "encodeToolId",
    "fromChatCompletion",
    "fromResponse",
    "isAccountError",
    "makeSignature",
    "messageToEvents",
    "neutralProfile",
    "readErrorStatus",
    "readErrorText",
    "readMaxTokensLimit",
    "readSignature",
    "readThoughtSignature",
    "redactSecrets",
    "resolveProfile",
    "responsesStreamTransform",
    "toChatRequest",
    "toMessagesError",
    "toResponsesRequest",
    "translateChatStream",
    "translateResponsesStream",
  ],
  "@ccpb/core/tokens": ["estimateTokens", "nextFactor"],
  "@ccpb/core/testing": ["VirtualClock", "scriptedTransport"],
};

describe("the values that core exports", () => {
  it.each(Object.entries(surface))("%s", async (entry, names) => {
    const module = (await import(/* @vite-ignore */ entry)) as Record<string, unknown>;
    expect(Object.keys(module).sort()).toEqual(names);
  });
});
