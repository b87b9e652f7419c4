import { Writable } from "node:stream";
import { Balancer } from "@ccpb/core";
import { VirtualClock } from "@ccpb/core/testing";
import { describe, expect, it } from "vitest";
import { answerRequests, startTcpPeer } from "../../test/tcp-peer.ts";
import { postMessages, provider, until } from "../../test/running-server.ts";
import { App } from "../app/app.ts";
import { defaultServerSettings } from "../app/create-server.ts";
import { openLog } from "../log/logger.ts";
import { type Pause, recoverFromSleep, watchSleep } from "./sleep-watch.ts";

/** A clock whose timers can be made to fire late, as those of a process that was stopped. */
class StoppableClock extends VirtualClock {
  #lateMs = 0;

  override now(): number {
    return super.now() + this.#lateMs;
  }

  override wallNow(): number {
    return super.wallNow() + this.#lateMs;
  }

  stopFor(ms: number): void {
    this.#lateMs += ms;
  }
}

function watched(): { readonly clock: StoppableClock; readonly pauses: Pause[]; readonly watch: Disposable } {
  const clock = new StoppableClock();
  const pauses: Pause[] = [];
  return { clock, pauses, watch: watchSleep(clock, (pause) => pauses.push(pause)) };
}

describe("the watch for sleep", () => {
  const table: readonly (readonly [name: string, act: (clock: StoppableClock) => void, pauses: readonly Pause[]])[] = [
    ["nothing", () => undefined, []],
    ["a wall clock that runs 5 s ahead", (clock) => clock.jumpWall(5_000), []],
    ["a wall clock that runs 5.001 s ahead", (clock) => clock.jumpWall(5_001), [{ awayMs: 5_001, skippedMs: 5_001 }]],
    ["a night's sleep", (clock) => clock.jumpWall(28_800_000), [{ awayMs: 28_800_000, skippedMs: 28_800_000 }]],
    ["a wall clock that is set back", (clock) => clock.jumpWall(-3_600_000), []],
    ["a timer that is 5 s late", (clock) => clock.stopFor(5_000), []],
    ["a timer that is 5.001 s late", (clock) => clock.stopFor(5_001), [{ awayMs: 5_001, skippedMs: 0 }]],
    [
      "a wall clock that is set back behind a timer that is late",
      (clock) => {
        clock.stopFor(60_000);
        clock.jumpWall(-60_000);
      },
      [{ awayMs: 60_000, skippedMs: 0 }],
    ],
  ];
  for (const [name, act, expected] of table) {
    it(`makes of ${name} ${expected.length === 0 ? "nothing" : "one pause"}`, async () => {
      const { clock, pauses, watch } = watched();
      await clock.advance(12_000);
      act(clock);
      await clock.advance(30_000);
      expect(pauses).toEqual(expected);
      watch[Symbol.dispose]();
      expect(clock.pendingTimers).toBe(0);
    });
  }

  it("adds no pauses up from clocks that drift", async () => {
    const { clock, pauses } = watched();
    for (let minute = 0; minute < 60; minute += 1) {
      clock.jumpWall(1_000);
      await clock.advance(60_000);
    }
    expect(pauses).toEqual([]);
  });

  it("tells the balancer how much time its clock has missed, and nothing where it has missed none", async () => {
    const clock = new StoppableClock();
    const skipped: number[] = [];
    const balancer = Object.assign(
      new Balancer(
        {
          providers: [provider("one", "https://one.test", { enabled: false })],
        },
        { clock },
      ),
      {
        skipTime: (ms: number) => void skipped.push(ms),
      },
    );
    const log = openLog({ level: "ERROR", file: null, console: null, secrets: [], joinMs: 0 });
    let drops = 0;
    const watch = recoverFromSleep({ clock, balancer, transport: { dropParked: () => (drops += 1) }, log });
    clock.jumpWall(600_000);
    await clock.advance(5_000);
    clock.stopFor(600_000);
    await clock.advance(5_000);
    expect(skipped).toEqual([600_000]);
    expect(drops).toBe(2);
    watch[Symbol.dispose]();
  });

  it("closes the parked connections of a server that has slept, says so, and stops with the server", async () => {
    const body = `{"type":"message","role":"assistant","content":[{"type":"text","text":"pong"}],"stop_reason":"end_turn"}`;
    const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    await using peer = await startTcpPeer(answerRequests((socket) => socket.write(head + body)));
    const clock = new VirtualClock();
    let text = "";
    const console = new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        done();
      },
    });
    const log = openLog({ level: "INFO", file: null, console, secrets: [], joinMs: 0 });
    const server = { ...defaultServerSettings, port: 0 };
    const app = new App({ active: { config: { providers: [provider("p", peer.origin)] }, server }, log, clock });
    const url = await app.listen();
    expect((await postMessages(url)).status).toBe(200);
    clock.jumpWall(60_000);
    await clock.advance(5_000);
    await until(() => peer.sockets[0]?.destroyed === true);
    expect(text).toContain(`"event":"woke_up"`);
    expect((await postMessages(url)).status).toBe(200);
    expect(peer.sockets).toHaveLength(2);
    await app.close(0);
    expect(clock.pendingTimers).toBe(0);
    await log.close();
  });
});
