import { describe, expect, it } from "vitest";
import type { JsonObject } from "../base/json.ts";
import { chatToMessages } from "./chat/client-request.ts";
import { responsesToMessages } from "./responses/client-request.ts";

const model = "claude-opus-5";

/** The first content block of the request that a client's picture becomes. */
const doors: readonly (readonly [name: string, read: (url: string) => unknown])[] = [
  [
    "Chat Completions",
    (url) =>
      chatToMessages({ model, messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }] })
        .request.messages[0]?.content,
  ],
  [
    "Responses",
    (url) =>
      responsesToMessages({ model, input: [{ role: "user", content: [{ type: "input_image", image_url: url }] }] })
        .request.messages[0]?.content,
  ],
];

describe.each(doors)("a picture in a URL of %s", (_name, read) => {
  const base64 = (mediaType: string, data = "/9j/4AAQ"): readonly JsonObject[] => [
    { type: "image", source: { type: "base64", media_type: mediaType, data } },
  ];

  it.each([
    ["data:image/png;base64,/9j/4AAQ", base64("image/png")],
    ["data:image/jpg;base64,/9j/4AAQ", base64("image/jpeg")],
    ["data:image/JPG;base64,/9j/4AAQ", base64("image/jpeg")],
    ["DATA:image/png;BASE64,/9j/4AAQ", base64("image/png")],
    ["data:image/png;charset=utf-8;base64,/9j/4AAQ", base64("image/png")],
    ["data:image/png;base64,/9j/\r\n4A AQ\n", base64("image/png")],
    ["HTTPS://example.test/a.png", [{ type: "image", source: { type: "url", url: "HTTPS://example.test/a.png" } }]],
  ])("is one that the Messages API takes: %j", (url, expected) => {
    expect(read(url)).toEqual(expected);
  });

  it("is refused where it is neither", () => {
    for (const url of ["file:///a.png", "data:image/png,abc", "a.png"]) expect(() => read(url)).toThrow(/URL/);
  });
});
