import { describe, expect, it } from "vitest";
import { ResponseItems, withItems } from "./response-items.ts";

const encoder = new TextEncoder();
const requestOf = (input: unknown) => ({ body: encoder.encode(JSON.stringify({ model: "gpt-5.6", input })) });
const bodyOf = ({ body }: { readonly body?: unknown }): unknown =>
  JSON.parse(new TextDecoder().decode(body as Uint8Array));
const item = (id: string, text = "") => ({ type: "message", id, role: "assistant", content: text });

describe("references to items", () => {
  it("are replaced by the items that are known, and left alone where none is", () => {
    const items = new ResponseItems();
    items.keep("alice", item("msg_1", "Hello"));
    const request = requestOf([
      { role: "user", content: "Hi" },
      { type: "item_reference", id: "msg_1" },
      { type: "item_reference", id: "msg_2" },
    ]);
    expect(bodyOf(withItems(request, items, "alice") as typeof request)).toEqual({
      model: "gpt-5.6",
      input: [{ role: "user", content: "Hi" }, item("msg_1", "Hello"), { type: "item_reference", id: "msg_2" }],
    });
  });

  it("leave nothing behind of what was found in the body that came", () => {
    const items = new ResponseItems();
    items.keep("alice", item("msg_1", "Hello"));
    const request = { ...requestOf([{ type: "item_reference", id: "msg_1" }]), memberOffsets: [1, 8, 9, 18] };
    expect(withItems(request, items, "alice")).not.toHaveProperty("memberOffsets");
    expect(withItems(request, items, "bob")).toBe(request);
  });

  it("mean nothing when they come from another client", () => {
    const items = new ResponseItems();
    items.keep("alice", item("msg_1"));
    const request = requestOf([{ type: "item_reference", id: "msg_1" }]);
    expect(withItems(request, items, "bob")).toBe(request);
  });

  it.each([
    ["words", [{ role: "user", content: "what is an item_reference?" }]],
    ["a text", "item_reference"],
    ["an id that is no text", [{ type: "item_reference", id: 1 }]],
    ["null", [null, { type: "item_reference" }]],
  ])("are not found in %s", (_, input) => {
    const request = requestOf(input);
    expect(withItems(request, new ResponseItems(), "alice")).toBe(request);
  });

  it("leaves a body that is no JSON to whoever reads it", () => {
    const request = { body: encoder.encode('{"input": [{"type": "item_reference"') };
    expect(withItems(request, new ResponseItems(), "alice")).toBe(request);
  });
});

describe("the items that are kept", () => {
  it("are 10,000 at most, the oldest forgotten first", () => {
    const items = new ResponseItems();
    for (let index = 0; index <= 10_000; index += 1) items.keep("alice", item(`msg_${index}`));
    expect(items.find("alice", "msg_0")).toBeUndefined();
    expect(items.find("alice", "msg_1")).toBeDefined();
  });

  it("are 32 million characters at most, and an item of more than a million is not kept", () => {
    const items = new ResponseItems();
    items.keep("alice", item("msg_huge", "x".repeat(1_000_001)));
    expect(items.find("alice", "msg_huge")).toBeUndefined();
    for (let index = 0; index < 40; index += 1) items.keep("alice", item(`msg_${index}`, "x".repeat(900_000)));
    const kept = Array.from({ length: 40 }, (_, index) => items.find("alice", `msg_${index}`)).filter(Boolean);
    expect(kept.length).toBe(35);
    expect(items.find("alice", "msg_39")).toBeDefined();
  });

  it("count once where one is kept again", () => {
    const items = new ResponseItems();
    for (let round = 0; round < 100; round += 1) items.keep("alice", item("msg_1", "x".repeat(900_000)));
    items.keep("alice", item("msg_2"));
    expect(items.find("alice", "msg_1")).toBeDefined();
  });
});
