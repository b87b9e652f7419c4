import { describe, expect, it } from "vitest";
import { TextTokenizer } from "./text-tokenizer.ts";

const script = (source: string): URL => new URL(`data:text/javascript,${encodeURIComponent(source)}`);
const head = 'import { parentPort } from "node:worker_threads"; import { threadId } from "node:worker_threads";';
const lengths = script(
  `${head} parentPort.on("message", ({ id, texts }) => parentPort.postMessage({ id, counts: texts.map((text) => text.length) }));`,
);
const threads = script(
  `${head} parentPort.on("message", ({ id }) => parentPort.postMessage({ id, counts: [threadId] }));`,
);

// What a thread on a busy machine may take to start and to answer.
const answerMs = 60_000;

describe("TextTokenizer", () => {
  it("counts in a thread, several at a time", async () => {
    using tokenizer = new TextTokenizer({ script: lengths, answerMs });
    const counts = await Promise.all([["a", "bcd"], [], ["ef"]].map((texts) => tokenizer.countTexts(texts)));
    expect(counts).toEqual([[1, 3], [], [2]]);
  });

  it("keeps its thread between counts, and starts another after idling", async () => {
    using tokenizer = new TextTokenizer({ script: threads, idleMs: 30, answerMs });
    const first = await tokenizer.countTexts([]);
    expect(await tokenizer.countTexts([])).toEqual(first);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await tokenizer.countTexts([])).not.toEqual(first);
  });

  it.each([
    ["cannot be loaded", new URL("file:///nowhere/at-all.js")],
    ["fails", script("throw new Error('no');")],
    ["ends", script("process.exit(0);")],
  ])("goes without a thread that %s", async (_what, broken) => {
    using tokenizer = new TextTokenizer({ script: broken });
    expect(await tokenizer.countTexts(["a"])).toBeUndefined();
    expect(await tokenizer.countTexts(["a"])).toBeUndefined();
  });

  it("goes without one that does not answer in time", async () => {
    using tokenizer = new TextTokenizer({ script: script("setInterval(() => {}, 1000);"), answerMs: 20 });
    expect(await tokenizer.countTexts(["a"])).toBeUndefined();
  });

  it("lets go of whoever waits when it is disposed", async () => {
    const tokenizer = new TextTokenizer({ script: script("setInterval(() => {}, 1000);") });
    const waiting = tokenizer.countTexts(["a"]);
    tokenizer[Symbol.dispose]();
    expect(await waiting).toBeUndefined();
  });

  it("does not let more than a hundred counts wait", async () => {
    using tokenizer = new TextTokenizer({ script: lengths, answerMs });
    const counts = await Promise.all(Array.from({ length: 150 }, () => tokenizer.countTexts(["a"])));
    expect(counts.filter((count) => count === undefined).length).toBe(50);
  });
});
