import type { Attempt, Balancer, Outcome } from "@ccpb/core";

/** A request without streaming, as plain data. */
export interface Question {
  readonly model: string;
  readonly max_tokens: number;
  readonly messages: readonly { readonly role: "user" | "assistant"; readonly content: string }[];
}

/**
 * The balancer without its driver: it says whom to ask and with what, is told what happened, and says what that means. Nothing in it touches the
 * network or a timer, so any client, queue or language runtime can be in between. Answers the body of a Messages reply.
 */
export async function ask(balancer: Balancer, question: Question): Promise<Uint8Array> {
  const call = balancer.open(question);
  for (const attempt of call) {
    const { outcome, answer } = await exchange(attempt);
    const verdict = attempt.report(outcome);
    if (verdict.type === "continue" && answer) return answer;
    // The request itself is wrong, and another provider would say the same: that answer is the client's.
    if (verdict.type === "forward") break;
    // `failover` and `retry`: the loop goes on with whoever is next.
  }
  const forwarded = call.forwarded();
  if (forwarded) return forwarded.body;
  throw call.failure();
}

interface Exchanged {
  readonly outcome: Outcome;
  readonly answer?: Uint8Array;
}

async function exchange(attempt: Attempt): Promise<Exchanged> {
  const { url, method, headers, body } = attempt.request;
  const { totalMs = 60_000 } = attempt.deadlines;
  try {
    const response = await fetch(url, {
      method,
      headers,
      body: Buffer.concat(body),
      redirect: "manual",
      signal: AbortSignal.timeout(totalMs),
    });
    const bytes = new Uint8Array(await response.arrayBuffer());
    const head = { type: "response", status: response.status, headers: Object.fromEntries(response.headers) } as const;
    if (response.status !== 200) return { outcome: { ...head, body: new TextDecoder().decode(bytes) } };
    return read(attempt, bytes);
  } catch (error) {
    const isLate = error instanceof DOMException && error.name === "TimeoutError";
    return { outcome: isLate ? { type: "timeout", phase: "total" } : { type: "transport-error", cause: error } };
  }
}

/** A 200 is an answer only if it reads as one; the reader also translates what an OpenAI provider said. */
function read(attempt: Attempt, bytes: Uint8Array): Exchanged {
  const reader = attempt.reader();
  const answer = reader.push(bytes) ?? reader.end();
  if (reader.failure) return { outcome: { type: "stream-error", reason: reader.failure } };
  attempt.report({ type: "content" });
  return { outcome: { type: "complete" }, ...(answer && { answer }) };
}
