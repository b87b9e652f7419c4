import { describe, expect, it } from "vitest";
import { refuseBodyType, refuseForeignPage, refuseFraming, refuseHost } from "../../src/http/guard.ts";

const none: ReadonlySet<string> = new Set();

describe("the Host rule", () => {
  it.each([
    "localhost",
    "localhost:8080",
    "LOCALHOST:1",
    "app.localhost",
    "localhost.",
    "127.0.0.1",
    "127.0.0.1:65535",
    "127.1.2.3",
    "10.0.0.7:8080",
    "203.0.113.9",
    "[::1]",
    "[::1]:8080",
    "[2001:db8::1]:80",
  ])("lets %s in: a loopback name or an IP literal cannot be rebound", (host) => {
    expect(refuseHost(host, none)).toBeUndefined();
  });

  it.each([
    undefined,
    "",
    "evil.example",
    "evil.example:8080",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "localhost:8080@evil.example",
    "evil.example#localhost",
    "127.0.0.1:80:80",
    "127.0.0.1:notaport",
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "127.0.0.1, evil.example",
    "[::1",
    "[::1]evil.example",
    "[evil.example]",
    "::1",
    "local host",
    "localhost/",
  ])("refuses %s with a 403 that names the setting", (host) => {
    const refusal = refuseHost(host, none);
    expect(refusal).toMatchObject({ status: 403, type: "permission_error" });
    expect(refusal?.message).toContain("allowed_hosts");
  });

  it("lets the configured names in, with any port and in any case, and no others", () => {
    const allowed = new Set(["balancer.example"]);
    expect(refuseHost("Balancer.Example:8443", allowed)).toBeUndefined();
    expect(refuseHost("balancer.example", allowed)).toBeUndefined();
    expect(refuseHost("x.balancer.example", allowed)?.status).toBe(403);
    expect(refuseHost("balancer.example.evil", allowed)?.status).toBe(403);
  });
});

describe("the rule for web pages", () => {
  const refused = (method: string, path: string, headers: Record<string, string>): number =>
    refuseForeignPage(method, path, { host: "127.0.0.1:8080", ...headers })?.status ?? 200;

  it("refuses any Origin, on any route", () => {
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1:8080", "chrome-extension://x", ""]) {
      for (const path of ["/", "/v1/messages", "/providers/reload", "/providers", "/nowhere"]) {
        expect([origin, path, refused("POST", path, { origin })]).toEqual([origin, path, 403]);
        expect([origin, path, refused("GET", path, { origin })]).toEqual([origin, path, 403]);
      }
    }
  });

  it("refuses what a browser says comes from another site, without an Origin too", () => {
    for (const site of ["cross-site", "same-site", "anything-new"]) {
      expect(refused("GET", "/providers", { "sec-fetch-site": site })).toBe(403);
      expect(refused("GET", "/providers", { "sec-fetch-site": site, "sec-fetch-mode": "no-cors" })).toBe(403);
      expect(refused("POST", "/providers/reload", { "sec-fetch-site": site })).toBe(403);
    }
  });

  it("lets a person open a page of ours, but nobody embed it", () => {
    const navigate = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect(refused("GET", "/", navigate)).toBe(200);
    expect(refused("GET", "/ui", { ...navigate, "sec-fetch-dest": "document" })).toBe(200);
    expect(refused("GET", "/ui", { ...navigate, "sec-fetch-dest": "iframe" })).toBe(403);
    expect(refused("GET", "/providers", navigate)).toBe(403);
    expect(refused("POST", "/", navigate)).toBe(403);
    expect(refused("GET", "/providers", { "sec-fetch-site": "none", "sec-fetch-mode": "navigate" })).toBe(200);
  });

  it("lets our own page read, and only read", () => {
    const own = { "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" };
    expect(refused("GET", "/providers", own)).toBe(200);
    expect(refused("GET", "/providers", { ...own, origin: "http://127.0.0.1:8080" })).toBe(200);
    expect(refused("POST", "/providers/reload", { ...own, origin: "http://127.0.0.1:8080" })).toBe(403);
    expect(refused("GET", "/providers", { ...own, origin: "http://127.0.0.1:9999" })).toBe(403);
  });

  it("does not concern programs, which send neither header", () => {
    expect(refused("POST", "/v1/messages", {})).toBe(200);
  });
});

describe("the rules for bodies and framing", () => {
  it("want JSON, uncompressed", () => {
    expect(refuseBodyType({ "content-type": "application/json" })).toBeUndefined();
    expect(refuseBodyType({ "content-type": "application/json", "content-encoding": "identity" })).toBeUndefined();
    expect(refuseBodyType({ "content-type": "application/json", "content-encoding": "gzip" })?.status).toBe(415);
    expect(refuseBodyType({ "content-type": "text/plain;application/json" })?.status).toBe(415);
    expect(refuseBodyType({})?.status).toBe(415);
  });

  it("refuse codings, lengths and hosts that two servers could read in two ways", () => {
    const host = ["Host", "a"];
    expect(refuseFraming("1.1", { "transfer-encoding": "chunked" }, host)).toBeUndefined();
    expect(refuseFraming("1.1", { "transfer-encoding": "gzip, chunked" }, host)?.status).toBe(400);
    expect(refuseFraming("1.1", { "transfer-encoding": "chunked", "content-length": "3" }, host)?.status).toBe(400);
    expect(refuseFraming("1.0", { "transfer-encoding": "chunked" }, host)?.status).toBe(400);
    expect(refuseFraming("1.1", {}, [...host, "HOST", "b"])?.status).toBe(400);
  });
});
