import type { BalancerConfig, ProviderConfig } from "@ccpb/core";
import { type Behaviour, type Dialect, refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { describe, expect, it } from "vitest";
import { askProviders } from "../../src/cli/live-check.ts";
import type { LiveResult } from "../../src/control/ask-provider.ts";
import { provider } from "../running-server.ts";

const places: readonly {
  readonly dialect: Dialect;
  readonly change: Partial<ProviderConfig>;
  readonly error: Behaviour;
  readonly words: string;
}[] = [
  {
    dialect: "bedrock",
    change: { type: "bedrock", region: "us-east-1" },
    error: refuse(403, {
      errorType: "AccessDeniedException",
      message: "You don't have access to the model with the specified model ID.",
    }),
    words: "You don't have access to the model with the specified model ID.",
  },
  {
    dialect: "vertex",
    change: { type: "vertex", region: "global", project: "p-1" },
    error: refuse(403, {
      errorType: "PERMISSION_DENIED",
      message: "Vertex AI API has not been used in project p-1 before or it is disabled.",
    }),
    words: "Vertex AI API has not been used in project p-1 before or it is disabled.",
  },
  {
    dialect: "anthropic",
    change: {},
    error: refuse(404, {
      errorType: "DeploymentNotFound",
      message: "The API deployment for this resource does not exist.",
    }),
    words: "The API deployment for this resource does not exist.",
  },
];

async function checked(config: BalancerConfig): Promise<LiveResult> {
  const [result] = await askProviders(config);
  if (result === undefined) throw new Error("nobody was asked");
  return result;
}

describe.each(places)("ccpb check --live against $dialect", ({ dialect, change, error, words }) => {
  const auth = {
    type: "renewed",
    source: { type: "command", command: [process.execPath, "-e", "console.log('live-token')"] },
  } as const;

  it("asks for one token with the credential of a command", async () => {
    await using upstream = await startFakeUpstream({ dialect, defaultBehaviour: text("H") });
    const result = await checked({ providers: [provider("cloud", upstream.url, { ...change, auth })] });
    expect(result).toMatchObject({ outcome: "answered" });
    expect(upstream.requests[0]?.headers["authorization"]).toBe("Bearer live-token");
    expect(upstream.requests[0]?.body).toMatchObject({ max_tokens: 1 });
  });

  it("shows the cloud's own words where it refuses", async () => {
    await using upstream = await startFakeUpstream({ dialect, defaultBehaviour: error });
    const result = await checked({ providers: [provider("cloud", upstream.url, { ...change, auth })] });
    expect(result).toMatchObject({ outcome: "failed", detail: expect.stringContaining(words) });
  });
});

it("ccpb check --live says what the command printed where it fails", async () => {
  const command = [process.execPath, "-e", "console.error('Please run gcloud auth login'); process.exit(1)"];
  const auth = { type: "renewed", source: { type: "command", command } } as const;
  const result = await checked({
    providers: [provider("cloud", "http://127.0.0.1:9/v1", { type: "vertex", region: "global", project: "p-1", auth })],
  });
  expect(result).toMatchObject({ outcome: "failed", detail: expect.stringContaining("Please run gcloud auth login") });
});
