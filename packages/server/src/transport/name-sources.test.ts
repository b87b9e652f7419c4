import { describe, expect, it } from "vitest";
import { addressesIn, lookupSlots, systemNames } from "./name-sources.ts";

const hosts = [
  "# a comment with 192.0.2.9 api.test",
  "127.0.0.1\tlocalhost",
  "::1 localhost ip6-localhost",
  "192.0.2.1  api.test API2.test. # the first",
  "not-an-address api.test",
  "2001:db8::1 api.test\r",
  "fe80::1%lo0 zone.test",
  "",
].join("\n");

describe("addresses of a hosts file", () => {
  const table: readonly (readonly [string, readonly string[]])[] = [
    ["localhost", ["127.0.0.1", "::1"]],
    ["api.test", ["192.0.2.1", "2001:db8::1"]],
    ["API.TEST", ["192.0.2.1", "2001:db8::1"]],
    ["api.test.", ["192.0.2.1", "2001:db8::1"]],
    ["api2.test", ["192.0.2.1"]],
    ["zone.test", ["fe80::1%lo0"]],
    ["first", []],
    ["test", []],
    ["", []],
  ];
  for (const [name, addresses] of table) {
    it(`are those of the lines that name "${name}"`, () => {
      expect(addressesIn(hosts, name).map(({ address }) => address)).toEqual(addresses);
    });
  }
});

describe("the machine's resolver", () => {
  it("knows this machine", async () => {
    const addresses = await new Promise((resolve) =>
      systemNames.system("localhost", (_error, found) => resolve(found)),
    );
    expect(addresses).not.toEqual([]);
  });

  it("is asked for as many names at once as libuv runs, so that a queue of ours shows which had no turn", () => {
    expect(lookupSlots({})).toBe(2);
    const table = { "": 1, "1": 1, "2": 1, "3": 2, "4": 2, "8": 4, "0": 1, "-3": 1, many: 1, "100000": 512 };
    for (const [threads, slots] of Object.entries(table)) {
      expect(lookupSlots({ UV_THREADPOOL_SIZE: threads }), threads).toBe(slots);
    }
  });
});
