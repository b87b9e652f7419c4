import { describe, expect, it } from "vitest";
import type { MessagesRequest } from "../protocol/anthropic.ts";
import { estimateTokens } from "./estimate.ts";
import { textTokens } from "./text-tokens.ts";

const ask = (content: unknown, more: object = {}): MessagesRequest =>
  ({ model: "m", messages: [{ role: "user", content }], ...more }) as MessagesRequest;

const prose = "the quick brown fox jumps over the lazy dog and runs away ".repeat(8);
const proseTokens = textTokens(prose);
const bare = estimateTokens(ask(""));

/** What a block adds to an empty turn. */
function added(block: unknown): number {
  return estimateTokens(ask([block])) - bare;
}

/** Within one, for the rounding. */
function about(tokens: number, more = 0): unknown {
  return expect.toSatisfy((value: number) => Math.abs(value - tokens - more) <= 1, `about ${tokens + more}`);
}

const base64 = (...bytes: readonly (number | string)[]): string =>
  Buffer.concat(
    bytes.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from([part]))),
  ).toString("base64");
const image = (data: string): unknown => ({ type: "image", source: { type: "base64", media_type: "image/png", data } });
const two = (value: number): readonly [number, number] => [value >> 8, value & 0xff];

describe("estimateTokens", () => {
  it("is never below 1, even for nothing", () => {
    expect(bare).toBeGreaterThanOrEqual(1);
    expect(estimateTokens({ model: "gemini-3", messages: [] }, { factor: 0 })).toBe(1);
  });

  it("counts system, tools, tool calls, results and thinking", () => {
    const tool = { name: "f", description: prose, input_schema: { type: "object", properties: {} } };
    expect(estimateTokens(ask("", { system: prose })) - bare).toEqual(about(proseTokens));
    expect(estimateTokens(ask("", { system: [{ type: "text", text: prose }] })) - bare).toEqual(about(proseTokens));
    expect(estimateTokens(ask("", { tools: [tool] })) - bare).toBeGreaterThan(proseTokens);
    expect(added({ type: "tool_use", id: "c", name: "f", input: { a: prose } })).toBeGreaterThan(proseTokens);
    expect(added({ type: "tool_result", tool_use_id: "c", content: prose })).toEqual(about(proseTokens));
    expect(added({ type: "tool_result", tool_use_id: "c", content: [{ type: "text", text: prose }] })).toEqual(
      about(proseTokens),
    );
    expect(added({ type: "thinking", thinking: prose, signature: "y".repeat(5000) })).toEqual(about(proseTokens));
    expect(added({ type: "hologram", data: { a: prose }, signature: "y".repeat(5000) })).toEqual(
      about(proseTokens, 11),
    );
  });

  it("multiplies what a tokeniser makes of the texts, and nothing else", () => {
    const request = ask([{ type: "text", text: prose }, image("AAAA")]);
    const [once, twice] = [1, 2].map((factor) => estimateTokens(request, { factor }));
    expect((twice ?? 0) - (once ?? 0)).toEqual(about(proseTokens));
  });

  it("takes a tokeniser", () => {
    expect(estimateTokens(ask("one two three"), { countText: (text) => text.split(" ").length }) - bare).toBe(3);
  });

  it("counts for the model that will read the prompt, whatever the client asked for", () => {
    const request = ask(prose, { model: "claude-sonnet-4-5", tools: [{ name: "f", input_schema: {} }] });
    const asked = estimateTokens(request);
    expect(asked - estimateTokens({ ...request, tools: [] })).toBeGreaterThan(468);
    expect(estimateTokens(request, { model: "claude-opus-4-8" })).not.toBe(asked);
    expect(estimateTokens(request, { model: "gpt-5.6" })).toBeLessThan(asked - 400);
    expect(
      estimateTokens(ask(prose, { model: "claude-sonnet-4-5", tools: request.tools, tool_choice: { type: "any" } })),
    ).toBe(asked + 94);
  });

  const png = base64(
    "\u0089PNG\r\n\u001A\n",
    "\0\0\0\rIHDR",
    "\0\0",
    ...two(1000),
    "\0\0",
    ...two(1000),
    "\b\u0006\0\0\0",
  );
  const gif = base64("GIF89a", 200, 0, 200, 0, "\0\0\0");
  const vp8 = base64("RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\u009D\u0001\u002A", 0x90, 0x01, 0x2c, 0x01, "\0\0");
  const vp8l = base64("RIFF\0\0\0\0WEBPVP8L\0\0\0\0\u002F", 0x8f, 0x01, 0x4b, 0x00, "\0\0\0");
  const vp8x = base64("RIFF\0\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0", 0x8f, 0x01, 0x00, 0x2b, 0x01, 0x00, "\0\0");
  const jpeg = base64(
    "\u00FF\u00D8\u00FF\u00E1\0\u0012",
    "e".repeat(16),
    "\u00FF\u00FF\u00C2\0\u0011\b",
    ...two(300),
    ...two(400),
    "\u0003",
    "\0".repeat(9),
  );

  it.each([
    ["PNG", png, Math.ceil(1_000_000 / 750)],
    ["GIF", gif, Math.ceil(40_000 / 750)],
    ["lossy WebP", vp8, 160],
    ["lossless WebP", vp8l, Math.ceil((400 * 301) / 750)],
    ["extended WebP", vp8x, Math.ceil((400 * 300) / 750)],
    ["JPEG with EXIF", jpeg, 160],
    ["cut PNG", png.slice(0, 16), 1500],
    ["no image", "AAAA", 1500],
    ["no base64", "%%%", 1500],
  ])("counts an image by the pixels that its header tells: %s", (_name, data, tokens) => {
    expect(added(image(data))).toBe(tokens);
  });

  it("counts 1500 for an image that it cannot see, and never more than the largest image costs", () => {
    expect(added({ type: "image", source: { type: "url", url: "https://x/y.png" } })).toBe(1500);
    expect(added({ type: "image", source: null })).toBe(1500);
    const huge = base64(
      "\u0089PNG\r\n\u001A\n",
      "\0\0\0\rIHDR",
      "\0\0",
      ...two(9000),
      "\0\0",
      ...two(9000),
      "\b\u0006\0\0\0",
    );
    expect(added(image(huge))).toBe(4784);
  });

  it("counts a PDF by its pages", () => {
    const pdf = (text: string): unknown => ({
      type: "document",
      source: { type: "base64", media_type: "application/pdf", data: base64(text) },
    });
    expect(added(pdf("%PDF-1.4 << /Type /Pages /Kids [1 0 R] /Count 3 >>"))).toBe(3 * 2250);
    expect(added(pdf("%PDF-1.4 << /Type /Page >> << /Type/Page /Parent 1 0 R >> << /Type /Pages >>"))).toBe(2 * 2250);
    expect(added(pdf("%PDF-1.7 compressed"))).toBe(2250);
  });

  it("counts a text document by its text", () => {
    expect(added({ type: "document", source: { type: "text", media_type: "text/plain", data: prose } })).toEqual(
      about(proseTokens),
    );
    expect(added({ type: "document", source: { type: "content", content: prose } })).toEqual(about(proseTokens));
  });

  it("throws at nothing", () => {
    let deep: unknown = "x";
    for (let level = 0; level < 20_000; level += 1) deep = [deep];
    for (const request of [
      null,
      1,
      "x",
      [],
      {},
      { messages: 1 },
      { messages: [null, 1, { content: [null, 1, deep] }], system: 3, tools: [null, 4] },
    ]) {
      expect(estimateTokens(request as unknown as MessagesRequest)).toBeGreaterThanOrEqual(1);
    }
    expect(added({ type: "tool_use", id: "c", name: "f", input: deep })).toBeGreaterThan(0);
    const loop: Record<string, unknown> = { type: "hologram" };
    loop["itself"] = loop;
    expect(added(loop)).toBe(0);
  });

  it("takes less than 5 ms for a body of 500 kB", () => {
    const word = "const answer = compute(input, options); // 42\n";
    const request = ask(
      Array.from({ length: 50 }, (_, index) => ({ type: "text", text: word.repeat(150) + index })),
      {
        tools: Array.from({ length: 40 }, (_, index) => ({
          name: `tool_${index}`,
          description: word.repeat(60),
          input_schema: {
            type: "object",
            properties: Object.fromEntries(
              Array.from({ length: 12 }, (_, one) => [`p${one}`, { type: "string", description: word }]),
            ),
          },
        })),
      },
    );
    expect(JSON.stringify(request).length).toBeGreaterThan(450_000);
    const times = Array.from({ length: 15 }, () => {
      const start = performance.now();
      estimateTokens(request);
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(5);
  });
});
