import { describe, expect, it } from "vitest";
import { readExplanation } from "./read-explanation.ts";

const candidate = (standing: string): object => ({ provider: "a", key: 1, upstream_model: "m", standing, why: "" });
const refused = { outcome: "refused", provider: null, waits_for: null, in: 1 };
const held = { outcome: "wait", provider: null, waits_for: "hold", in: 60 };
const served = { outcome: "served", provider: "a", waits_for: null, in: null };

describe("what happens to a new request is read of an explanation", () => {
  it.each([
    ["no provider covers the model", { candidates: [], next_request: null }, null],
    ["all of them are disabled by an operator", { candidates: [], next_request: refused }, refused],
    ["all of them are drained, one for a minute", { candidates: [], next_request: held }, held],
    ["one serves", { candidates: [candidate("usable")], next_request: served }, served],
    ["an older server has no candidate", { candidates: [] }, null],
    ["an older server has one", { candidates: [candidate("usable")] }, served],
    ["an older server has one that cools down", { candidates: [candidate("open")] }, { ...refused, in: null }],
  ])("where %s", (_where, members, next) => {
    expect(readExplanation({ model: "m", others: [], ...members })?.next_request).toEqual(next);
  });
});
