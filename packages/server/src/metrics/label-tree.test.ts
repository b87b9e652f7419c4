import { expect, test } from "vitest";
import { LabelTree } from "./label-tree.ts";

test("rows beyond 5,000 are counted together, and those that were there before go on", () => {
  const tree = new LabelTree(() => ({ count: 0 }));
  for (let index = 0; index < 20_000; index += 1) tree.at(["provider", String(index)]).count += 1;
  tree.at(["provider", "7"]).count += 1;
  const rows = new Map(tree.entries().map(([labels, { count }]) => [labels.join(" "), count]));
  expect(rows.size).toBe(5_001);
  expect(rows.get("provider 7")).toBe(2);
  expect(rows.get("other other")).toBe(15_000);
});
