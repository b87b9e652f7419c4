import { describe, expect, it } from "vitest";
import { good, remedy, saidOf } from "../../test/told-problems.ts";

/** A proxy, and what is said of it behind "proxy ". */
const inFile: readonly (readonly [value: string, said: string])[] = [
  ["http//p.corp:1", "has no scheme; write http://p.corp:1"],
  ["p.corp", "has no scheme; write http://p.corp"],
  ["p:1", "has no scheme; write http://p:1"],
  ["http://:3128", "names no host; write one such as http://127.0.0.1:3128"],
  ["http://p:70000", "has a port above 65535; write the right one"],
  ["socks5://", "names no host; write one such as socks5://127.0.0.1:1080"],
  [
    "socks://p:1",
    "is a SOCKS proxy of another version (socks://); write socks5://HOST:PORT, or the URL of an http or https proxy",
  ],
  ["ftp://p:1", "begins with ftp://; write http://HOST:PORT"],
  ["http://p:1 http://q:2", "holds a space; write the URL without it"],
  ["http://127.0.0.1：3128", 'holds a full-width colon (U+FF1A, character 17); write ":"'],
  ["'\"http://p:1\"'", "stands in quotes that are part of it; remove them"],
  ["http://u:%zz@p:1", "has a user or password with a % that begins no percent-encoding; write %25 for a % of its own"],
  ["none", "is no URL; remove it to go without a proxy, or write http://HOST:PORT"],
  ["http://p:1,http://q:2", "names several proxies; write one, http://HOST:PORT"],
  [
    "http://::1:3128",
    "has more than one colon in its host and port; write an IPv6 address in brackets, as in http://[::1]:3128",
  ],
  [
    "http://p/wpad.pac",
    "is the address of a PAC script, which ccpb does not run; write the proxy that it names, http://HOST:PORT",
  ],
];

const inVariable: readonly (readonly [value: string, said: string])[] = [
  ["http//p:1", "has no scheme; write http://p:1"],
  ["http:/p.corp:1", "has no scheme; write http://p.corp:1"],
  ["//p.corp:3128", "has no scheme; write http://p.corp:3128"],
  ["p.corp", "has no scheme; write http://p.corp"],
  ["p:abc", "has no scheme; write http://HOST:PORT"],
  ["http://p:abc", "has a port that is no number; write one such as http://127.0.0.1:3128"],
  ["http://p:70000", "has a port above 65535; write the right one"],
  ["http://:3128", "names no host; write one such as http://127.0.0.1:3128"],
  ["http://p :3128", "holds a space; write the URL without it"],
  [
    "socks://p:1",
    "is a SOCKS proxy of another version (socks://); write socks5://HOST:PORT, or the URL of an http or https proxy",
  ],
  [
    "socks4a://p:1",
    "is a SOCKS proxy of another version (socks4a://); write socks5://HOST:PORT, or the URL of an http or https proxy",
  ],
  ["socks5:p.corp:1", "has no scheme; write socks5://p.corp:1"],
  ["socks5://:1", "names no host; write one such as socks5://127.0.0.1:1080"],
  ["ftp://p:1", "begins with ftp://; write http://HOST:PORT"],
  [
    "pac+http://p/x.pac",
    "is the address of a PAC script, which ccpb does not run; write the proxy that it names, http://HOST:PORT",
  ],
  [
    "http://p/proxy.pac",
    "is the address of a PAC script, which ccpb does not run; write the proxy that it names, http://HOST:PORT",
  ],
  ["direct://", "is no URL; remove it to go without a proxy, or write http://HOST:PORT"],
  ["http://[::1", "has a [ without a ]; write both around an IPv6 address"],
  [
    "http://::1:3128",
    "has more than one colon in its host and port; write an IPv6 address in brackets, as in http://[::1]:3128",
  ],
  ["http://127.0.0.1：3128", 'holds a full-width colon (U+FF1A, character 17); write ":"'],
  ["http：//p:1", 'holds a full-width colon (U+FF1A, character 5); write ":"'],
  ["“http://p:1”", "holds a typographic quote (U+201C, character 1); remove it"],
  ["'http://p:1'", "stands in quotes that are part of it; remove them"],
  ["http://p:1;http://q:2", "names several proxies; write one, http://HOST:PORT"],
  ["p:1,q:2", "names several proxies; write one, http://HOST:PORT"],
  ["$PROXY", "is the name of a variable instead of its value; write http://HOST:PORT"],
  ["${PROXY}", "is the name of a variable instead of its value; write http://HOST:PORT"],
  ["%PROXY%", "is the name of a variable instead of its value; write http://HOST:PORT"],
  ["none", "is no URL; remove it to go without a proxy, or write http://HOST:PORT"],
  ["0", "is no URL; remove it to go without a proxy, or write http://HOST:PORT"],
  ["http://u:50%@p:1", "has a user or password with a % that begins no percent-encoding; write %25 for a % of its own"],
  ["http://p\\:1", "holds a backslash; write / instead"],
];

describe("a wrong proxy", () => {
  it.each(inFile)("proxy: %s is told with its place", (value, said) => {
    expect(saidOf(`${good}    proxy: ${value}\n`)).toEqual([["9:12", `provider "anthropic": proxy ${said}`]]);
    expect(said).toMatch(remedy);
  });

  it.each(inVariable)("HTTPS_PROXY=%s is told with the variable, in either case", (value, said) => {
    for (const name of ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
      expect(saidOf(good, { [name]: value })).toEqual([
        ["", `provider "anthropic": the proxy ${said} (in ${name}); NO_PROXY names hosts that need none`],
      ]);
    expect(said).toMatch(remedy);
  });

  it.each([
    "http://p:1",
    "https://p",
    "http://p:3128/",
    " http://p:1 ",
    "socks5://p",
    "SOCKS5H://u:w@p:1",
    "http://u:p:w@p:1",
    "http://[::1]:3128",
  ])("%j is none", (value) => {
    expect(saidOf(good, { HTTPS_PROXY: value })).toEqual([]);
  });
});
