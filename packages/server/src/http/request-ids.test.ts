import { expect, it } from "vitest";
import { RequestIds } from "./request-ids.ts";

it("never makes the same request id twice", () => {
  const ids = new RequestIds();
  const made = Array.from({ length: 2000 }, () => ids.next());
  expect(new Set(made).size).toBe(2000);
  for (const id of made) expect(id).toMatch(/^req_[0-9a-f]{32}$/);
});
