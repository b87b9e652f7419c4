import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ToolNames } from "./tool-names.ts";

describe("ToolNames", () => {
  it("keeps names that the vendor takes", () => {
    const names = new ToolNames(["Bash", "mcp__a__b"]);
    expect(names.toUpstream("Bash")).toBe("Bash");
    expect(names.toClient.size).toBe(0);
  });

  it("shortens with a hash that depends on the name alone, so that a prompt cache matches in every request", () => {
    const long = `mcp__${"x".repeat(100)}`;
    const one = new ToolNames([long]).toUpstream(long);
    const other = new ToolNames(["a", long, "b"]).toUpstream(long);
    expect(one).toMatch(/^mcp__x{50}_[0-9a-f]{8}$/);
    expect(other).toBe(one);
  });

  it("gives distinct valid names to distinct names, and the client's back", () => {
    const name = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.string({ minLength: 60, maxLength: 70, unit: fc.constantFrom("a", "b", "é") }),
    );
    fc.assert(
      fc.property(fc.uniqueArray(name), (all) => {
        const names = new ToolNames(all);
        const made = all.map((one) => names.toUpstream(one));
        expect(new Set(made).size).toBe(all.length);
        for (const [index, one] of made.entries()) {
          expect(one).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
          expect(names.toClient.get(one) ?? one).toBe(all[index]);
        }
      }),
    );
  });

  it("never takes a valid name for a shortened one", () => {
    const long = "y".repeat(80);
    const short = new ToolNames([]).toUpstream(long);
    const names = new ToolNames([long, short]);
    expect(names.toUpstream(long)).not.toBe(short);
    expect(names.toUpstream(short)).toBe(short);
  });
});
