import { describe, expect, test } from "vitest";
import { parseConfig } from "./parse.ts";

type Document = Record<string, unknown>;

function parse(provider: Document): ReturnType<typeof parseConfig> {
  return parseConfig({ providers: [{ name: "a", ...provider }] }, { env: {} });
}

function messages(provider: Document): readonly string[] {
  const result = parse(provider);
  return (result.ok ? result.warnings : result.problems).map(({ message }) => message);
}

describe("what a cloud's provider becomes", () => {
  test.each([
    [
      "Bedrock by its region",
      { type: "bedrock", region: "us-east-1" },
      {
        baseUrl: "https://bedrock-runtime.us-east-1.amazonaws.com",
        auth: { type: "renewed", source: { type: "aws", region: "us-east-1" } },
      },
    ],
    [
      "Bedrock in China",
      { type: "bedrock", region: "cn-north-1" },
      { baseUrl: "https://bedrock-runtime.cn-north-1.amazonaws.com.cn" },
    ],
    [
      "a profile of AWS's",
      { type: "bedrock", region: "us-east-1", aws_profile: "prod" },
      { auth: { type: "renewed", source: { type: "aws", region: "us-east-1", profile: "prod" } } },
    ],
    [
      "Bedrock with an API key",
      { type: "bedrock", region: "us-east-1", auth_value: "key-1" },
      { auth: { type: "api_key", keys: ["key-1"] } },
    ],
    [
      "Vertex AI's global endpoint",
      { type: "vertex", region: "global", project: "p-1" },
      {
        baseUrl: "https://aiplatform.googleapis.com/v1",
        project: "p-1",
        auth: { type: "renewed", source: { type: "google" } },
      },
    ],
    [
      "an area of Vertex AI's",
      { type: "vertex", region: "eu", project: "p-1" },
      { baseUrl: "https://aiplatform.eu.rep.googleapis.com/v1" },
    ],
    [
      "a region of Vertex AI's",
      { type: "vertex", region: "us-east5", project: "p-1" },
      { baseUrl: "https://us-east5-aiplatform.googleapis.com/v1" },
    ],
    [
      "a gateway in front of Bedrock",
      { type: "bedrock", base_url: "https://gateway.example.com/aws", region: "us-east-1" },
      { baseUrl: "https://gateway.example.com/aws" },
    ],
    [
      "a command",
      { type: "vertex", region: "global", project: "p-1", auth_command: ["gcloud", "auth", "print-access-token"] },
      { auth: { type: "renewed", source: { type: "command", command: ["gcloud", "auth", "print-access-token"] } } },
    ],
    [
      "a file, in a header of its own",
      {
        type: "anthropic",
        base_url: "https://api.anthropic.com",
        auth_file: "/run/secrets/key",
        auth_header: "x-api-key",
        big_model: "passthrough",
        small_model: "passthrough",
      },
      { auth: { type: "renewed", source: { type: "file", file: "/run/secrets/key" }, header: "x-api-key" } },
    ],
    [
      "Azure's deployments",
      {
        type: "openai",
        base_url: "https://r.openai.azure.com/openai/deployments/{model}?api-version=2025-04-01-preview",
        auth_value: "key-1",
        auth_header: "api-key",
        big_model: "d",
        small_model: "d",
      },
      {
        baseUrl: "https://r.openai.azure.com/openai/deployments/{model}?api-version=2025-04-01-preview",
        auth: { type: "api_key", keys: ["key-1"], header: "api-key" },
      },
    ],
    [
      "certificates of its own",
      {
        type: "anthropic",
        base_url: "https://g.internal",
        auth_value: "k-1",
        big_model: "passthrough",
        small_model: "passthrough",
        tls: { ca: "ca.pem", cert: "c.pem", key: "k.pem", server_name: "gateway" },
      },
      { tls: { ca: "ca.pem", cert: "c.pem", key: "k.pem", serverName: "gateway" } },
    ],
  ] as const)("%s", (_what, document, expected) => {
    const result = parse(document);
    if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join("\n"));
    expect(result.config.providers[0]).toMatchObject(expected);
    expect(result.warnings).toEqual([]);
  });
});

describe("what is wrong with a cloud's provider", () => {
  const native = {
    type: "anthropic",
    base_url: "https://api.anthropic.com",
    big_model: "passthrough",
    small_model: "passthrough",
  };
  test.each([
    ["no place", { type: "bedrock" }, /^provider "a" has no region; add region, or base_url for another endpoint$/],
    [
      "no project",
      { type: "vertex", region: "global" },
      /^provider "a" has no project; add project: my-project-1234: it is part of the address/,
    ],
    [
      "no region with a base URL",
      { type: "vertex", base_url: "https://g.example.com/v1", project: "p-1" },
      /has no region; add region: global/,
    ],
    [
      "a region that is none",
      { type: "bedrock", region: "us-east-1.evil.com/" },
      /region is no region; write one such as us-east-1/,
    ],
    [
      "a project that is none",
      { type: "vertex", region: "global", project: "../x" },
      /project is "\.\.\/x"; write the id of a Google Cloud project/,
    ],
    [
      "passthrough at Bedrock",
      { type: "bedrock", region: "us-east-1", auth_type: "passthrough" },
      /passthrough forwards an Anthropic credential, and a bedrock provider cannot use one; write auth_type: aws$/,
    ],
    [
      "AWS's signature at OpenAI's",
      { ...native, type: "openai", base_url: "https://x.example/v1", auth_type: "aws" },
      /auth_type: aws signs requests to AWS/,
    ],
    [
      "a command without one",
      { ...native, auth_type: "command" },
      /has no auth_command; add auth_command: \[program, argument\]/,
    ],
    ["a file without one", { ...native, auth_type: "file" }, /has no auth_file; add auth_file: PATH/],
    [
      "a command as one text",
      { ...native, auth_command: "gcloud auth print-access-token" },
      /auth_command must be a list/,
    ],
    [
      "a key beside a command",
      { ...native, auth_type: "command", auth_command: ["x"], auth_value: "k-1" },
      /auth_value is not used with auth_type: command; remove it/,
    ],
    [
      "a project at Anthropic's",
      { ...native, auth_value: "k-1", project: "p-1" },
      /project only means something for providers of type vertex; remove it$/,
    ],
    [
      "a query at Anthropic's",
      { ...native, base_url: "https://api.anthropic.com?api-version=1", auth_value: "k-1" },
      /holds a query, which only openai providers take/,
    ],
    [
      "a certificate without its key",
      { ...native, auth_value: "k-1", tls: { cert: "c.pem" } },
      /tls\.cert is there and tls\.key is not; add tls\.key, since a client certificate needs both files$/,
    ],
    [
      "no base URL",
      { type: "anthropic", auth_value: "k-1", big_model: "passthrough", small_model: "passthrough" },
      /^provider "a" has no base_url; add one, such as base_url: https:/,
    ],
  ] as const)("%s", (_what, document, expected) => {
    expect(messages(document)).toEqual([expect.stringMatching(expected)]);
  });

  test("an argument of a command is never shown", () => {
    expect(messages({ ...native, auth_type: "command", auth_command: ["x", " sk-secret"] }).join()).not.toContain(
      "sk-secret",
    );
  });
});
