import { describe, expect, it } from "vitest";
import { Balancer } from "../../balancer/balancer.ts";
import { countTokens } from "../../skins/count-tokens.ts";
import { CcpbError } from "../../base/errors.ts";
import { isModelTooLong, maxModelBytes } from "./model-length.ts";

const balancer = new Balancer({
  providers: [
    {
      name: "one",
      type: "anthropic",
      baseUrl: "https://one.example",
      auth: { type: "api_key", keys: ["k"] },
      bigModel: "passthrough",
      smallModel: "passthrough",
    },
  ],
  settings: { sessionAffinity: "session" },
});
const unused = () => Promise.reject(new Error("asked"));

/** [title, model, whether it is accepted] */
const models: readonly (readonly [string, string, boolean])[] = [
  ["512 ASCII characters", "m".repeat(512), true],
  ["513 ASCII characters", "m".repeat(513), false],
  ["170 CJK characters (510 bytes)", "模".repeat(170), true],
  ["171 CJK characters (513 bytes)", "模".repeat(171), false],
  ["128 emoji (512 bytes)", "😀".repeat(128), true],
  ["129 emoji", "😀".repeat(129), false],
  ["512 control characters, escaped in JSON", "\u0001".repeat(512), true],
  ["a cloud's ARN", `arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.${"x".repeat(90)}`, true],
  ["a million characters", "m".repeat(1_000_000), false],
];

function request(model: string): { model: string; max_tokens: number; messages: { role: "user"; content: string }[] } {
  return { model, max_tokens: 1, messages: [{ role: "user", content: "Hello" }] };
}

function refusalOf(open: () => unknown): unknown {
  try {
    open();
    return undefined;
  } catch (error) {
    return error instanceof CcpbError ? { status: error.status, type: error.type, message: error.message } : error;
  }
}

const refusal = {
  status: 400,
  type: "invalid_request_error",
  message: `model: at most ${maxModelBytes} bytes (UTF-8) are accepted`,
};

describe.each(models)("a model of %s", (_title, model, isAccepted) => {
  const expected = isAccepted ? undefined : refusal;
  const json = JSON.stringify(request(model));
  const escaped = json.replaceAll(
    /[^\u0020-\u007e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  const doubled = json.replace("{", `{"model":"short",`);

  it("is accepted only up to 512 bytes, as data and as bytes, escaped or not, also as one of two", () => {
    expect(isModelTooLong(model)).toBe(!isAccepted);
    expect(refusalOf(() => balancer.open(request(model)))).toEqual(expected);
    for (const text of [json, escaped, doubled]) {
      expect(refusalOf(() => balancer.open({ body: new TextEncoder().encode(text) }))).toEqual(expected);
    }
  });

  it("is accepted alike where tokens are counted and where a choice is explained", async () => {
    const counted = countTokens(balancer, { body: new TextEncoder().encode(json) }, unused);
    expect(
      await counted.then(
        () => undefined,
        (error) =>
          refusalOf(() => {
            throw error;
          }),
      ),
    ).toEqual(expected);
    expect(refusalOf(() => balancer.explain(model))).toEqual(expected);
  });
});

it("session and call ids of any length are accepted", () => {
  const body = new TextEncoder().encode(
    JSON.stringify({
      ...request("claude-opus-5"),
      metadata: { user_id: `user_${"u".repeat(64)}_session_${"s".repeat(100_000)}` },
    }),
  );
  const call = balancer.open(
    { body, headers: { "x-claude-code-session-id": "h".repeat(100_000) } },
    { callId: "c".repeat(100_000) },
  );
  expect(call.next()?.provider).toBe("one");
});
