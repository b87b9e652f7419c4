import { describe, expect, it } from "vitest";
import { endOfTurn } from "./turn.ts";

describe("endOfTurn", () => {
  it("lets all who wait in one turn go on together, and those of the next one later", async () => {
    const seen: string[] = [];
    const waiting = ["a", "b"].map((name) => endOfTurn().then(() => seen.push(name)));
    setImmediate(() => {
      seen.push("immediate");
      waiting.push(endOfTurn().then(() => seen.push("c")));
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(["a", "b", "immediate"]);
    await Promise.all(waiting);
    expect(seen).toEqual(["a", "b", "immediate", "c"]);
  });
});
