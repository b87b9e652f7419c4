import { AnthropicAws } from "@anthropic-ai/aws-sdk";
import { AnthropicBedrock } from "@anthropic-ai/bedrock-sdk";
import { AnthropicFoundry } from "@anthropic-ai/foundry-sdk";
import { AnthropicVertex } from "@anthropic-ai/vertex-sdk";
import type { ProviderConfig } from "@ccpb/core";
import { type FakeUpstream, type RecordedRequest, startFakeUpstream, thinking } from "@ccpb/fake-upstream";
import { OAuth2Client } from "google-auth-library";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { call, messagesBody, provider, startTestServer } from "../running-server.ts";
import { awsKey, expectSignature } from "./aws-verify.ts";

const signature = `ErUB${"Q2xhdWRlIG1hZGUgdGhpcyBzaWduYXR1cmUu".repeat(8)}`;

// What a Claude client may send; the official SDK of each cloud and ccpb are given the same.
const conversation = {
  max_tokens: 100,
  system: [{ type: "text" as const, text: "Be “brief” — 简短.", cache_control: { type: "ephemeral" as const } }],
  messages: [
    { role: "user" as const, content: "Hello" },
    {
      role: "assistant" as const,
      content: [
        { type: "thinking" as const, thinking: "It greets.", signature },
        { type: "tool_use" as const, id: "toolu_01", name: "look", input: { at: "é" } },
      ],
    },
    { role: "user" as const, content: [{ type: "tool_result" as const, tool_use_id: "toolu_01", content: "there" }] },
  ],
  tools: [{ name: "look", input_schema: { type: "object" as const, properties: { at: { type: "string" } } } }],
};
const beta = "interleaved-thinking-2025-05-14";

beforeAll(() => {
  // The SDKs and AWS's chain read these before anything else.
  vi.stubEnv("AWS_ACCESS_KEY_ID", awsKey.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", awsKey.secretAccessKey);
  vi.stubEnv("AWS_SESSION_TOKEN", awsKey.sessionToken);
});
afterAll(() => vi.unstubAllEnvs());

/** A provider that leaves the names of models to the cloud's own. */
function cloudProvider(url: string, change: Partial<ProviderConfig>): ProviderConfig {
  const { bigModel: _big, smallModel: _small, ...rest } = provider("cloud", url, change);
  return change.type === undefined ? provider("cloud", url, change) : rest;
}

/** What an upstream is sent by ccpb for the conversation. */
async function sentByCcpb(
  upstream: FakeUpstream,
  change: Partial<ProviderConfig>,
  { model, stream }: { readonly model: string; readonly stream: boolean },
): Promise<RecordedRequest> {
  await using server = await startTestServer({ providers: [cloudProvider(upstream.url, change)] });
  const before = upstream.requests.length;
  const reply = await call(server.url, "/v1/messages", {
    method: "POST",
    headers: { "content-type": "application/json", "anthropic-version": "2023-06-01", "anthropic-beta": beta },
    body: messagesBody({ ...conversation, model, ...(stream && { stream }) }),
  });
  expect(reply.status, reply.body).toBe(200);
  return upstream.requests[before] as RecordedRequest;
}

interface Call {
  readonly upstream: FakeUpstream;
  readonly model: string;
  readonly stream: boolean;
}

const sdkOptions = { maxRetries: 0, defaultHeaders: { "anthropic-beta": beta } };

function expectSame(ours: RecordedRequest, theirs: RecordedRequest, headers: readonly string[]): void {
  expect([ours.method, ours.path]).toEqual([theirs.method, theirs.path]);
  expect(ours.body).toEqual(theirs.body);
  for (const name of headers) expect([name, ours.headers[name]]).toEqual([name, theirs.headers[name]]);
}

describe.each([true, false])("stream: %s", (stream) => {
  it("Bedrock is asked as @anthropic-ai/bedrock-sdk asks it, with a valid signature", async () => {
    await using upstream = await startFakeUpstream({ dialect: "bedrock", defaultBehaviour: thinking("Hm.", "Yes.") });
    const model = "us.anthropic.claude-opus-4-5-20251101-v1:0";
    const client = new AnthropicBedrock({
      baseURL: upstream.url,
      awsRegion: "us-east-1",
      ...sdkOptions,
      defaultHeaders: { ...sdkOptions.defaultHeaders, "anthropic-version": "bedrock-2023-05-31" },
    });
    const message = await ask(client, { upstream, model, stream });
    expect(message).toMatchObject({ content: [{ type: "thinking" }, { type: "text", text: "Yes." }] });
    const theirs = upstream.requests[0] as RecordedRequest;
    const ours = await sentByCcpb(
      upstream,
      { type: "bedrock", region: "us-east-1", auth: { type: "renewed", source: { type: "aws", region: "us-east-1" } } },
      { model: "claude-opus-4-5", stream },
    );
    expectSame(ours, theirs, ["content-type", "x-amz-security-token", "accept"]);
    await expectSignature(theirs, { service: "bedrock", region: "us-east-1" });
    await expectSignature(ours, { service: "bedrock", region: "us-east-1" });
  });

  it("Bedrock is asked with an API key as the SDK asks it", async () => {
    await using upstream = await startFakeUpstream({ dialect: "bedrock", defaultBehaviour: thinking("Hm.", "Yes.") });
    const model = "eu.anthropic.claude-sonnet-5";
    const client = new AnthropicBedrock({
      baseURL: upstream.url,
      apiKey: "bedrock-api-key-1",
      awsRegion: "eu-central-1",
      ...sdkOptions,
      defaultHeaders: { ...sdkOptions.defaultHeaders, "anthropic-version": "bedrock-2023-05-31" },
    });
    await ask(client, { upstream, model, stream });
    const ours = await sentByCcpb(
      upstream,
      { type: "bedrock", region: "eu-central-1", auth: { type: "api_key", keys: ["bedrock-api-key-1"] } },
      { model: "claude-sonnet-5", stream },
    );
    expectSame(ours, upstream.requests[0] as RecordedRequest, ["authorization", "content-type"]);
  });

  it("Vertex AI is asked as @anthropic-ai/vertex-sdk asks it", async () => {
    await using upstream = await startFakeUpstream({ dialect: "vertex", defaultBehaviour: thinking("Hm.", "Yes.") });
    const authClient = new OAuth2Client();
    authClient.setCredentials({ access_token: "ya29.google-token", expiry_date: Date.now() + 3_600_000 });
    const client = new AnthropicVertex({
      baseURL: upstream.url,
      region: "europe-west1",
      projectId: "my-project-1",
      authClient,
      ...sdkOptions,
      defaultHeaders: { ...sdkOptions.defaultHeaders, "anthropic-version": "vertex-2023-10-16" },
    });
    const model = "claude-opus-4-5@20251101";
    await ask(client, { upstream, model, stream });
    const ours = await sentByCcpb(
      upstream,
      {
        type: "vertex",
        region: "europe-west1",
        project: "my-project-1",
        auth: { type: "auth_token", keys: ["ya29.google-token"] },
      },
      { model: "claude-opus-4-5", stream },
    );
    expectSame(ours, upstream.requests[0] as RecordedRequest, [
      "authorization",
      "content-type",
      "anthropic-beta",
      "anthropic-version",
    ]);
  });

  it("Foundry is asked as @anthropic-ai/foundry-sdk asks it", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: thinking("Hm.", "Yes.") });
    const client = new AnthropicFoundry({ baseURL: upstream.url, apiKey: "foundry-key-1", ...sdkOptions });
    const model = "claude-opus-5";
    await ask(client, { upstream, model, stream });
    const ours = await sentByCcpb(upstream, { auth: { type: "api_key", keys: ["foundry-key-1"] } }, { model, stream });
    const theirs = upstream.requests[0] as RecordedRequest;
    expect(theirs.body).toEqual(ours.body);
    expect([ours.method, ours.path]).toEqual([theirs.method, theirs.path]);
    for (const name of ["x-api-key", "content-type", "anthropic-beta"])
      expect(ours.headers[name]).toBe(theirs.headers[name]);
  });

  it("Claude Platform on AWS is asked as @anthropic-ai/aws-sdk asks it, with a valid signature", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: thinking("Hm.", "Yes.") });
    const client = new AnthropicAws({
      baseURL: upstream.url,
      awsRegion: "us-west-2",
      workspaceId: "wrkspc_01",
      ...sdkOptions,
    });
    const model = "claude-opus-5";
    await ask(client, { upstream, model, stream });
    const theirs = upstream.requests[0] as RecordedRequest;
    const ours = await sentByCcpb(
      upstream,
      {
        region: "us-west-2",
        headers: { "anthropic-workspace-id": "wrkspc_01" },
        auth: {
          type: "renewed",
          source: { type: "aws", region: "us-west-2", service: "aws-external-anthropic" },
        },
      },
      { model, stream },
    );
    expect(theirs.body).toEqual(ours.body);
    expect([ours.method, ours.path]).toEqual([theirs.method, theirs.path]);
    for (const name of ["anthropic-workspace-id", "x-amz-security-token"]) {
      expect(ours.headers[name]).toBe(theirs.headers[name]);
    }
    const scope = { service: "aws-external-anthropic", region: "us-west-2" };
    await expectSignature(theirs, scope);
    await expectSignature(ours, scope);
  });
});

it("Vertex AI counts as @anthropic-ai/vertex-sdk asks it to, and Bedrock by its CountTokens", async () => {
  await using vertex = await startFakeUpstream({ dialect: "vertex" });
  await using bedrock = await startFakeUpstream({ dialect: "bedrock" });
  const { max_tokens: _max, ...counted } = conversation;
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: "ya29.google-token", expiry_date: Date.now() + 3_600_000 });
  const client = new AnthropicVertex({
    baseURL: vertex.url,
    region: "global",
    projectId: "my-project-1",
    authClient,
    maxRetries: 0,
    defaultHeaders: { "anthropic-version": "vertex-2023-10-16" },
  });
  await client.messages.countTokens({ ...counted, model: "claude-opus-5" });
  const place = { type: "vertex", region: "global", project: "my-project-1" } as const;
  const body = messagesBody({ ...conversation, model: "claude-opus-5" });
  const { max_tokens: _also, ...asked } = JSON.parse(body) as Record<string, unknown>;
  for (const [upstream, change] of [
    [vertex, { ...place, auth: { type: "auth_token", keys: ["ya29.google-token"] } }],
    [bedrock, { type: "bedrock", region: "us-east-1", auth: { type: "api_key", keys: ["key-1"] } }],
  ] as const) {
    await using server = await startTestServer({ providers: [cloudProvider(upstream.url, change)] });
    const reply = await call(server.url, "/v1/messages/count_tokens", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(asked),
    });
    expect(reply.headers["x-ccpb-token-count"]).toBeUndefined();
    expect(reply.json()).toEqual({ input_tokens: expect.any(Number) });
  }
  const [theirs, ours] = vertex.requests as [RecordedRequest, RecordedRequest];
  expectSame(ours, theirs, ["authorization"]);
  const request = bedrock.requests[0] as RecordedRequest;
  expect(request.path).toBe("/model/anthropic.claude-opus-5/count-tokens");
  const { input } = request.body as { input: { invokeModel: { body: string } } };
  expect(JSON.parse(Buffer.from(input.invokeModel.body, "base64").toString())).toEqual({
    ...counted,
    max_tokens: 1,
    anthropic_version: "bedrock-2023-05-31",
  });
});

/** The answer that an SDK reads, streamed or whole. */
async function ask(
  client: AnthropicBedrock | AnthropicVertex | AnthropicFoundry | AnthropicAws,
  { model, stream }: Call,
): Promise<unknown> {
  const request = { ...conversation, model };
  return stream ? client.messages.stream(request).finalMessage() : client.messages.create(request);
}
