import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ToolCallIds } from "../request/tool-call-ids.ts";
import { decodeToolId, encodeToolId, readThoughtSignature, readToolId } from "./tool-ids.ts";

const wellFormed = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 120 }),
  fc.string({ maxLength: 120 }),
  fc.constantFrom("functions.add:0", "ccpbid_", "ccpbid_x", "a\u0000b", "\u0000", "call_1", "\uFEFFx"),
);

describe("the code of tool ids", () => {
  it("leaves plain ids alone", () => {
    for (const id of ["toolu_01D7FLrfh4GYq7yT1ULFeyMV", "call_abc", "c1", "a".repeat(64)])
      expect(encodeToolId(id)).toBe(id);
  });

  it("is taken back exactly, with or without a thought signature, and always of Anthropic's characters", () => {
    fc.assert(
      fc.property(
        wellFormed,
        fc.option(fc.base64String({ minLength: 1, maxLength: 400 }), { nil: undefined }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.option(fc.stringMatching(/^[0-9a-f.]{1,17}$/), { nil: undefined }),
        (id, signature, copy, maker) => {
          const code = encodeToolId(id, signature, copy, maker);
          expect(decodeToolId(code)).toBe(id);
          expect(readThoughtSignature(code)).toBe(signature);
          expect(readToolId(code).copy ?? 1).toBe(copy);
          expect(readToolId(code).maker).toBe(signature === undefined ? undefined : maker);
          if (id !== "" || signature) expect(code).toMatch(/^[A-Za-z0-9_-]+$/);
        },
      ),
    );
  });

  it("tells different ids apart", () => {
    fc.assert(
      fc.property(wellFormed, wellFormed, (one, other) => {
        fc.pre(one !== other);
        expect(encodeToolId(one)).not.toBe(encodeToolId(other));
      }),
    );
  });

  it("leaves ids alone that only look like codes", () => {
    for (const id of [
      "ccpbid_!",
      "ccpbid_A",
      "ccpbid_M00",
      "ccpbid_____",
      "ccpbid",
      "ccpbid1_Y2FsbF8w",
      "ccpbid0_Y2FsbF8w",
      "ccpbid02_Y2FsbF8w",
    ])
      expect(decodeToolId(id)).toBe(id);
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (rest) => {
        const id = `ccpbid_${rest}`;
        const decoded = decodeToolId(id);
        if (decoded !== id) expect(encodeToolId(decoded, readThoughtSignature(id))).toBe(id);
      }),
    );
  });
});

describe("the ids of one request's calls", () => {
  const formats = [
    { toolIdFormat: "openai", toolIdLimit: 64, pattern: /^.{1,64}$/su },
    { toolIdFormat: "openai", toolIdLimit: 40, pattern: /^.{1,40}$/su },
    { toolIdFormat: "plain", toolIdLimit: 64, pattern: /^[A-Za-z0-9_-]{1,64}$/ },
    { toolIdFormat: "mistral", toolIdLimit: 64, pattern: /^[A-Za-z0-9]{9}$/ },
  ] as const;

  it("never come twice, keep the vendor's form, and are the same in the next request", () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(wellFormed, fc.string({ minLength: 60, maxLength: 200 }))),
        fc.constantFrom(...formats),
        (ids, format) => {
          const claim = (): readonly string[] => {
            const claims = new ToolCallIds(format);
            return ids.map((id) => claims.claim(id));
          };
          const claimed = claim();
          expect(new Set(claimed).size).toBe(ids.length);
          for (const id of claimed) expect([...id].length === id.length ? id : "x").toMatch(format.pattern);
          expect(claim()).toEqual(claimed);
        },
      ),
    );
  });

  it("are found at once where a client sends one id ten thousand times", () => {
    const ids = new ToolCallIds({ toolIdFormat: "mistral", toolIdLimit: 64 });
    const claimed = Array.from({ length: 10_000 }, () => ids.claim("x"));
    expect(new Set(claimed).size).toBe(10_000);
  });

  it("keep what fits", () => {
    const ids = new ToolCallIds({ toolIdFormat: "openai", toolIdLimit: 64 });
    expect(ids.claim("toolu_01D7FLrfh4GYq7yT1ULFeyMV")).toBe("toolu_01D7FLrfh4GYq7yT1ULFeyMV");
    expect(ids.claim(encodeToolId("functions.add:0"))).toBe("functions.add:0");
    expect(new ToolCallIds({ toolIdFormat: "mistral", toolIdLimit: 64 }).claim("abcdefgh1")).toBe("abcdefgh1");
    const plain = encodeToolId("functions.add:0");
    expect(new ToolCallIds({ toolIdFormat: "plain", toolIdLimit: 64 }).claim(plain)).toBe(plain);
  });
});
