import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FailureNotes } from "./notes.ts";

const windowMs = 300_000;

describe("a failure that may be the request's fault", () => {
  test.each<{ name: string; digest: string; scope: string; atMs: number; is: string }>([
    { name: "is the first of its scope", digest: "x", scope: "other", atMs: 1, is: "nothing" },
    { name: "repeats itself", digest: "x", scope: "s", atMs: 1, is: "same" },
    { name: "is confirmed by a different request", digest: "y", scope: "s", atMs: 0, is: "another" },
    { name: "is confirmed until the window ends", digest: "y", scope: "s", atMs: windowMs - 1, is: "another" },
    { name: "is forgotten when the window ends", digest: "y", scope: "s", atMs: windowMs, is: "nothing" },
  ])("$name", ({ digest, scope, atMs, is }) => {
    const notes = new FailureNotes();
    expect(notes.note("s", "x", { nowMs: 0, windowMs })).toBe("nothing");
    expect(notes.note(scope, digest, { nowMs: atMs, windowMs })).toBe(is);
  });

  test("is forgotten where something was served at its scope, and at no other", () => {
    const notes = new FailureNotes();
    for (const scope of ["s", "t", "u"]) notes.note(scope, "x", { nowMs: 0, windowMs });
    notes.clear(["s", "t", "never noted"]);
    const answers = ["s", "t", "u"].map((scope) => notes.note(scope, "y", { nowMs: 1, windowMs }));
    expect(answers).toEqual(["nothing", "nothing", "another"]);
  });

  test("is held against the one before it alone", () => {
    const notes = new FailureNotes();
    const answers = ["x", "y", "y", "x"].map((digest) => notes.note("s", digest, { nowMs: 0, windowMs }));
    expect(answers).toEqual(["nothing", "another", "same", "another"]);
  });

  test("starts the window anew each time", () => {
    const notes = new FailureNotes();
    notes.note("s", "x", { nowMs: 0, windowMs });
    notes.note("s", "x", { nowMs: windowMs - 1, windowMs });
    expect(notes.note("s", "y", { nowMs: windowMs + 1, windowMs })).toBe("another");
  });
});

test("one request, repeated for ever, never confirms itself", () => {
  const moments = fc.array(fc.record({ scope: fc.constantFrom("s", "t", "u"), afterMs: fc.nat(400_000) }));
  fc.assert(
    fc.property(moments, (history) => {
      const notes = new FailureNotes();
      let nowMs = 0;
      for (const { scope, afterMs } of history) {
        nowMs += afterMs;
        expect(notes.note(scope, "poison", { nowMs, windowMs })).not.toBe("another");
      }
    }),
  );
});

test("at most 256 scopes are remembered, those noted last", () => {
  const notes = new FailureNotes();
  for (let index = 0; index < 10_000; index += 1) notes.note(`s${index}`, "x", { nowMs: 0, windowMs });
  expect(notes.size).toBe(256);
  expect(notes.note("s9999", "y", { nowMs: 0, windowMs })).toBe("another");
  expect(notes.note("s9744", "y", { nowMs: 0, windowMs })).toBe("another");
  expect(notes.note("s9743", "y", { nowMs: 0, windowMs })).toBe("nothing");
});
