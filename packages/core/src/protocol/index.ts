export type * from "./anthropic.ts";
export type * from "./chat.ts";
