import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { anthropicMessage, anthropicStream } from "../src/fixtures/anthropic-answer.ts";
import { withAnyStamp } from "../src/fixtures/answer.ts";
import { smallBody } from "../src/fixtures/claude-code-body.ts";
import { endAllChildren } from "../src/rig/child-process.ts";
import { type LoadOptions, errorCount, runLoad } from "../src/rig/load.ts";
import { nativeProgram } from "../src/rig/native-program.ts";
import { cpuTicks, processUsage } from "../src/rig/process-usage.ts";
import { type Upstream, type UpstreamOptions, startUpstream, upstreamKey } from "../src/rig/upstream.ts";

const canBuild = process.platform === "linux" && spawnSync(process.env["CC"] ?? "cc", ["--version"]).status === 0;

describe.skipIf(!canBuild)("the upstream and the load generator (skipped without Linux and a C compiler)", () => {
  const folder = mkdtempSync(join(tmpdir(), "ccpb-bench-"));
  const { body, marks } = smallBody({ bytes: 1_000, stream: true, model: "m" });
  let upstream: Upstream | undefined;

  beforeAll(() => {
    nativeProgram("upstream");
    nativeProgram("load");
  });
  afterEach(async () => {
    await upstream?.stop();
    upstream = undefined;
  });
  afterAll(() => {
    endAllChildren();
    rmSync(folder, { recursive: true, force: true });
  });

  async function exchange(serve: Partial<UpstreamOptions>, load: Partial<LoadOptions>) {
    const answer = serve.answer ?? anthropicStream("m", 30);
    upstream = await startUpstream({ answer, bodies: [body], marks: [], folder, processors: undefined, ...serve });
    const result = await runLoad({
      port: upstream.port,
      headers: { "x-api-key": upstreamKey },
      body,
      connections: 4,
      amount: { perConnection: 3 },
      answer: { exact: answer.body },
      folder,
      processors: undefined,
      patience: 5,
      ...load,
    });
    return { result, stats: await upstream.stats() };
  }

  it.each([1, 7, 100])("agree on a chunked stream written %i events at a time", async (partsPerWrite) => {
    const { result, stats } = await exchange({ partsPerWrite }, {});
    expect(result).toMatchObject({ requests: 12, sample: "" });
    expect(errorCount(result)).toBe(0);
    expect(stats).toMatchObject({ requests: 12, unexpected: 0, unauthorised: 0, matched: [12, 0, 0, 0] });
  });

  it("agree on a JSON answer, whose marks are found in order", async () => {
    const answer = anthropicMessage("m", 1_000);
    const { result } = await exchange({ answer }, { answer: { marks: answer.marks } });
    expect(result.requests).toBe(12);
  });

  it("find an answer that differs in one byte", async () => {
    const answer = anthropicStream("m", 30);
    const wrong = Buffer.from(answer.body);
    wrong[wrong.length - 5] = 0x21;
    const { result } = await exchange({ answer }, { answer: { exact: wrong }, amount: { perConnection: 1 } });
    expect(result).toMatchObject({ requests: 0, errors: { mismatch: 4 } });
    expect(result.sample).toMatch(/^HTTP\/1\.1 200/);
  });

  it("find an event that is missing or out of order", async () => {
    const answer = anthropicStream("m", 30);
    const swapped = answer.marks.toSpliced(5, 2, answer.marks[6] ?? "", answer.marks[5] ?? "");
    const { result } = await exchange({ answer }, { answer: { marks: swapped }, amount: { perConnection: 1 } });
    expect(result.errors.mismatch).toBe(4);
  });

  it("find a request that was altered on its way", async () => {
    const { result, stats } = await exchange({ bodies: [Buffer.from("{}")] }, { amount: { perConnection: 1 } });
    expect(result).toMatchObject({ requests: 0, errors: { status: 4 } });
    expect(stats.unexpected).toBe(4);
  });

  it("find a request without the provider's key", async () => {
    const { stats } = await exchange({ marks }, { headers: {}, amount: { perConnection: 1 } });
    expect(stats.unauthorised).toBe(4);
  });

  it("measure how late each stamped event of a paced stream comes", async () => {
    const answer = anthropicStream("m", 10, true);
    const { result } = await exchange(
      { answer, paceMs: 2 },
      { answer: { exact: withAnyStamp(answer.body) }, stamped: true, amount: { perConnection: 1 } },
    );
    expect(result.requests).toBe(4);
    expect(result.delayUs.count).toBe(40);
    expect(result.totalUs.p50).toBeGreaterThan(10 * 2_000);
  });

  it("report a connection that is refused instead of waiting", async () => {
    const { port, stop } = await startUpstream({
      answer: anthropicMessage("m", 500),
      bodies: [],
      marks: [],
      folder,
      processors: undefined,
    });
    await stop();
    const result = await runLoad({
      port,
      headers: {},
      body,
      connections: 2,
      amount: { perConnection: 1 },
      answer: { marks },
      folder,
      processors: undefined,
      patience: 5,
    });
    expect(result).toMatchObject({ requests: 0, errors: { connect: 2 } });
  });
});

describe("the use of a process", () => {
  it("is read behind a command name with spaces and parentheses", () => {
    const fields = ["S", ..."1 2 3 4 5 6 7 8 9 10".split(" "), "30", "7", "2", "1", "20"];
    expect(cpuTicks(`42 (node (x) y) ${fields.join(" ")}`)).toBe(40);
  });

  it.skipIf(process.platform !== "linux")("of this process is there, and of one that is gone is not", () => {
    expect(processUsage(process.pid)?.residentKb).toBeGreaterThan(1_000);
    expect(processUsage(2 ** 22 + 1)).toBeUndefined();
  });
});
