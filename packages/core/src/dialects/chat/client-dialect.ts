import type { JsonObject } from "../../base/json.ts";
import type { ClientDialect } from "../dialect.ts";
import { toChatCompletion, ToChatStreamWriter } from "./client-answer.ts";
import { chatError } from "./client-error.ts";
import { chatToMessages } from "./client-request.ts";

/** The client side of Chat Completions: `POST /v1/chat/completions`. */
export const chatClient: ClientDialect = {
  name: "chat",
  idPrefix: "chatcmpl-",
  read: chatToMessages,
  openAnswer: (context) => new ToChatStreamWriter(context),
  whole: (message, context): JsonObject => ({ ...toChatCompletion(message, context) }),
  error: (error): JsonObject => ({ ...chatError(error) }),
  earlyError: (json) => `data: ${json}\n\n`,
};
