import type { ProviderConfig } from "@ccpb/core";
import { VirtualClock } from "@ccpb/core/testing";
import { type BehaviourSource, type RecordedRequest, refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { askServer } from "../faults/fault-bench.ts";
import { call, provider, startTestServer } from "../running-server.ts";
import { awsKey, expectSignature } from "./aws-verify.ts";

beforeAll(() => {
  // AWS's chain reads these before anything else.
  vi.stubEnv("AWS_ACCESS_KEY_ID", awsKey.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", awsKey.secretAccessKey);
  vi.stubEnv("AWS_SESSION_TOKEN", awsKey.sessionToken);
});
afterAll(() => vi.unstubAllEnvs());

const hourMs = 3_600_000;
const awsPatienceMs = 300_000;

function signedAtMs({ headers }: RecordedRequest): number {
  const date = headers["x-amz-date"] ?? "";
  return Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}

/** Takes requests that were signed within five minutes of its own time, as AWS does. */
const asAws: BehaviourSource = (request) => {
  const awayMs = signedAtMs(request) - Date.now();
  if (Math.abs(awayMs) <= awsPatienceMs) return text("On time.");
  const message =
    awayMs < 0 ? "Signature expired: x is now earlier than y" : "Signature not yet current: x is still later than y";
  return refuse(403, { errorType: "InvalidSignatureException", message });
};

const clouds = [
  { dialect: "bedrock", change: { type: "bedrock", region: "us-east-1" }, service: "bedrock" },
  { dialect: "anthropic", change: {}, service: "aws-external-anthropic" },
] as const;

describe.each(clouds)(
  "signatures for a $dialect provider on a machine with a wrong clock",
  ({ dialect, change, service }) => {
    const signed: Partial<ProviderConfig> = {
      ...change,
      auth: { type: "renewed", source: { type: "aws", region: "us-east-1", service } },
    };

    it.each([
      ["behind", -3 * hourMs, "3 h behind"],
      ["ahead", 26 * hourMs, "26 h ahead of"],
    ])("are made once more by the provider's clock, and so from then on: %s", async (_which, wrongByMs, told) => {
      await using upstream = await startFakeUpstream({ dialect, defaultBehaviour: asAws });
      await using server = await startTestServer(
        { providers: [provider("cloud", upstream.url, signed)] },
        {},
        { clock: new VirtualClock(Date.now() + wrongByMs) },
      );
      const first = await askServer(server.url, { stream: true });
      expect(first).toMatchObject({ status: 200, headers: { "x-ccpb-attempts": "2" } });
      const later = await Promise.all([true, false, true].map((stream) => askServer(server.url, { stream })));
      for (const reply of later) expect(reply).toMatchObject({ status: 200, headers: { "x-ccpb-attempts": "1" } });
      expect(upstream.requests).toHaveLength(5);
      for (const request of upstream.requests) await expectSignature(request, { service, region: "us-east-1" });
      const [line, ...more] = server.lines("clock_corrected");
      expect(more).toEqual([]);
      expect(line).toMatchObject({ level: "WARNING", provider: "cloud" });
      expect(line?.["message"]).toContain(`this machine's clock is ${told} that of cloud`);
      const { providers } = JSON.parse((await call(server.url, "/providers")).body);
      expect(providers).toMatchObject([{ name: "cloud", healthy: true, failure_count: 0 }]);
    });

    it("are made by this machine's clock where that is right, and no clock is told of", async () => {
      await using upstream = await startFakeUpstream({ dialect, defaultBehaviour: asAws });
      await using server = await startTestServer({ providers: [provider("cloud", upstream.url, signed)] });
      expect(await askServer(server.url, { stream: true })).toMatchObject({ headers: { "x-ccpb-attempts": "1" } });
      expect(server.lines("clock_corrected")).toEqual([]);
    });

    it("that stay refused are the credential's failure, after one try more", async () => {
      const message = "Signature expired: x is now earlier than y";
      const never = refuse(403, { errorType: "InvalidSignatureException", message });
      await using upstream = await startFakeUpstream({ dialect, defaultBehaviour: never });
      await using spare = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Spare.") });
      await using server = await startTestServer({
        providers: [provider("cloud", upstream.url, signed), provider("spare", spare.url)],
      });
      const reply = await askServer(server.url, { stream: true });
      expect(reply).toMatchObject({ status: 200, headers: { "x-ccpb-provider": "spare" } });
      // By the provider's clock, and with a new credential.
      expect(upstream.requests).toHaveLength(3);
    });
  },
);
