import { describe, expect, test } from "vitest";
import { WaitingRoom, waiterLimit } from "./waiting-room.ts";

/** A room with `slots` places to be given away, and the order in which the waiters went. */
function stage(slots = 0) {
  const room = new WaitingRoom();
  const went: string[] = [];
  const state = { slots, tries: 0 };
  /** Enters a waiter of the session that its name begins with: `a1` is of `a`. */
  const enter = (name: string, onStart?: (place: Disposable) => void): Disposable => {
    const place = room.enter({
      group: name.slice(0, 1),
      tryStart: () => {
        state.tries += 1;
        if (state.slots < 1) return false;
        state.slots -= 1;
        went.push(name);
        onStart?.(place);
        return true;
      },
    });
    return place;
  };
  const free = (slots: number): string => {
    state.slots += slots;
    room.serve();
    return went.splice(0).join(" ");
  };
  return { room, state, enter, free };
}

describe("the waiting room", () => {
  test("lets the calls of one session go in the order of their coming", () => {
    const { enter, free } = stage();
    for (const name of ["a1", "a2", "a3"]) enter(name);
    expect([free(1), free(1), free(1)]).toEqual(["a1", "a2", "a3"]);
  });

  test("lets the sessions take turns, however many calls one has", () => {
    const { enter, free } = stage();
    for (const name of ["a1", "a2", "a3", "a4", "b1", "c1", "c2"]) enter(name);
    expect(free(7)).toBe("a1 b1 c1 a2 c2 a3 a4");
  });

  test("keeps the turn of a session from one opening to the next", () => {
    const { enter, free } = stage();
    for (const name of ["a1", "a2", "a3", "b1", "b2"]) enter(name);
    expect([1, 1, 1, 1, 1].map(free)).toEqual(["a1", "b1", "a2", "b2", "a3"]);
  });

  test("lets a session that comes later go before the second call of one that has had its turn", () => {
    const { enter, free } = stage();
    for (const name of ["a1", "a2", "a3"]) enter(name);
    expect(free(1)).toBe("a1");
    enter("b1");
    expect([free(1), free(1), free(1)]).toEqual(["a2", "b1", "a3"]);
  });

  test("lets a call go past one of its session that still has to wait", () => {
    const { room, enter, free } = stage();
    room.enter({ group: "a", tryStart: () => false });
    enter("a1");
    expect(free(1)).toBe("a1");
    expect(room.size).toBe(1);
  });

  test("does nothing while it is empty", () => {
    const { room, free } = stage();
    expect(free(3)).toBe("");
    expect(room.size).toBe(0);
  });

  test("keeps the calls that cannot go, and asks each of them once", () => {
    const { room, state, enter, free } = stage();
    for (const name of ["a1", "a2", "b1"]) enter(name);
    expect(free(0)).toBe("");
    expect([room.size, state.tries]).toEqual([3, 3]);
  });

  test("is full from its limit on, until a call leaves", () => {
    const { room, enter } = stage();
    const places = Array.from({ length: waiterLimit }, (_, index) => {
      expect(room.isFullFor(undefined)).toBe(false);
      return enter(`${"abcdefghij"[index % 10] ?? ""}${index}`);
    });
    expect([room.size, room.isFullFor(undefined)]).toEqual([waiterLimit, true]);
    places[500]?.[Symbol.dispose]();
    expect([room.size, room.isFullFor(undefined)]).toEqual([waiterLimit - 1, false]);
  });

  test("forgets a call that leaves, however often it says so", () => {
    const { room, enter, free } = stage();
    const place = enter("a1");
    enter("a2");
    place[Symbol.dispose]();
    place[Symbol.dispose]();
    expect(room.size).toBe(1);
    expect(free(2)).toBe("a2");
    expect(room.size).toBe(0);
  });

  test("goes on after a call that fails to start with an error", () => {
    const { room, enter, free } = stage();
    const broken = room.enter({
      group: "a",
      tryStart: () => {
        throw new Error("no start");
      },
    });
    enter("b1");
    expect(() => free(1)).toThrow("no start");
    broken[Symbol.dispose]();
    expect(free(0)).toBe("b1");
  });
});

describe("clients with names", () => {
  /** Enters `count` calls of a client, each of a session of its own, and tells who went. */
  function clients(priorities: Readonly<Record<string, number>> = {}) {
    const room = new WaitingRoom();
    const went: string[] = [];
    let slots = 0;
    let last = 0;
    const enter = (client: string | undefined, count: number): void => {
      for (let index = 0; index < count; index += 1) {
        const tryStart = (): boolean => {
          if (slots < 1) return false;
          slots -= 1;
          went.push(client ?? "-");
          return true;
        };
        const priority = client === undefined ? undefined : priorities[client];
        room.enter({ client, priority, group: `session ${++last}`, tryStart });
      }
    };
    const free = (count: number): string => {
      slots += count;
      room.serve();
      return went.splice(0).join("");
    };
    return { room, enter, free };
  }

  test("take turns, however many sessions one has", () => {
    const { enter, free } = clients();
    enter("a", 6);
    enter("b", 2);
    enter(undefined, 2);
    expect([free(3), free(1), free(2), free(4)]).toEqual(["ab-", "a", "b-", "aaaa"]);
  });

  test("of a higher priority go first, and take turns among each other", () => {
    const { enter, free } = clients({ b: 1, c: 1 });
    enter("a", 2);
    enter("b", 2);
    enter("c", 1);
    expect([free(1), free(2), free(2)]).toEqual(["b", "cb", "aa"]);
  });

  test("do not fill the room for others", () => {
    const { room, enter } = clients();
    enter("a", 500);
    expect([room.isFullFor("a"), room.isFullFor("b"), room.isFullFor(undefined)]).toEqual([true, false, false]);
    enter("b", 500);
    expect(room.isFullFor("c")).toBe(true);
  });
});

describe("while it serves", () => {
  test("a started call that ends at once gives its place to the next, without nesting", () => {
    const { room, state, enter, free } = stage();
    let depth = 0;
    for (let index = 0; index < 900; index += 1) {
      enter(`a${index}`, () => {
        depth += 1;
        expect(depth).toBe(1);
        state.slots += 1;
        room.serve();
        depth -= 1;
      });
    }
    expect(free(1).split(" ")).toHaveLength(900);
    expect(room.size).toBe(0);
  });

  test("a place that is freed after its turn was passed by is given away in the same serving", () => {
    const { room, state, enter, free } = stage();
    enter("a1");
    // It cannot go itself, and its end makes room for the one that was asked before it.
    let hasFreed = false;
    room.enter({
      group: "b",
      tryStart: () => {
        if (hasFreed) return false;
        hasFreed = true;
        state.slots += 1;
        room.serve();
        return false;
      },
    });
    expect(free(0)).toBe("a1");
  });

  test("a call that enters gets its turn", () => {
    const { enter, free } = stage();
    enter("a1", () => void enter("b1"));
    expect(free(2)).toBe("a1 b1");
  });

  test("a call that another one takes with it does not go", () => {
    const { room, enter, free } = stage();
    let second: Disposable | undefined;
    enter("a1", () => second?.[Symbol.dispose]());
    second = enter("b1");
    expect(free(2)).toBe("a1");
    expect(room.size).toBe(0);
  });

  test("a call that leaves as it starts takes no other of its session with it", () => {
    const { room, enter, free } = stage();
    enter("a1", (place) => {
      place[Symbol.dispose]();
      enter("a2");
    });
    expect(free(1)).toBe("a1");
    expect(room.size).toBe(1);
    expect(free(1)).toBe("a2");
  });
});
