import { parentPort } from "node:worker_threads";
import { countTextTokens } from "./o200k.ts";
import type { CountReply, CountRequest } from "./text-tokenizer.ts";

parentPort?.on("message", ({ id, texts }: CountRequest) => {
  const reply: CountReply = { id, counts: texts.map(countTextTokens) };
  parentPort?.postMessage(reply);
});
