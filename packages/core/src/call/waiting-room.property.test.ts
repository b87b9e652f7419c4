import * as fc from "fast-check";
import { expect, test } from "vitest";
import { WaitingRoom } from "./waiting-room.ts";

type Doing = "nothing" | "serve" | "enter" | "leave" | "remove";

const steps = fc.array(
  fc.record({
    group: fc.constantFrom("a", "b", "c"),
    kind: fc.constantFrom("enter", "enter", "leave", "free"),
    pick: fc.nat(),
    slots: fc.integer({ min: 1, max: 4 }),
    /** What the waiter does in the middle of its start. */
    doing: fc.constantFrom<Doing>("nothing", "nothing", "serve", "enter", "leave", "remove"),
  }),
  { maxLength: 60 },
);

interface Known {
  readonly id: number;
  readonly group: string;
  readonly place: Disposable;
}

/** A room with a model of who waits in it beside it; `slots` starts are allowed. */
class Stage {
  readonly room = new WaitingRoom();
  readonly waiting = new Map<number, Known>();
  readonly starts: { readonly id: number; readonly group: string; readonly rivals: readonly number[] }[] = [];
  slots = 0;
  #nextId = 0;

  enter(group: string, doing: Doing): void {
    const id = this.#nextId++;
    const place = this.room.enter({ group, tryStart: () => this.#tryStart(id, group, doing) });
    this.waiting.set(id, { id, group, place });
  }

  leave(pick: number): void {
    const all = [...this.waiting.values()];
    const one = all[pick % Math.max(1, all.length)];
    if (!one) return;
    this.waiting.delete(one.id);
    one.place[Symbol.dispose]();
  }

  #tryStart(id: number, group: string, doing: Doing): boolean {
    if (this.slots === 0) return false;
    this.slots -= 1;
    const own = this.waiting.get(id);
    expect(own).toBeDefined();
    this.waiting.delete(id);
    this.starts.push({ id, group, rivals: [...this.waiting.keys()] });
    if (doing === "serve") {
      this.slots += 1;
      this.room.serve();
    }
    if (doing === "enter") this.enter(group, "nothing");
    if (doing === "remove") this.leave(id);
    if (doing === "leave") {
      own?.place[Symbol.dispose]();
      this.enter(group, "nothing");
    }
    return true;
  }
}

test("no waiter is lost and none starts twice, whatever happens while the room serves", () => {
  fc.assert(
    fc.property(steps, (history) => {
      const stage = new Stage();
      for (const { kind, group, pick, slots, doing } of history) {
        if (kind === "enter") stage.enter(group, doing);
        if (kind === "leave") stage.leave(pick);
        if (kind === "free") {
          stage.slots += slots;
          stage.room.serve();
          // Either everybody went, or every place was given away.
          expect(Math.min(stage.slots, stage.waiting.size)).toBe(0);
          stage.slots = 0;
        }
        expect(stage.room.size).toBe(stage.waiting.size);
      }
      stage.slots = 1_000;
      stage.room.serve();
      expect([stage.waiting.size, stage.room.size]).toEqual([0, 0]);
      const ids = stage.starts.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }),
    { numRuns: 400 },
  );
});

const queues = fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 40 });

test("within a session the first to come is the first to go", () => {
  fc.assert(
    fc.property(queues, fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 40 }), (groups, openings) => {
      const stage = new Stage();
      for (const group of groups) stage.enter(group, "nothing");
      for (const slots of [...openings, 40]) {
        stage.slots = slots;
        stage.room.serve();
      }
      for (const group of ["a", "b", "c", "d"]) {
        const ids = stage.starts.filter((start) => start.group === group).map(({ id }) => id);
        expect(ids).toEqual(ids.toSorted((a, b) => a - b));
      }
    }),
  );
});

test("no session gets a second turn while another that waited all the time has had none", () => {
  fc.assert(
    fc.property(queues, fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 40 }), (groups, openings) => {
      const stage = new Stage();
      for (const group of groups) stage.enter(group, "nothing");
      for (const slots of [...openings, 40]) {
        stage.slots = slots;
        stage.room.serve();
      }
      const { starts } = stage;
      starts.forEach(({ group }, index) => {
        const next = starts.findIndex((later, at) => at > index && later.group === group);
        if (next === -1) return;
        const served = new Set(starts.slice(index + 1, next).map((start) => start.group));
        const waited = (starts[next]?.rivals ?? []).map((id) => groups[id]).filter((other) => other !== group);
        for (const other of waited) expect(served).toContain(other);
      });
    }),
  );
});
