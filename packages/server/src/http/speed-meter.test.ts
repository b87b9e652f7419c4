import { describe, expect, it } from "vitest";
import { SpeedMeter } from "./speed-meter.ts";

const encoder = new TextEncoder();

/** Answers what a meter shows after each second in which `events` came ten times. */
function speeds(path: string, event: string, seconds = 4): (number | null)[] {
  const meter = new SpeedMeter(path, 0);
  const shown: (number | null)[] = [];
  for (let step = 1; step <= seconds * 10; step += 1) {
    meter.add(encoder.encode(event), step * 100);
    if (step % 10 === 0) shown.push(meter.perSecond(step * 100));
  }
  return shown;
}

describe("the speed of an answer", () => {
  const text = "four and more words in a row 40 chars ok";
  it.each([
    [
      "/v1/messages",
      `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"${text}"}}\n\n`,
    ],
    [
      "/v1/messages",
      `data: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"${text}"}}\n\n`,
    ],
    [
      "/v1/messages",
      `data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"${text}"}}\n\n`,
    ],
    ["/v1/chat/completions", `data: {"choices":[{"delta":{"content":"${text}"}}]}\n\n`],
    ["/v1/chat/completions", `data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"${text}"}}]}}]}\n\n`],
    ["/v1/responses", `data: {"type":"response.output_text.delta","delta":"${text}"}\n\n`],
  ])("at %s is that of its pieces: %s", (path, event) => {
    const [first, ...rest] = speeds(path, event);
    expect(first).toBe(100);
    for (const speed of rest) expect(speed).toBeGreaterThanOrEqual(90);
    for (const speed of rest) expect(speed).toBeLessThanOrEqual(111);
  });

  it("is null for what is no answer, and before a second has passed", () => {
    expect(speeds("/v1/messages", ": ping\n\n", 1)).toEqual([0]);
    expect(speeds("/v1/models", `{"text":"${text}"}`, 1)).toEqual([0]);
    const meter = new SpeedMeter("/v1/messages", 0);
    meter.add(encoder.encode(`data: {"delta":{"text":"${text}"}}\n\n`), 500);
    expect(meter.perSecond(900)).toBe(null);
  });

  it("falls to nothing where nothing comes any more", () => {
    const meter = new SpeedMeter("/v1/messages", 0);
    meter.add(encoder.encode(`data: {"delta":{"text":"${text}"}}\n\n`), 500);
    expect([meter.perSecond(1_000), meter.perSecond(5_000), meter.perSecond(60_000)]).toEqual([10, 2, 0]);
  });

  it("counts other scripts by their own measure, and takes a quote inside a text for none", () => {
    expect(speeds("/v1/messages", `data: {"delta":{"text":"${"好".repeat(15)}"}}\n\n`, 1)).toEqual([100]);
    expect(speeds("/v1/messages", `data: {"delta":{"text":"${'\\\\\\"'.repeat(10)}"}}\n\n`, 1)).toEqual([100]);
  });
});
