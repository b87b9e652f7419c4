import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { KeyRing } from "./key-ring.ts";

const alice = { name: "alice", role: "client" } as const;
const ops = { name: "ops", role: "operator" } as const;
const sha256 = (key: string): string => createHash("sha256").update(key).digest("hex");

/** As long as the value of `content-type`, which is then looked at more closely. */
const plainKey = "application-key!";
const hiddenKey = "known-by-its-digest";

const rings = {
  plain: new KeyRing([
    { caller: alice, key: plainKey },
    { caller: ops, key: "another-key" },
  ]),
  digest: new KeyRing([{ caller: alice, key: { sha256: sha256(plainKey).toUpperCase() } }]),
  both: new KeyRing([
    { caller: ops, key: { sha256: sha256(hiddenKey) } },
    { caller: alice, key: plainKey },
  ]),
};
const everyRing = Object.entries(rings);
const ways = [
  ["x-api-key", plainKey],
  ["api-key", plainKey],
  ["authorization", `Bearer ${plainKey}`],
  ["authorization", `bearer   ${plainKey} `],
] as const;

describe("a ring of keys", () => {
  describe.each(everyRing)("(%s)", (_, ring) => {
    it.each(ways)("finds the caller by %s: %s, and takes that header away", (name, value) => {
      const headers = { "content-type": "application/json", accept: "application/json", [name]: value };
      expect(ring.callerOf(headers)).toBe(alice);
      expect(JSON.parse(JSON.stringify(ring.without(headers)))).toEqual({
        "content-type": "application/json",
        accept: "application/json",
      });
      // The request itself stays as it came.
      expect(headers).toHaveProperty(name, value);
    });

    it("takes every header away that holds a key of ours, wherever it stands", () => {
      const headers = { "x-api-key": plainKey, "x-copy": plainKey, "x-bearer": `Bearer ${plainKey}`, "x-app": "cli" };
      expect(JSON.parse(JSON.stringify(ring.without(headers)))).toEqual({ "x-app": "cli" });
    });

    it.each([
      ["a beginning", plainKey.slice(0, -1)],
      ["one of the same length", "application/json"],
      ["more", `${plainKey}x`],
      ["another case", plainKey.toUpperCase()],
      ["its digest", sha256(plainKey)],
      ["nothing", ""],
    ])("knows no caller by %s of a key, and leaves it in place", (_what, value) => {
      const headers = { "x-api-key": value, authorization: `Bearer ${value}` };
      expect(ring.callerOf(headers)).toBeUndefined();
      expect(ring.without(headers)).toEqual(headers);
    });
  });

  it("goes on to the next header where one holds no key of ours, and leaves that one to the provider", () => {
    const headers = { "x-api-key": "sk-ant-of-the-provider", authorization: `Bearer ${hiddenKey}` };
    expect(rings.both.callerOf(headers)).toBe(ops);
    expect(rings.both.without(headers)).toEqual({ "x-api-key": "sk-ant-of-the-provider" });
  });

  it("takes two keys of ours away where a request shows both", () => {
    const headers = { "x-api-key": plainKey, authorization: `Bearer ${hiddenKey}` };
    expect(rings.both.callerOf(headers)).toBe(alice);
    expect(rings.both.without(headers)).toEqual({});
  });

  it("counts the first of two clients with one key", () => {
    const ring = new KeyRing([
      { caller: ops, key: plainKey },
      { caller: alice, key: { sha256: sha256(plainKey) } },
    ]);
    expect(ring.callerOf({ "x-api-key": plainKey })).toBe(ops);
  });

  it("without keys knows no caller and changes no headers", () => {
    const headers = { "x-api-key": plainKey };
    expect(new KeyRing([]).callerOf(headers)).toBeUndefined();
    expect(new KeyRing([]).without(headers)).toBe(headers);
  });

  it.each([
    [{}, "no API key"],
    [{ authorization: "Basic YTpi" }, "no API key"],
    [{ "x-api-key": "wrong" }, "an API key that is not valid here"],
    [{ authorization: "Bearer wrong" }, "an API key that is not valid here"],
  ])("says of %j that it has %s", (headers, found) => {
    expect(rings.plain.refusalOf(headers)).toMatchObject({ status: 401, message: expect.stringContaining(found) });
  });
});
