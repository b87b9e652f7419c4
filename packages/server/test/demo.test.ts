import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterEach, describe, expect, it, vi } from "vitest";
import { runDemo } from "../src/demo/demo.ts";
import { Narrator, wrap } from "../src/demo/narrator.ts";

afterEach(() => vi.restoreAllMocks());

describe("the demo", () => {
  it("shows every scene, ends by itself with 0, and leaves nothing behind", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ccpb-demo-"));
    vi.spyOn(process, "cwd").mockReturnValue(folder);
    const output = new Capture();
    const code = await runDemo({ stdout: output });
    expect(code, output.text).toBe(0);
    expect(await readdir(folder)).toEqual([]);
    await rm(folder, { recursive: true });
    const scenes = output.text.split(/\n(?=\d\. )/);
    expect(scenes.map((scene) => scene.split("\n", 1)[0]).slice(1)).toHaveLength(7);
    expect(scenes[1]).toMatch(/alpha │ Blue light/);
    expect(scenes[2]).toMatch(
      /beta {2}│ Long waves[^]*✓ alpha: status 500 \(attempt 1\); served by beta \(attempt 2\)/,
    );
    expect(scenes[3]).toMatch(/alpha is out for another [\d.]+ s[^]*beta {2}│ The moon/);
    expect(scenes[4]).toMatch(/alpha is back in( … [\d.]+)+ … now\n[^]*alpha │ On Mars/);
    expect(scenes[5]).toMatch(/beta {2}│ Because a rainbow/);
    expect(scenes[6]).toMatch(/503, Retry-After: \d\n[^]*All providers are currently\s+unavailable/);
    expect(scenes[7]).toMatch(/alpha │ Still here[^]*✓ All 7 scenes/);
  });

  it.each([
    ["after alpha has failed", "status 500 (attempt 1)"],
    ["before it asks while alpha cools", "What about the moon?"],
    ["after alpha has hung up", "200, then cut (attempt 1)"],
    ["before it asks while both cool", "Hello?"],
  ])("is as it should be on a machine that stands still %s", async (_when, text) => {
    let hasStood = false;
    const output = new Capture((all) => {
      if (hasStood || !all.includes(text)) return;
      hasStood = true;
      // Longer than the longest cooldown after one failure.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_500);
    });
    const code = await runDemo({ stdout: output });
    expect(hasStood).toBe(true);
    expect(code, output.text).toBe(0);
  });

  it("is plain and narrow where there is no terminal, and coloured where there is one", async () => {
    const controller = new AbortController();
    const plain = new Capture(() => controller.abort());
    await runDemo({ stdout: plain, signal: controller.signal });
    expect(plain.text).not.toContain("\u001B");
    for (const line of plain.text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    vi.stubEnv("NO_COLOR", undefined);
    const second = new AbortController();
    const terminal = Object.assign(new Capture(() => second.abort()), { isTTY: true });
    await runDemo({ stdout: terminal, signal: second.signal });
    expect(terminal.text).toContain("\u001B[1m");
    vi.unstubAllEnvs();
  });

  it("ends with 130 when it is interrupted", async () => {
    const controller = new AbortController();
    const output = new Capture((text) => {
      if (text.includes("Blue light")) controller.abort();
    });
    expect(await runDemo({ stdout: output, signal: controller.signal })).toBe(130);
  });

  it("ends with 1, and says what was expected, when something is not as it should be", async () => {
    const real = globalThis.fetch;
    vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
      const response = await real(url, init);
      return new Response(response.body, {
        headers: { ...Object.fromEntries(response.headers), "x-ccpb-attempts": "7" },
      });
    });
    const output = new Capture();
    expect(await runDemo({ stdout: output })).toBe(1);
    expect(output.text).toMatch(/✗ the number of attempts should be 1, but is 7\n$/);
  });

  it("ends with 1 when an answer is broken off", async () => {
    const real = globalThis.fetch;
    vi.spyOn(globalThis, "fetch").mockImplementation(async (url, init) => {
      const response = await real(url, init);
      const text = await response.text();
      return new Response(text.replace(/event: message_stop[^]*/, ""), { headers: response.headers });
    });
    const output = new Capture();
    expect(await runDemo({ stdout: output })).toBe(1);
    expect(output.text).toContain('✗ the last event should be "message_stop", but is "message_delta"');
  });
});

describe("the narrator", () => {
  it("wraps what is spoken at whole words, however it comes in pieces", () => {
    const words =
      "a sentence that is long enough to be broken once or twice because it does not fit into one line of a terminal of eighty columns";
    const outputs = [1, 3, 8, 1000].map((size) => {
      const output = new Capture();
      const narrator = new Narrator(output, false);
      narrator.begin("alpha");
      for (let at = 0; at < words.length; at += size) narrator.speak(words.slice(at, at + size));
      narrator.pause();
      return output.text;
    });
    expect(new Set(outputs).size).toBe(1);
    const lines = (outputs[0] ?? "").trimEnd().split("\n");
    expect(lines.every((line) => line.length <= 78 && line === line.trimEnd())).toBe(true);
    expect(lines.map((line) => line.replace(/^ {3}alpha │ /, "")).join(" ")).toBe(words);
  });

  it("lets a word that is longer than a line stand alone", () => {
    expect(wrap(`a ${"b".repeat(30)} c`, 20)).toEqual(["a", "b".repeat(30), "c"]);
  });
});

class Capture extends Writable {
  text = "";
  readonly #onText: (text: string) => void;

  constructor(onText: (text: string) => void = () => undefined) {
    super();
    this.#onText = onText;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.text += chunk.toString();
    this.#onText(this.text);
    callback();
  }
}
