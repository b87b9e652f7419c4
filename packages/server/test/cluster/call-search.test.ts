import { drop, startFakeUpstream, text } from "@ccpb/fake-upstream";
import { beforeAll, describe, expect, it } from "vitest";
import type { CallView } from "../../src/views/call-history.ts";
import type { FoundCalls } from "../../src/views/find-calls.ts";
import { buildBinary, providersYaml } from "../cli/ccpb-process.ts";
import { call, postMessages } from "../running-server.ts";
import { ask, WorkersStage } from "./stage.ts";

beforeAll(buildBinary);

describe("calls of two workers", () => {
  it.each([
    ["in the log", ""],
    ["in memory, where there is no log", '  log_file: ""\n'],
  ])("are found %s, whichever of them is asked and served them", async (_where, settings) => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi") });
    await using stage = await WorkersStage.start(providersYaml(upstream.url, settings));
    await ask(stage.url, 11, { model: "claude-opus-4-5" });
    await ask(stage.url, 3, { model: "claude-haiku-4-5" });
    for (let index = 0; index < 4; index += 1) {
      const find = async (query: string): Promise<FoundCalls> =>
        (await call(stage.url, `/ui/calls?${query}`)).json() as FoundCalls;
      // One that is silent for a second is left out.
      await expect.poll(() => find("")).toMatchObject({ matched: 14, searched: 14 });
      const haiku = async (): Promise<number[]> => {
        const { calls, matched } = await find("text=haiku");
        return [calls.length, matched, new Set(calls.map(({ id }) => id)).size];
      };
      await expect.poll(haiku).toEqual([3, 3, 3]);
    }
    if (settings !== "") return;
    // One that takes the place of another remembers nothing; the log does, once its lines are out.
    await stage.untilLines(() => stage.lines("request_completed").length >= 14);
    const [pid] = (await stage.pids()).values();
    process.kill(pid ?? 0, "SIGKILL");
    await stage.untilLines(() => stage.lines("worker_started").length >= 3);
    await expect
      .poll(async () => (await call(stage.url, "/ui/calls")).json() as FoundCalls)
      .toMatchObject({ matched: 14 });
  });

  it("say what they do while they are under way, whichever worker has them", async () => {
    await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: drop("stall") });
    await using stage = await WorkersStage.start(providersYaml(upstream.url));
    const asked = Array.from({ length: 4 }, () => postMessages(stage.url).catch(() => undefined));
    const phases = async (): Promise<unknown[]> =>
      ((await call(stage.url, "/ui/state")).json().calls as CallView[]).map(({ phase }) => phase);
    await expect.poll(phases, { timeout: 30_000 }).toEqual(["asking", "asking", "asking", "asking"]);
    await stage[Symbol.asyncDispose]();
    await Promise.all(asked);
  });
});
