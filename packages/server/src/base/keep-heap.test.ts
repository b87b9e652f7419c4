import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { keepHeapSwitch } from "./keep-heap.ts";

test("the switch is one that this version of V8 has, with milliseconds as its value", () => {
  const [name = "", value = ""] = keepHeapSwitch.split("=");
  const known = execFileSync(process.execPath, ["--v8-options"], { encoding: "utf8" });
  expect(known).toMatch(new RegExp(String.raw`${name} \(.*\)\s+type: int `));
  expect(Number(value)).toBeGreaterThan(24 * 60 * 60 * 1_000);
});
