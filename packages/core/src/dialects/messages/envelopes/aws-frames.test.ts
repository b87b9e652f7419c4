import { EventStreamCodec } from "@smithy/eventstream-codec";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AwsFrame, AwsFrameDecoder } from "./aws-frames.ts";
import { crc32 } from "./crc32.ts";

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes)),
  (text) => new TextEncoder().encode(text),
);

const strings = fc.string({ maxLength: 40, unit: "binary" });
const headerValues = fc.oneof(
  strings.map((value) => ({ type: "string" as const, value })),
  fc.boolean().map((value) => ({ type: "boolean" as const, value })),
  fc.integer({ min: -128, max: 127 }).map((value) => ({ type: "byte" as const, value })),
  fc.integer({ min: -32_768, max: 32_767 }).map((value) => ({ type: "short" as const, value })),
  fc.integer().map((value) => ({ type: "integer" as const, value })),
  fc.uint8Array({ maxLength: 30 }).map((value) => ({ type: "binary" as const, value })),
  fc.date({ noInvalidDate: true }).map((value) => ({ type: "timestamp" as const, value })),
);
const messages = fc.record({
  headers: fc.dictionary(fc.string({ minLength: 1, maxLength: 20 }), headerValues, { maxKeys: 4 }),
  body: fc.uint8Array({ maxLength: 200 }),
});

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function* split(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let from = 0;
  for (let index = 0; from < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    yield bytes.slice(from, from + size);
    from += size;
  }
}

function copyOf({ headers, payload }: AwsFrame): AwsFrame {
  return { headers: { ...headers }, payload: payload.slice() };
}

test("the checksum is the one of the catalogue", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcb_f4_39_26);
  expect(crc32(new Uint8Array())).toBe(0);
});

test("what AWS's own library encodes is read back, for any split", () => {
  fc.assert(
    fc.property(
      fc.array(messages, { maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1 }),
      (sent, sizes) => {
        const bytes = concat(sent.map((message) => codec.encode(message)));
        const decoder = new AwsFrameDecoder();
        const frames = [...split(bytes, sizes)].flatMap((chunk) => decoder.push(chunk).map(copyOf));
        expect(decoder.fault).toBeUndefined();
        expect(decoder.isWithinFrame).toBe(false);
        expect(frames).toEqual(
          sent.map(({ headers, body }) => ({
            headers: Object.fromEntries(
              Object.entries(headers).flatMap(([name, { type, value }]) =>
                type === "string" ? [[name, wellFormed(value)]] : [],
              ),
            ),
            payload: body,
          })),
        );
      },
    ),
  );
});

function wellFormed(text: unknown): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(String(text)));
}

describe("bytes that are no event stream", () => {
  test("any single changed byte is noticed, and only messages before it are given out", () => {
    fc.assert(
      fc.property(
        fc.array(messages, { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (sent, place, flip) => {
          const encoded = sent.map((message) => codec.encode(message));
          const bytes = concat(encoded);
          const at = place % bytes.length;
          bytes[at] = (bytes[at] as number) ^ flip;
          let whole = 0;
          for (let end = encoded[0]?.length ?? 0; end <= at; end += encoded[whole]?.length ?? Infinity) whole += 1;
          const decoder = new AwsFrameDecoder();
          expect(decoder.push(bytes)).toHaveLength(whole);
          expect(decoder.fault).toBeDefined();
          expect(decoder.push(codec.encode({ headers: {}, body: new Uint8Array() }))).toEqual([]);
        },
      ),
    );
  });

  test("a cut message is not given out, and is not a fault", () => {
    const bytes = codec.encode({ headers: {}, body: new Uint8Array(20) });
    for (let length = 1; length < bytes.length; length += 1) {
      const decoder = new AwsFrameDecoder();
      expect(decoder.push(bytes.subarray(0, length))).toEqual([]);
      expect([decoder.fault, decoder.isWithinFrame]).toEqual([undefined, true]);
    }
  });

  test("lengths beyond AWS's limits are refused as soon as they have come", () => {
    const prelude = (total: number, headers: number): Uint8Array => {
      const bytes = new Uint8Array(12);
      const view = new DataView(bytes.buffer);
      view.setUint32(0, total);
      view.setUint32(4, headers);
      view.setUint32(8, crc32(bytes.subarray(0, 8)));
      return bytes;
    };
    for (const [total, headers] of [
      [0xff_ff_ff_ff, 0],
      [15, 0],
      [30, 15],
      [1_000_000, 200_000],
    ] as const) {
      const decoder = new AwsFrameDecoder();
      decoder.push(prelude(total, headers));
      expect(decoder.fault).toBe("length");
    }
  });

  test("any bytes at all are taken without an exception", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const decoder = new AwsFrameDecoder();
        for (const chunk of split(bytes, [1])) decoder.push(chunk);
      }),
    );
  });
});
