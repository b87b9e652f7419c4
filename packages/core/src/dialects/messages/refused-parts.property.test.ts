import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatBytes } from "../../bytes/concat-bytes.ts";
import { omitMembers } from "../../conversation/request/omit-members.ts";
import { neutralNativeProfile } from "../../vendors/messages-profile.ts";
import { withoutRefusedParts } from "./refused-parts.ts";

const bytesOf = (value: unknown, indent = 0): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(value, null, indent));
const textOf = (parts: readonly Uint8Array[]): string => new TextDecoder().decode(concatBytes(parts));

const names = fc.constantFrom("a", "b", "c");
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(1, "x,]}", null),
    fc.dictionary(names, tie("tree"), { noNullPrototype: true }),
    fc.array(tie("tree"), { maxLength: 4 }),
  ),
}));
const body = fc.dictionary(names, tree, { noNullPrototype: true });
const path = fc
  .array(fc.constantFrom("a", "b", "c", "*"), { minLength: 1, maxLength: 4 })
  .map((steps) => steps.join("."));

describe("members that are left out of bytes", () => {
  it("are those that are left out of the parsed body, whatever stands beside them", () => {
    fc.assert(
      fc.property(body, fc.array(path, { maxLength: 3 }), fc.constantFrom(0, 2), (value, omit, indent) => {
        const parts = withoutRefusedParts([bytesOf(value, indent)], { ...neutralNativeProfile, omit });
        expect(JSON.parse(textOf(parts))).toEqual(omitMembers(value, omit));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("parts that are refused", () => {
  const pixel = { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" };
  const mark = { type: "ephemeral" };
  const request = {
    model: "m",
    messages: [
      {
        role: "user",
        content: [
          { type: "image", source: pixel, cache_control: mark },
          { type: "document", source: { type: "text", data: "kept" } },
          { type: "document", source: { ...pixel, media_type: "application/pdf" } },
          { type: "tool_result", tool_use_id: "t", content: [{ type: "image", source: pixel }] },
          { type: "tool_result", tool_use_id: "u", content: "text" },
        ],
      },
      { role: "assistant", content: "plain" },
    ],
  };

  it("have a text in their place, also in results of tools, and keep their mark for the cache", () => {
    const parts = withoutRefusedParts([bytesOf(request)], { ...neutralNativeProfile, images: false, files: false });
    const image = "[image omitted: this provider does not accept images]";
    const file = "[document omitted: this provider does not accept files]";
    expect(JSON.parse(textOf(parts))).toEqual({
      model: "m",
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: image, cache_control: mark },
            { type: "document", source: { type: "text", data: "kept" } },
            { type: "text", text: file },
            { type: "tool_result", tool_use_id: "t", content: [{ type: "text", text: image }] },
            { type: "tool_result", tool_use_id: "u", content: "text" },
          ],
        },
        { role: "assistant", content: "plain" },
      ],
    });
  });

  it("are none where the profile takes everything: the very same parts", () => {
    const parts = [bytesOf(request)];
    expect(withoutRefusedParts(parts, neutralNativeProfile)).toBe(parts);
  });
});
