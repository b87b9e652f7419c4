import { describe, expect, it } from "vitest";
import { makeSignature, readSignature, type SignatureEnvelope } from "./signature.ts";

describe("the envelope of thinking signatures", () => {
  const envelopes: readonly SignatureEnvelope[] = [
    { provider: "deepseek", origin: { kind: "rc" } },
    { provider: undefined, origin: { kind: "none" } },
    { provider: "c", model: "m", origin: { kind: "ro", member: "reasoning_opaque", value: "x" } },
    { provider: "o", origin: { kind: "rs", id: "rs_1", encryptedContent: "gAAAAé" } },
    { provider: "o", origin: { kind: "rs", id: "rs_1", encryptedContent: "x", phase: "commentary" } },
    { provider: "openrouter", origin: { kind: "rd", details: [{ type: "reasoning.encrypted", data: "你" }] } },
  ];

  it("is read as it was made", () => {
    for (const envelope of envelopes) {
      const signature = makeSignature(envelope);
      expect(signature).toMatch(/^ccpb1\.[A-Za-z0-9_-]+$/);
      expect(readSignature(signature)).toEqual(envelope);
    }
  });

  it("is not read into what others made", () => {
    for (const signature of ["", "EqQBCgIYAhIM", "gAAAAABm", undefined, null, 3])
      expect(readSignature(signature)).toBeUndefined();
  });

  it("leaves the text of a block whose envelope is cut", () => {
    const signature = makeSignature({ provider: "p", origin: { kind: "rd", details: [1] } });
    expect(readSignature(signature.slice(0, -3))).toEqual({ provider: undefined, origin: { kind: "rc" } });
  });

  it("replays nothing of a kind that it does not know", () => {
    const forged = `ccpb1.${Buffer.from('{"p":"x","k":"zz"}').toString("base64url")}`;
    expect(readSignature(forged)).toEqual({ provider: "x", origin: { kind: "none" } });
  });
});
