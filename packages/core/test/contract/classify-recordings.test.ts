import { describe, expect, it } from "vitest";
import { classify } from "../../src/policy/classify.ts";
import type { Judgement } from "../../src/base/outcome.ts";
import { hasShared, type Recording, recordings, responseText } from "./recordings.ts";

const failures = recordings(({ status }) => status >= 400);

function judge({ status, dialect }: Recording, body: string): Judgement {
  const providerType = dialect.startsWith("anthropic") ? "anthropic" : "openai";
  return classify(
    { type: "response", status, headers: {}, body },
    { providerType, stream: false, hasContent: false, hasThinking: false, retried: new Set(), wallNowMs: 0 },
    [],
  );
}

function rowOf(status: number, body: string): object {
  if (/incorrect api key/i.test(body) || status === 401)
    return { type: "failover", charge: { scope: "key", cooldown: { kind: "fixed", ms: 600_000 } } };
  if (/"tool_use_failed"/.test(body)) return { type: "failover", reason: { class: "tool-use-failed" } };
  if (/"model_not_found"/.test(body) || status === 404)
    return { type: "failover", answer: "if-all", charge: { scope: "deployment", when: "if-served" } };
  if (/context length|context window|context_length_exceeded|prompt is too long|too_many_prompt_tokens/i.test(body))
    return { type: "failover", suspect: "request", answer: "always", reason: { class: "overflow" } };
  if (status === 429) return { type: "failover", charge: { scope: "key-deployment" } };
  return { type: "forward", reason: { class: "client-error" } };
}

describe(`recorded failures`, () => {
  it.each(failures.map((recording) => [recording.id, recording] as const))("%s has its row", (_id, recording) => {
    const body = responseText(recording);
    expect(judge(recording, body)).toMatchObject(rowOf(recording.status, body));
  });

  it("are many and of every kind that was recorded", () => {
    expect(failures.length).toBeGreaterThan(hasShared ? 70 : 10);
    expect(new Set(failures.map(({ status }) => status))).toEqual(new Set([400, 401, 404, 429]));
  });
});
