import { describe, expect, test } from "vitest";
import { baseUrlWarnings, checkBaseUrl } from "./base-url.ts";
import { proxyFault } from "./proxy-fault.ts";

describe("checkBaseUrl", () => {
  test.each([
    ["https://api.anthropic.com", "https://api.anthropic.com"],
    ["https://api.anthropic.com/", "https://api.anthropic.com"],
    ["https://Host.Example//", "https://host.example"],
    ["https://host.example/a/v1///", "https://host.example/a/v1"],
    ["HTTP://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1"],
    ["http://[::1]:80", "http://[::1]"],
    ["https://10.0.0.5:8443/x", "https://10.0.0.5:8443/x"],
  ])("takes %s as %s", (text, url) => {
    expect(checkBaseUrl(text)).toEqual({ ok: true, url });
  });

  test.each([
    ["", /is empty/],
    ["api.anthropic.com", /write "https:\/\/api.anthropic.com"/],
    ["ftp://host", /must begin with https:\/\/ or http:\/\//],
    ["file:///etc/passwd", /must begin with/],
    ["javascript:alert(1)", /must begin with/],
    ["https://", /names no host/],
    ["https://host:99999", /port above 65535/],
    ["https://a b", /holds a space/],
    ["https://host\n", /holds a line break/],
    ["https:\\\\host", /holds a backslash; write \/ instead/],
    ["https://user@host", /user name or password/],
    ["https://:word@host", /user name or password/],
    ["https://host/?key=1", /query/],
    ["https://host/?", /query/],
    ["https://host/#x", /fragment/],
    [
      "https://host/v1/messages",
      /ends in \/v1\/messages, which ccpb adds itself for type: anthropic; write https:\/\/host$/,
    ],
    ["https://host/v1/chat/completions/", /write https:\/\/host\/v1$/],
  ])("refuses %j", (text, message) => {
    const check = checkBaseUrl(text);
    expect(check.ok ? "" : check.message).toMatch(message);
  });

  test.each([
    "http://169.254.169.254",
    "http://169.254.0.1/x",
    "http://2852039166",
    "http://0xA9FEA9FE",
    "http://0251.0376.0251.0376",
    "http://169.254.43518",
    "http://[fe80::1]",
    "http://[febf::1]",
    "http://[::ffff:169.254.169.254]",
    "http://[::ffff:a9fe:a9fe]",
    "http://[::a9fe:a9fe]",
    "http://[64:ff9b::a9fe:a9fe]",
    "http://[2002:a9fe:a9fe::1]",
    "http://[fd00:ec2::254]",
    "http://100.100.100.200",
    "http://192.0.0.192",
    "http://168.63.129.16",
    "http://metadata.google.internal",
    "http://METADATA.google.internal.",
    "http://metadata/computeMetadata",
    "http://１６９.254.169.254",
  ])("refuses the link-local or metadata address %s", (text) => {
    const check = checkBaseUrl(text);
    expect(check.ok ? "taken" : check.message).toMatch(/link-local or cloud metadata/);
  });
});

describe("baseUrlWarnings", () => {
  test.each(["http://127.0.0.1:1", "http://localhost", "http://[::1]", "http://127.9.9.9", "https://example.com/x"])(
    "has nothing against %s",
    (url) => {
      expect(baseUrlWarnings(url, "anthropic")).toEqual([]);
    },
  );

  test("calls plain http to another machine what it is", () => {
    expect(baseUrlWarnings("http://10.0.0.5/v1", "openai")).toEqual([
      "sends keys and prompts to 10.0.0.5 unencrypted; write https:// if it can do that",
    ]);
  });
});

describe("proxyFault", () => {
  test("takes http, https and socks5 proxies with credentials", () => {
    expect(proxyFault("http://user:word@proxy:3128")).toBeUndefined();
    expect(proxyFault("https://proxy")).toBeUndefined();
    expect(proxyFault("socks5://user:word@proxy:1080")).toBeUndefined();
    expect(proxyFault("socks5h://[::1]")).toBeUndefined();
  });

  test("never quotes a proxy, because it may hold a password", () => {
    for (const proxy of [
      "socks4://user:secretword@h",
      "socks5://user:secretword@:1",
      "socks5://user:secret%zz@h",
      "user:secretword@h:1",
      "http://user:secret word@h",
      "ftp://u:secretword@h.com",
      "http://user:secret%zzword@h",
      "http://secret%:word@h",
      "http://user:secret%ff@h",
    ]) {
      const fault = proxyFault(proxy);
      expect(fault).toBeDefined();
      expect(fault).not.toMatch(/secret/);
    }
  });
});
