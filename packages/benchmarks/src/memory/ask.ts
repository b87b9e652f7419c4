import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { claudeCodeHeaders } from "../fixtures/claude-code-body.ts";

/** Posts a body to /v1/messages of the server on `port`; resolves with the head of the answer. */
export async function ask(port: number, body: Uint8Array): Promise<IncomingMessage> {
  const headers = { ...claudeCodeHeaders, "x-api-key": "bench-client-key", "content-length": body.length };
  const asked = request({ host: "127.0.0.1", port, path: "/v1/messages?beta=true", method: "POST", headers });
  asked.end(body);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  return answer;
}

/** Reads an answer to its end; resolves with its last 200 characters and how many events with a delta it had. */
export async function readToEnd(answer: IncomingMessage): Promise<{ readonly deltas: number; readonly tail: string }> {
  let deltas = 0;
  let line = "";
  let tail = "";
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    const lines = (line + chunk.toString("latin1")).split("\n");
    line = lines.pop() ?? "";
    deltas += lines.filter((each) => each === "event: content_block_delta").length;
    tail = (tail + chunk.subarray(-200).toString()).slice(-200);
  }
  return { deltas, tail };
}
