import { readFileSync } from "node:fs";
import { PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { X509Certificate } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createServer, defaultServerSettings } from "./create-server.ts";
import { exposureOf, exposureWarnings, ExposureWatch } from "./exposure-warnings.ts";
import type { Log } from "../log/log-types.ts";
import { provider } from "../../test/running-server.ts";

const dayMs = 86_400_000;
const pem = (name: string): Buffer => readFileSync(new URL(`../../test/fixtures/${name}`, import.meta.url));
const cert = pem("first.cert.pem");
const key = pem("first.key.pem");
const tls = { cert: "/tls/cert.pem", key: "/tls/key.pem" };
const certificateWarning = (chain: Buffer, nowMs: number): string | undefined =>
  exposureWarnings(exposureOf({ ...defaultServerSettings, tls }, { cert: chain, key }), nowMs)[0];
const bindingWarning = (settings: Parameters<typeof exposureOf>[0]): string | undefined =>
  exposureOf(settings, undefined).binding;
const endMs = Date.parse(new X509Certificate(cert).validTo);

describe("the warning of a certificate's end", () => {
  it.each([
    [15, undefined],
    [14.1, undefined],
    [14, "in 14 days"],
    [13.5, "in 13 days"],
    [1.2, "in 1 day:"],
    [0.5, "in 0 days"],
    [0, "expired on 2126-10-31"],
    [-400, "expired on 2126-10-31"],
  ])("%s days before it is %s", (days, text) => {
    const warning = certificateWarning(cert, endMs - days * dayMs);
    if (text === undefined) expect(warning).toBeUndefined();
    else expect(warning).toContain(text);
  });

  it("looks at every certificate of a chain, and at none where there is none", () => {
    const second = pem("second.cert.pem");
    const first = Math.min(endMs, Date.parse(new X509Certificate(second).validTo));
    for (const chain of [Buffer.concat([cert, second]), Buffer.concat([second, cert])])
      expect(certificateWarning(chain, first)).toContain("expired");
    expect(certificateWarning(Buffer.from("none"), endMs)).toBeUndefined();
  });
});

describe("the warning of a host without TLS", () => {
  const auth = { apiKeys: ["own-key-0123456789abcdef"], exemptPaths: [] };

  it("is given for every host that others reach, where keys would travel", () => {
    for (const host of ["0.0.0.0", "::", "[::]", "192.168.1.4", "gateway.example"])
      expect(bindingWarning({ host, auth })).toContain("unencrypted");
    for (const host of ["127.0.0.1", "::1", "localhost"]) expect(bindingWarning({ host, auth })).toBeUndefined();
    expect(bindingWarning({ host: "0.0.0.0", auth, tls: { cert: "c", key: "k" } })).toBeUndefined();
    expect(bindingWarning({ host: "0.0.0.0", auth: { ...auth, apiKeys: [] } })).toBeUndefined();
  });
});

describe("a running server", () => {
  beforeEach(() => void vi.useFakeTimers({ now: endMs - 16 * dayMs }));
  afterEach(() => void vi.useRealTimers());

  it("warns once a day from 14 days before its certificate's end, and no more when there is a new one", async () => {
    const said: string[] = [];
    const log = { write: (level, _event, message) => said.push(`${level} ${message}`) } satisfies Partial<Log>;
    using watch = new ExposureWatch(log as unknown as Log, () => undefined);
    const exposure = exposureOf({ ...defaultServerSettings, tls }, { cert, key });
    watch.watch(exposure);
    await vi.advanceTimersByTimeAsync(dayMs);
    expect(said).toEqual([]);
    await vi.advanceTimersByTimeAsync(3 * dayMs);
    expect(said.map((line) => /in \d+ days/.exec(line)?.[0])).toEqual(["in 14 days", "in 13 days", "in 12 days"]);
    expect(said.every((line) => line.startsWith("WARNING "))).toBe(true);
    watch.watch(exposure);
    expect(said.length).toBe(3);
    watch.watch(exposureOf(defaultServerSettings, undefined));
    await vi.advanceTimersByTimeAsync(30 * dayMs);
    expect(said.length).toBe(3);
  });

  it("warns after a reload of what it was started with, not of what the file says", async () => {
    const said: string[] = [];
    const log = { write: (_level, _event, message) => said.push(message) } satisfies Partial<Log>;
    using watch = new ExposureWatch(log as unknown as Log, () => undefined);
    const auth = { apiKeys: ["own-key-0123456789abcdef"], exemptPaths: [] };
    const plain = { ...defaultServerSettings, host: "0.0.0.0", auth };
    const secure = { ...plain, tls };
    watch.watch(exposureOf(secure, { cert, key }));
    // The new file drops TLS: the server keeps it, and its certificate still ends.
    watch.watchReloaded(exposureOf(plain, undefined), secure);
    expect(said).toEqual([]);
    await vi.advanceTimersByTimeAsync(4 * dayMs);
    expect(said.map((line) => /in \d+ days/.exec(line)?.[0])).toEqual(["in 14 days", "in 13 days", "in 12 days"]);
    // The other way round: TLS is only in the file.
    watch.watchReloaded(exposureOf(secure, { cert, key }), plain);
    expect(said.at(-1)).toContain("unencrypted");
  });

  it("says at its start that its certificate ends, or that keys travel unencrypted", async () => {
    vi.setSystemTime(endMs - 3.5 * dayMs);
    const fixture = (name: string): string => fileURLToPath(new URL(`../../test/fixtures/${name}`, import.meta.url));
    const own = { cert: fixture("first.cert.pem"), key: fixture("first.key.pem") };
    const open = { host: "0.0.0.0", auth: { apiKeys: ["own-key-0123456789abcdef"], exemptPaths: [] } };
    for (const [settings, said] of [
      [{ tls: own }, "in 3 days"],
      [open, "travel unencrypted"],
    ] as const) {
      let text = "";
      const console = new PassThrough().on("data", (chunk: Buffer) => (text += chunk.toString()));
      const server = createServer({
        config: {
          providers: [provider("one", "https://one.test", { enabled: false })],
        },
        settings,
        console,
      });
      await vi.advanceTimersByTimeAsync(10);
      expect(text).toContain(`"level":"WARNING"`);
      expect(text).toContain(said);
      const closed = server.close(0);
      await vi.advanceTimersByTimeAsync(1_000);
      await closed;
    }
  });
});
