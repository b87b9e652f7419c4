import { describe, expect, it } from "vitest";
import type { InboundRequest } from "./inbound-request.ts";
import { RequestsUnderWay } from "./under-way.ts";

describe("RequestsUnderWay", () => {
  it("holds what was added and not removed, in any order of coming and going", () => {
    const underWay = new RequestsUnderWay();
    const all = Array.from({ length: 6 }, (_, id) => ({ id, place: 0 }) as unknown as InboundRequest);
    for (const inbound of all) underWay.add(inbound);
    for (const index of [0, 5, 3]) underWay.remove(all[index] as InboundRequest);
    underWay.add(all[3] as InboundRequest);
    const held = new Set(underWay);
    expect([underWay.size, held]).toEqual([4, new Set([all[1], all[2], all[3], all[4]])]);
    for (const inbound of underWay) underWay.remove(inbound);
    expect([underWay.size, [...underWay]]).toEqual([0, []]);
  });
});
