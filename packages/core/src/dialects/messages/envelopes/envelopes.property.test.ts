import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ProviderConfig } from "../../../base/config-types.ts";
import { nativeRequest } from "../../../call/build-request.ts";
import { ClientRequest } from "../client-request.ts";

const unchanged = {
  withoutThinking: false,
  dialect: undefined,
  maxTokens: undefined,
  isForeignProof: undefined,
  lessons: [],
};
const common = { name: "p", auth: { type: "api_key", keys: ["key-1"] }, enabled: true } as const;
const providers: readonly ProviderConfig[] = [
  { ...common, type: "bedrock", baseUrl: "https://bedrock-runtime.us-east-1.amazonaws.com", region: "us-east-1" },
  { ...common, type: "vertex", baseUrl: "https://aiplatform.googleapis.com/v1", region: "global", project: "p-1" },
];
const model = "claude-opus-5-5";

// Members as clients write them: in any order, with any white space, escapes and characters.
const words = fc.string({ unit: fc.constantFrom("a", "é", "简", "🙂", '"', "\\", "\n", "{", "}", ",", ":", " ") });
const blank = fc.constantFrom("", " ", "\n  ", "\t");
const members = fc.record(
  {
    system: words.map((text) => JSON.stringify(text)),
    max_tokens: fc.integer({ min: 1, max: 1_000 }).map(String),
    stream: fc.constantFrom("true", "false", "null"),
    tools: fc.constant('[ {"name":"look", "input_schema":{ "type":"object" }} ]'),
    thinking: fc.constant('{"type":"adaptive"}'),
    anthropic_version: fc.constantFrom('"bedrock-2023-05-31"', '"vertex-2023-10-16"', '"2026-10-21"'),
    anthropic_beta: fc.constant('["context-1m-2025-08-07"]'),
    stop_sequences: fc.array(words, { maxLength: 2 }).map((list) => JSON.stringify(list)),
  },
  { requiredKeys: [] },
);

const bodies = fc
  .tuple(members, fc.array(words, { minLength: 1, maxLength: 3 }), blank, fc.nat())
  .map(([extra, texts, space, turn]) => {
    const messages = texts.map((text) => `{${space}"role":"user",${space}"content":${JSON.stringify(text)}}`);
    const all = [
      ["model", JSON.stringify(model)],
      ["messages", `[${space}${messages.join(`${space},`)}${space}]`],
      ...Object.entries(extra).filter(([, value]) => value !== undefined),
    ];
    const at = turn % all.length;
    const turned = [...all.slice(at), ...all.slice(0, at)];
    return `{${space}${turned.map(([name, value]) => `"${name}"${space}:${space}${value}`).join(`${space},${space}`)}${space}}`;
  });

function sent(
  provider: ProviderConfig,
  body: string,
  kind: "message" | "stream" | "count",
  beta?: string,
): { readonly text: string; readonly url: string; readonly headers: Readonly<Record<string, string>> } {
  const client = new ClientRequest({
    body: new TextEncoder().encode(body),
    headers: { "anthropic-version": "2023-06-01", ...(beta !== undefined && { "anthropic-beta": beta }) },
  });
  const candidate = { provider: "p", keyIndex: 0, model: "the-cloud-name" };
  const request = nativeRequest(kind, { provider, candidate, client, changes: unchanged });
  return {
    text: request.body.map((part) => new TextDecoder().decode(part)).join(""),
    url: request.url,
    headers: request.headers,
  };
}

describe.each(providers)("the envelope of $type", (provider) => {
  const { type } = provider;
  const version = type === "bedrock" ? "bedrock-2023-05-31" : "vertex-2023-10-16";

  it("leaves out and adds what the cloud wants, and keeps every other member byte for byte", () => {
    fc.assert(
      fc.property(bodies, fc.constantFrom("message", "stream"), (body, kind) => {
        const { text } = sent(provider, body, kind);
        const before = JSON.parse(body) as Record<string, unknown>;
        const { model: _model, ...rest } = before;
        const expected: Record<string, unknown> = { ...rest };
        if (type === "bedrock") delete expected["stream"];
        const own = before["anthropic_version"];
        const other = type === "bedrock" ? "vertex-2023-10-16" : "bedrock-2023-05-31";
        expected["anthropic_version"] = own === undefined || own === other ? version : own;
        expect(JSON.parse(text)).toEqual(expected);
        // The conversation and the texts are the client's own bytes.
        const list = /"messages"\s*:\s*(\[[\s\S]*\])/.exec(body)?.[1] ?? "";
        const conversation = list.slice(0, list.lastIndexOf("]") + 1);
        const own0 = conversation.slice(0, conversation.indexOf("}") + 1);
        expect(text).toContain(own0);
      }),
      { numRuns: 300 },
    );
  });

  it("puts only the betas that the cloud knows where it looks for them", () => {
    const { text, headers } = sent(
      provider,
      `{"model":"m","messages":[]}`,
      "stream",
      "claude-code-20250219,context-1m-2025-08-07",
    );
    const inBody = (JSON.parse(text) as Record<string, unknown>)["anthropic_beta"];
    expect([inBody, headers["anthropic-beta"]]).toEqual(
      type === "bedrock" ? [["context-1m-2025-08-07"], undefined] : [undefined, "context-1m-2025-08-07"],
    );
    expect(headers["anthropic-version"]).toBeUndefined();
    expect(headers["authorization"]).toBe("Bearer key-1");
  });
});

it("an ARN is one segment of the path", () => {
  const [bedrock] = providers as [ProviderConfig];
  const client = new ClientRequest({ body: new TextEncoder().encode('{"model":"m","messages":[]}') });
  const arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc";
  const request = nativeRequest("message", {
    provider: bedrock,
    candidate: { provider: "p", keyIndex: 0, model: arn },
    client,
    changes: unchanged,
  });
  expect(request.url).toBe(
    "https://bedrock-runtime.us-east-1.amazonaws.com/model/arn:aws:bedrock:us-east-1:123456789012:application-inference-profile%2Fabc/invoke",
  );
});
