import type { BalancerConfig } from "@ccpb/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Control, ControlCommand, ControlTarget } from "./control.ts";
import { ControlBoard, movesOfReload } from "./control-board.ts";

class Times {
  nowMs = 0;
  wallMs = 1_700_000_000_000;
  board(): ControlBoard {
    return new ControlBoard({ now: () => this.nowMs, wallNow: () => this.wallMs });
  }
  advance(ms: number): void {
    this.nowMs += ms;
    this.wallMs += ms;
  }
}

const a: ControlTarget = { type: "provider", provider: "a" };
const order = (action: ControlCommand["action"], target: ControlTarget, forMs?: number): ControlCommand => ({
  action,
  target,
  by: "ops",
  reason: null,
  ...(forMs !== undefined && { forMs }),
});
const shown = (board: ControlBoard) => board.inForce().map(({ target, state }) => [JSON.stringify(target), state]);

describe("the board", () => {
  it("keeps the last decision about each target, until it is taken back or over", () => {
    const times = new Times();
    const board = times.board();
    expect(board.decide(order("disable", a, 1_000))).toMatchObject({ before: "free", after: "disabled" });
    expect(board.decide(order("drain", a))).toMatchObject({ before: "disabled", after: "draining" });
    times.advance(5_000);
    expect(board.inForce()).toMatchObject([{ state: "draining", remainingMs: null }]);
    board.decide(order("disable", a, 1_000));
    times.advance(1_000);
    expect(board.inForce()).toEqual([]);
    expect(board.decide(order("enable", a))).toMatchObject({ before: "free", freed: 0 });
  });

  it("takes back what is decided of the parts with the whole, and a part alone", () => {
    const board = new Times().board();
    const parts = [
      { ...a, keyIndex: 0 },
      { ...a, model: "m" },
      { ...a, keyIndex: 0, model: "m" },
    ] as const;
    for (const part of [...parts, { type: "provider", provider: "ab" } as const]) board.decide(order("disable", part));
    expect(board.decide(order("enable", parts[0])).freed).toBe(1);
    expect(board.decide(order("enable", a)).freed).toBe(2);
    expect(shown(board)).toEqual([['{"type":"provider","provider":"ab"}', "disabled"]]);
  });

  it("follows keys through a reload, and forgets providers that are gone", () => {
    const board = new Times().board();
    const config = (...keys: string[]): BalancerConfig => ({
      providers: [{ name: "a", type: "anthropic", baseUrl: "https://a.test", auth: { type: "api_key", keys } }],
    });
    board.decide(order("disable", { ...a, keyIndex: 0 }));
    board.decide(order("disable", { type: "provider", provider: "b" }));
    board.decide(order("block", { type: "client", client: "alice" }));
    board.retain(movesOfReload(config("one", "two"), config("two", "one")));
    expect(board.inForce().map(({ target }) => target)).toEqual([
      { ...a, keyIndex: 1 },
      { type: "client", client: "alice" },
    ]);
    board.retain(movesOfReload(config("two", "one"), config("two")));
    expect(board.inForce()).toHaveLength(1);
  });

  it("keeps a thousand decisions, those in force before those taken back", () => {
    const board = new Times().board();
    const client = (index: number): ControlTarget => ({ type: "client", client: String(index) });
    board.decide(order("block", client(0)));
    board.decide(order("block", client(1)));
    board.decide(order("unblock", client(1)));
    for (let index = 2; index <= 1_000; index += 1) board.decide(order("block", client(index)));
    expect([board.all().length, shown(board)[0]?.[0]]).toEqual([1_000, '{"type":"client","client":"0"}']);
    board.decide(order("block", client(1_001)));
    expect([board.all().length, shown(board)[0]?.[0]]).toEqual([1_000, '{"type":"client","client":"2"}']);
  });

  it("takes in nothing that could not be outdone, and nothing that is over", () => {
    const times = new Times();
    const board = times.board();
    const control: Control = {
      target: a,
      state: "disabled",
      version: times.wallMs,
      forMs: 5,
      remainingMs: 5,
      by: "x",
      reason: null,
    };
    for (const version of [times.wallMs + 25 * 3_600_000, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(board.take({ ...control, version })).toBe(false);
    }
    expect(board.take({ ...control, remainingMs: 0 })).toBe(false);
    expect(board.take({ ...control, version: times.wallMs + 23 * 3_600_000 })).toBe(true);
    board.decide(order("enable", a));
    expect(board.inForce()).toEqual([]);
  });

  it("comes to the same on every server, in whatever order and however often news arrives", () => {
    const acts = fc.array(
      fc.record({
        host: fc.integer({ min: 0, max: 2 }),
        action: fc.constantFrom("disable" as const, "drain" as const, "enable" as const),
        target: fc.constantFrom<ControlTarget>(a, { ...a, keyIndex: 1 }, { type: "provider", provider: "b" }),
        skewMs: fc.integer({ min: -5, max: 5 }),
      }),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(acts, fc.infiniteStream(fc.nat()), (list, numbers) => {
        const boards = [new Times().board(), new Times().board(), new Times().board()];
        const news: Control[] = [];
        for (const { host, action, target } of list) {
          news.push(...(boards[host]?.decide(order(action, target)).changed ?? []));
        }
        const random = numbers[Symbol.iterator]();
        const mixed = [...news, ...news]
          .map((control) => ({ control, place: Number(random.next().value) }))
          .toSorted((one, other) => one.place - other.place);
        for (const board of boards) for (const { control } of mixed) board.take(control);
        const views = boards.map((board) => shown(board).map(String).toSorted());
        expect(views[1]).toEqual(views[0]);
        expect(views[2]).toEqual(views[0]);
      }),
    );
  });
});
