export type * from "./anthropic.ts";
export type * from "./anthropic-full.ts";
export type * from "./chat.ts";
export type * from "./chat-answer.ts";
export type * from "./responses.ts";
export type * from "./responses-answer.ts";
