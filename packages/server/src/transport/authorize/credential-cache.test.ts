import { CredentialError } from "@ccpb/core";
import { VirtualClock } from "@ccpb/core/testing";
import { describe, expect, it } from "vitest";
import { type Credential, CredentialCache, type CredentialWish } from "./credential-cache.ts";

const minute = 60_000;

/** A cache over a source that answers by hand or at once. */
function setting(answer: (count: number, clock: VirtualClock) => Promise<Credential>): {
  readonly clock: VirtualClock;
  readonly cache: CredentialCache<Credential>;
  readonly fetched: () => number;
  readonly failures: unknown[];
} {
  const clock = new VirtualClock();
  const failures: unknown[] = [];
  let count = 0;
  const cache = new CredentialCache<Credential>({
    clock,
    fetch: () => answer((count += 1), clock),
    onRenewalFailure: (error) => failures.push(error),
  });
  return { clock, cache, fetched: () => count, failures };
}

function wish(change: Partial<CredentialWish> = {}): CredentialWish {
  return { signal: new AbortController().signal, refused: undefined, hasAlternative: false, ...change };
}

function token(count: number, expiresAtMs?: number): Promise<Credential> {
  return Promise.resolve({ identity: `token-${count}`, expiresAtMs });
}

describe("a credential that expires in an hour", () => {
  const hourly = (count: number, clock: VirtualClock): Promise<Credential> =>
    token(count, clock.wallNow() + 60 * minute);

  it("is fetched once for all that wait", async () => {
    const { cache, fetched } = setting(hourly);
    const all = await Promise.all(Array.from({ length: 1_000 }, () => cache.get(wish())));
    expect(new Set(all.map(({ identity }) => identity))).toEqual(new Set(["token-1"]));
    expect(fetched()).toBe(1);
  });

  it("serves 1,000 calls across its renewal with one fetch, none of them waiting or failing", async () => {
    const release: (() => void)[] = [];
    const { clock, cache, fetched } = setting(async (count, own) => {
      if (count === 2) await new Promise<void>((resolve) => release.push(resolve));
      return hourly(count, own);
    });
    await cache.get(wish());
    const seen: string[] = [];
    // One call each four seconds, from the first minute to beyond the expiry; the renewal itself takes two minutes.
    for (let call = 0; call < 1_000; call += 1) {
      await clock.advance(4_000);
      const { identity } = await cache.get(wish());
      seen.push(identity);
      if (call === 850) release.forEach((go) => go());
    }
    expect(fetched()).toBe(2);
    expect(seen.filter((identity) => identity === "token-1").length).toBeGreaterThan(820);
    expect(seen.at(-1)).toBe("token-2");
  });

  it("is renewed in the background from five minutes before it expires, and not before", async () => {
    const { clock, cache, fetched } = setting(hourly);
    await cache.get(wish());
    await clock.advance(55 * minute - 1);
    await cache.get(wish());
    expect(fetched()).toBe(1);
    await clock.advance(1);
    expect((await cache.get(wish())).identity).toBe("token-1");
    expect(fetched()).toBe(2);
    expect((await cache.get(wish())).identity).toBe("token-2");
  });

  it("is used until it expires where its renewal fails, which is told and tried again after ten seconds", async () => {
    const { clock, cache, fetched, failures } = setting((count, own) =>
      count === 1 ? hourly(count, own) : Promise.reject(new CredentialError("no network")),
    );
    await cache.get(wish());
    await clock.advance(56 * minute);
    for (let call = 0; call < 50; call += 1) expect((await cache.get(wish())).identity).toBe("token-1");
    expect([fetched(), failures.length]).toEqual([2, 1]);
    await clock.advance(10_000);
    await cache.get(wish());
    expect(fetched()).toBe(3);
    await clock.advance(4 * minute);
    await expect(cache.get(wish())).rejects.toThrow("no network");
  });

  it("that is refused is fetched anew at once, once for all calls that it was refused to", async () => {
    const { cache, fetched } = setting(hourly);
    const { identity } = await cache.get(wish());
    const again = await Promise.all(Array.from({ length: 100 }, () => cache.get(wish({ refused: identity }))));
    expect(new Set(again.map((one) => one.identity))).toEqual(new Set(["token-2"]));
    // A call that comes later with the old one gets what is there.
    expect((await cache.get(wish({ refused: identity }))).identity).toBe("token-2");
    expect(fetched()).toBe(2);
  });
});

describe("how long a credential is kept", () => {
  it.each([
    ["that does not say when it expires: five minutes, and then as long as a new one takes", undefined, 5 * minute],
    ["of six minutes: half of its life", 6 * minute, 3 * minute],
    ["of an hour: until five minutes before its end", 60 * minute, 55 * minute],
  ] as const)("one %s", async (_what, lifeMs, renewedAfterMs) => {
    const { clock, cache, fetched } = setting((count, own) =>
      token(count, lifeMs === undefined ? undefined : own.wallNow() + lifeMs),
    );
    await cache.get(wish());
    await clock.advance(renewedAfterMs - 1);
    await cache.get(wish());
    expect(fetched()).toBe(1);
    await clock.advance(1);
    expect((await cache.get(wish())).identity).toBe("token-1");
    expect(fetched()).toBe(2);
  });
});

describe("a source that does not answer", () => {
  it("holds up only calls that no other provider can serve", async () => {
    const { clock, cache, fetched } = setting(() => new Promise(() => undefined));
    const other = expect(cache.get(wish({ hasAlternative: true }))).rejects.toMatchObject({
      name: "CredentialError",
      isPending: true,
    });
    let isSettled = false;
    const only = cache.get(wish()).finally(() => (isSettled = true));
    await clock.advance(250);
    await other;
    // Known to be slow by now: the next one does not wait at all.
    await expect(cache.get(wish({ hasAlternative: true }))).rejects.toMatchObject({ isPending: true });
    expect([fetched(), isSettled]).toEqual([1, false]);
    void only;
  });

  it("is left when the attempt is over, and goes on for the others", async () => {
    const controller = new AbortController();
    const { cache, fetched } = setting(() => new Promise(() => undefined));
    const left = cache.get(wish({ signal: controller.signal }));
    controller.abort();
    await expect(left).rejects.toBeInstanceOf(CredentialError);
    void cache.get(wish());
    expect(fetched()).toBe(1);
  });
});

describe("a source that takes longer than a call waits that another provider can serve", () => {
  const slow = (clock: VirtualClock, act: () => Promise<Credential>): Promise<Credential> =>
    new Promise((resolve, reject) => void clock.setTimer(1_000, () => void act().then(resolve, reject)));
  const failing = (_count: number, clock: VirtualClock): Promise<Credential> =>
    slow(clock, () => Promise.reject(new CredentialError("no login")));

  it("and then fails, tells so once, and the next call has the failure instead of another wait", async () => {
    const { clock, cache, fetched, failures } = setting(failing);
    const first = expect(cache.get(wish({ hasAlternative: true }))).rejects.toMatchObject({ isPending: true });
    await clock.advance(1_000);
    await first;
    expect(failures).toHaveLength(1);
    await expect(cache.get(wish({ hasAlternative: true }))).rejects.toThrow("no login");
    expect(fetched()).toBe(1);
    void cache.get(wish()).catch(() => undefined);
    expect(fetched()).toBe(2);
  });

  it("and then fails, is asked again where a reload comes between, and what it gives then serves", async () => {
    const { clock, cache, fetched } = setting((count, own) =>
      count === 1 ? failing(count, own) : slow(own, () => token(count)),
    );
    const first = cache.get(wish({ hasAlternative: true })).catch(() => undefined);
    await clock.advance(1_000);
    await first;
    cache.warm();
    const next = cache.get(wish());
    await clock.advance(1_000);
    expect((await next).identity).toBe("token-2");
    expect(fetched()).toBe(2);
  });

  it("and failed more than a minute ago, is asked again", async () => {
    const { clock, cache, fetched } = setting(failing);
    const first = cache.get(wish({ hasAlternative: true })).catch(() => undefined);
    await clock.advance(61_000);
    await first;
    void cache.get(wish()).catch(() => undefined);
    expect(fetched()).toBe(2);
  });

  it("and fails while a call still waits, is told to that call alone", async () => {
    const { clock, cache, failures } = setting(failing);
    const waiting = expect(cache.get(wish())).rejects.toThrow("no login");
    const leaving = expect(cache.get(wish({ hasAlternative: true }))).rejects.toMatchObject({ isPending: true });
    await clock.advance(1_000);
    await Promise.all([waiting, leaving]);
    expect(failures).toEqual([]);
  });

  it("and then succeeds, serves the next call", async () => {
    const { clock, cache, failures } = setting((count, own) => slow(own, () => token(count)));
    const first = cache.get(wish({ hasAlternative: true })).catch(() => undefined);
    await clock.advance(1_000);
    await first;
    expect((await cache.get(wish({ hasAlternative: true }))).identity).toBe("token-1");
    expect(failures).toEqual([]);
  });
});
