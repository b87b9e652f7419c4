import { describe, expect, test } from "vitest";
import type { QuotaWindow } from "../base/quota-window.ts";
import type { Candidate } from "../base/scope.ts";
import { Quotas } from "./quotas.ts";

const hour = 3_600_000;
const first: Candidate = { provider: "own", keyIndex: 0, model: "claude-opus-5" };
const second: Candidate = { provider: "own", keyIndex: 1, model: "claude-opus-5" };

function window(name: string, used: number, change: Partial<QuotaWindow> = {}): QuotaWindow {
  return { name, used, lengthMs: 5 * hour, resetsAtMs: hour, heardAtMs: 0, ...change };
}

function used(quotas: Quotas, candidate: Candidate, nowMs = 0): string[] | undefined {
  return quotas.of(candidate, nowMs)?.map((one) => `${one.name} ${one.used}`);
}

describe("the quota windows of credentials", () => {
  test("are those that the last answer stated, and older ones of other names", () => {
    const quotas = new Quotas();
    expect(used(quotas, first)).toBeUndefined();
    quotas.note(first, { account: [], model: [] });
    expect(used(quotas, first)).toEqual([]);
    quotas.note(first, { account: [window("5h", 0.1), window("7d", 0.2)], model: [] });
    quotas.note(first, { account: [window("5h", 0.3)], model: [] });
    quotas.note(first, { account: [], model: [] });
    expect(used(quotas, first)).toEqual(["5h 0.3", "7d 0.2"]);
    expect(used(quotas, second)).toBeUndefined();
  });

  test("count for the model that was asked, or for its family, where the provider says so", () => {
    const quotas = new Quotas();
    const sonnet = { ...first, model: "claude-sonnet-5" };
    quotas.note(first, { account: [window("7d_opus", 0.9, { family: "opus" })], model: [window("requests", 0.5)] });
    expect(used(quotas, first)).toEqual(["7d_opus 0.9", "requests 0.5"]);
    expect(used(quotas, sonnet)).toEqual([]);
  });

  test("start anew where they are long, and are forgotten where they are short", () => {
    const quotas = new Quotas();
    quotas.note(first, {
      account: [window("5h", 0.9), window("tokens", 0.9, { lengthMs: 60_000, resetsAtMs: 30_000 })],
      model: [window("requests", 0.9, { lengthMs: null, resetsAtMs: null })],
    });
    expect(used(quotas, first, 29_999)).toEqual(["5h 0.9", "tokens 0.9", "requests 0.9"]);
    expect(used(quotas, first, 60_000)).toEqual(["5h 0.9"]);
    const [anew] = quotas.of(first, 12 * hour) ?? [];
    expect(anew).toMatchObject({ used: 0, resetsAtMs: 16 * hour });
  });

  test.each([hour, 24 * hour, 8_760 * hour])("refuse no account after the clock was set back by %i ms", (backMs) => {
    const heardAtMs = 9_000 * hour;
    const at = { heardAtMs, resetsAtMs: heardAtMs + 30_000 };
    const quotas = new Quotas();
    const account = [
      window("5h", 1, { ...at, resetsAtMs: heardAtMs + hour }),
      window("tokens", 1, { ...at, lengthMs: 60_000 }),
    ];
    quotas.note(first, { account, model: [window("requests", 1, { heardAtMs, lengthMs: null, resetsAtMs: null })] });
    expect(used(quotas, first, heardAtMs)).toEqual(["5h 1", "tokens 1", "requests 1"]);
    // A clock that is kept right moves by less than a minute.
    expect(used(quotas, first, heardAtMs - 5_000)).toEqual(["5h 1", "tokens 1", "requests 1"]);
    expect(used(quotas, first, heardAtMs - backMs)).toEqual([]);
    expect(quotas.list("own", heardAtMs - backMs)).toEqual([]);
    quotas.note(first, {
      account: [window("5h", 0.2, { heardAtMs: heardAtMs - backMs, resetsAtMs: heardAtMs - backMs + hour })],
      model: [],
    });
    expect(used(quotas, first, heardAtMs - backMs)).toEqual(["5h 0.2"]);
  });

  test("go with their key through a reload, and with their provider out of it", () => {
    const quotas = new Quotas();
    const other = { ...first, provider: "other" };
    const login = { ...first, login: "digest" };
    for (const [index, candidate] of [first, second, other, login].entries())
      quotas.note(candidate, { account: [window("5h", index / 10)], model: [] });
    quotas.retain(new Map([["own", new Map([[1, 0]])]]));
    expect(used(quotas, first)).toEqual(["5h 0.1"]);
    expect(used(quotas, second)).toBeUndefined();
    expect(used(quotas, other)).toBeUndefined();
    expect(used(quotas, login)).toEqual(["5h 0.3"]);
    quotas.forget({ provider: "own" });
    expect(quotas.list("own", 0)).toEqual([]);
  });

  test("stay bounded, whatever clients and providers send", () => {
    const quotas = new Quotas();
    for (let index = 0; index < 3_000; index += 1) {
      quotas.note({ ...first, login: `login ${index}` }, { account: [window("5h", 0.1)], model: [] });
      quotas.note(
        { ...first, model: `model ${index}` },
        { account: [window(`window ${index}`, 0.1)], model: [window("a", 0.1)] },
      );
      quotas.note({ ...first, login: `stranger ${index}` }, { account: [], model: [] });
    }
    const all = quotas.list("own", 0);
    expect(all.length).toBeLessThanOrEqual(1_000);
    for (const { windows } of all) expect(windows.length).toBeLessThanOrEqual(16);
    expect(used(quotas, { ...first, login: "stranger 1" })).toBeUndefined();
  });
});
