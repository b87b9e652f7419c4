import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openLog, type LogOptions } from "./logger.ts";
import { createRedactor } from "./redact.ts";
import type { Log } from "./log-types.ts";

let folder: string;
let console: PassThrough;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ccpb-log-"));
  console = new PassThrough();
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

function open(options: Partial<LogOptions> = {}): Log {
  return openLog({ level: "INFO", file: null, console, secrets: [], ...options });
}

function written(): string {
  return String(console.read() ?? "");
}

describe("a log line", () => {
  it("is one JSON object: level, timestamp, event, the data without what is undefined, message", () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 1, 3, 4, 5, 6, 7) });
    const log = open();
    const data = { request_id: "r", stream: false, ms: 1.5, none: null, gone: undefined, list: [{ a: 1 }] };
    log.write("WARNING", "request_failure", 'says "no"\n', data);
    expect(written()).toBe(
      '{"level":"WARNING","timestamp":"2026-02-03T04:05:06.007Z","event":"request_failure","request_id":"r","stream":false,' +
        '"ms":1.5,"none":null,"list":[{"a":1}],"message":"says \\"no\\"\\n"}\n',
    );
    vi.setSystemTime(Date.UTC(2026, 1, 3, 4, 5, 7, 70));
    log.write("INFO", "server_stopped", "é\u2028\ud800");
    const { timestamp, message } = JSON.parse(written()) as Record<string, string>;
    expect([timestamp, message]).toEqual(["2026-02-03T04:05:07.070Z", "é\u2028\ud800"]);
  });

  it("is written whatever its data are", () => {
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    open().write("ERROR", "server_error", "odd", { circular, big: 1n, nan: Number.NaN, run: () => 1 });
    expect(JSON.parse(written())).toMatchObject({ circular: "[no JSON]", big: "[no JSON]", nan: null, message: "odd" });
  });

  it("is left out below the level, which can change", () => {
    const log = open({ level: "WARNING" });
    log.write("INFO", "request_received", "no");
    expect([written(), log.isEnabled("INFO"), log.isEnabled("WARNING")]).toEqual(["", false, true]);
    log.setLevel("DEBUG");
    log.write("DEBUG", "model_selection", "yes");
    expect(written()).toContain("yes");
  });

  it("is readable at once where somebody watches", () => {
    const log = open({ prettify: (line) => line.toUpperCase() });
    log.write("INFO", "request_received", "one");
    expect(written()).toContain("ONE");
  });
});

describe("lines that wait for others", () => {
  it("are written as one after a moment, to the file and to the console alike", async () => {
    const file = join(folder, "logs", "balancer.jsonl");
    const log = open({ joinMs: 30, file });
    const chunks: string[] = [];
    console.on("data", (chunk) => chunks.push(String(chunk)));
    for (const text of ["one", "two", "three"]) log.write("INFO", "request_received", text);
    expect(chunks).toEqual([]);
    await vi.waitFor(() => expect(chunks).toHaveLength(1), 30_000);
    await log.close();
    expect(readFileSync(file, "utf8")).toBe(chunks[0]);
    expect(chunks[0]?.match(/one|two|three/g)).toEqual(["one", "two", "three"]);
  });

  it("do not wait when there are many", () => {
    const log = open({ joinMs: 60_000 });
    for (let index = 0; index < 100; index += 1) log.write("INFO", "request_received", "x".repeat(1000));
    expect(written().length).toBeGreaterThan(64_000);
  });

  it("come whole and in order, whatever is in them and however long they are", async () => {
    const file = join(folder, "balancer.jsonl");
    const log = open({ joinMs: 60_000, file });
    const texts = ["é", "日本語", "😀\ud800", "y".repeat(30_000), "ü".repeat(100_000), "z"];
    for (const text of texts) log.write("INFO", "request_received", text);
    await log.close();
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { readonly message: string }).message)).toEqual(texts);
  });

  it("are out when the log is closed, and when the process says that it ends", async () => {
    const file = join(folder, "balancer.jsonl");
    const log = open({ joinMs: 60_000, file, secrets: ["a-secret-value"] });
    log.write("INFO", "request_received", "first a-secret-value");
    log.writeOut();
    expect(readFileSync(file, "utf8")).toContain("first [redacted]");
    expect(written()).toContain("first [redacted]");
    log.write("INFO", "request_received", "second");
    await log.close();
    expect(readFileSync(file, "utf8").match(/first|second/g)).toEqual(["first", "second"]);
    log.writeOut();
    expect(written()).not.toContain("first");
  });

  it("hold no secret that was taken out of the configuration meanwhile", () => {
    const log = open({ joinMs: 60_000, secrets: ["the-old-secret"] });
    log.write("INFO", "request_received", "the-old-secret");
    log.setRedactor(createRedactor(["the-new-secret"]));
    log.write("INFO", "request_received", "the-new-secret");
    log.writeOut();
    expect(written()).not.toMatch(/the-(?:old|new)-secret/);
  });
});

describe("a log file that cannot be written", () => {
  it("is said on the console, its lines are counted while that lasts, and the service goes on", async () => {
    const dropped: number[] = [];
    const lost: number[] = [];
    // A file where its folder should be: nobody can write there, not even root.
    const file = join(import.meta.filename, "balancer.jsonl");
    const losses = {
      onLinesDropped: (count: number) => void dropped.push(count),
      onLinesLost: (count: number) => void lost.push(count),
    };
    const log = open({ file, joinMs: 1, losses: () => losses });
    log.write("INFO", "request_received", "one");
    await vi.waitFor(() => expect(dropped).toEqual([1]), 30_000);
    const said = written();
    expect(said).toContain("the log file cannot be written");
    expect(said).toContain("1 lines did not get into the log file");
    log.writeOut();
    log.write("INFO", "request_received", "two");
    await vi.waitFor(() => expect(written()).toContain("two"), 30_000);
    expect([dropped, lost]).toEqual([[1, 1], [1]]);
    await log.close();
  });
});
