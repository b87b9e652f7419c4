import { lookup, Resolver } from "node:dns";
import type { LookupAddress } from "node:dns";
import { closeSync, openSync, readFile } from "node:fs";
import { isIP } from "node:net";
import { devNull } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { NetworkError } from "./network-errors.ts";
import type { NameSources } from "./name-lookup.ts";
import type { Environment } from "./proxy-route.ts";

const read = promisify(readFile);

/** The name sources of this machine. */
export const systemNames: NameSources = {
  system: (hostname, done) =>
    lookup(hostname, { all: true }, (error, addresses) => {
      if (error === null) done(null, addresses);
      else done(withoutDescriptors(hostname) ?? error, []);
    }),
  direct: async (hostname) => {
    const own = addressesIn(await read(hostsPath(process.env), "utf8").catch(() => ""), hostname);
    return own.length > 0 ? own : askNameServers(hostname);
  },
};

/**
 * Computes how many lookups libuv runs at once: half of its threads, of which there are four unless
 * `UV_THREADPOOL_SIZE` differs.
 */
export function lookupSlots(environment: Environment): number {
  const written = environment["UV_THREADPOOL_SIZE"];
  // As libuv reads it: what is no number is 0, and 0 is 1.
  const threads = written === undefined ? 4 : Math.min(Math.max(Number.parseInt(written, 10) || 0, 1), 1024);
  return Math.floor((threads + 1) / 2);
}

/** Returns the addresses that a hosts file gives to `hostname`, in its order. Names are compared without regard to case and to a final dot. */
export function addressesIn(hostsFile: string, hostname: string): readonly LookupAddress[] {
  const wanted = canonical(hostname);
  return hostsFile.split("\n").flatMap((line) => {
    const [address = "", ...names] = (line.split("#", 1)[0] ?? "").trim().split(/\s+/);
    const family = isIP(address);
    return family !== 0 && names.some((name) => canonical(name) === wanted) ? [{ address, family }] : [];
  });
}

function canonical(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

function hostsPath(environment: Environment): string {
  const windows = environment["SystemRoot"];
  return process.platform === "win32" && windows !== undefined
    ? join(windows, "System32", "drivers", "etc", "hosts")
    : "/etc/hosts";
}

async function askNameServers(hostname: string): Promise<readonly LookupAddress[]> {
  // Made anew each time: it takes the name servers over from the system when it is made, and they change with the network.
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  const ask = (family: 4 | 6): Promise<LookupAddress[]> =>
    new Promise((resolve, reject) => {
      const take = (error: Error | null, addresses: string[]): void =>
        error === null ? resolve(addresses.map((address) => ({ address, family }))) : reject(error);
      if (family === 4) resolver.resolve4(hostname, take);
      else resolver.resolve6(hostname, take);
    });
  const [v4, v6] = await Promise.allSettled([ask(4), ask(6)]);
  const found = [v4, v6].flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
  if (found.length > 0) return found;
  throw v4.status === "rejected" ? v4.reason : new NetworkError("ENOTFOUND", `no address of ${hostname}`);
}

/** getaddrinfo calls a name unknown when it could not open a socket to ask for it. Returns the error that tells, if that may be the case. */
function withoutDescriptors(hostname: string): Error | undefined {
  try {
    closeSync(openSync(devNull, "r"));
    return undefined;
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code !== "EMFILE" && code !== "ENFILE") return undefined;
    return new NetworkError(code, `no descriptor is left to look ${hostname} up (${code})`, { cause });
  }
}
