import { describe, expect, it } from "vitest";
import { signatureDomain, signatureMaker, SignatureOrigins } from "./signature-origins.ts";

const proof = (name: string) => name.padEnd(60, "x");

describe("SignatureOrigins", () => {
  it("tells what another domain made, and leaves alone what it does not know", () => {
    const origins = new SignatureOrigins();
    origins.learnMade("a", proof("1"));
    expect(origins.detectorFor("a")).toBeUndefined();
    const isForeign = origins.detectorFor("b");
    expect(isForeign?.(proof("1"))).toBe(true);
    expect(isForeign?.(proof("2"))).toBe(false);
  });

  it("says nothing of a constant that several domains send, or of what is too short to tell", () => {
    const origins = new SignatureOrigins();
    for (const domain of ["a", "b", "a"]) origins.learnMade(domain, proof("constant"));
    origins.learnMade("a", "short");
    expect(origins.detectorFor("b")).toBeUndefined();
    expect(origins.detectorFor("c")).toBeUndefined();
  });

  it("remembers a refusal, and blames a domain's own signatures only where there were no others", () => {
    const origins = new SignatureOrigins();
    origins.learnMade("a", proof("own"));
    origins.learnRefused("a", [proof("own"), proof("unknown")]);
    expect(origins.detectorFor("a")?.(proof("own"))).toBe(false);
    expect(origins.detectorFor("a")?.(proof("unknown"))).toBe(true);
    origins.learnRefused("a", [proof("own")]);
    expect(origins.detectorFor("a")?.(proof("own"))).toBe(true);
    expect(origins.detectorFor("b")?.(proof("unknown"))).toBe(false);
  });

  it("forgets first what was not seen for longest", () => {
    const origins = new SignatureOrigins(2);
    origins.learnMade("a", proof("1"));
    origins.learnMade("a", proof("2"));
    expect(origins.detectorFor("b")?.(proof("1"))).toBe(true);
    origins.learnMade("a", proof("3"));
    expect(origins.detectorFor("b")?.(proof("1"))).toBe(true);
    expect(origins.detectorFor("b")?.(proof("2"))).toBe(false);
  });

  it("takes the configured domain, else the host", () => {
    expect(signatureDomain({ type: "anthropic", baseUrl: "https://api.anthropic.com/x" })).toBe("api.anthropic.com");
    expect(signatureDomain({ type: "anthropic", baseUrl: "https://api.anthropic.com", signatureDomain: "d" })).toBe(
      "d",
    );
  });

  it("tells the models of a host apart, but not those of a configured domain", () => {
    const host = { type: "anthropic" as const, baseUrl: "https://api.anthropic.com" };
    expect(signatureMaker(host, "claude-a")).not.toBe(signatureMaker(host, "claude-b"));
    expect(signatureMaker(host, "Claude-A")).toBe(signatureMaker(host, "claude-a"));
    expect(signatureMaker({ type: "anthropic", baseUrl: "http://127.0.0.1:1" }, "m")).not.toBe(
      signatureMaker({ type: "anthropic", baseUrl: "http://127.0.0.1:2" }, "m"),
    );
    const domain = { ...host, signatureDomain: "d" };
    expect(signatureMaker(domain, "claude-a")).toBe(signatureMaker(domain, "anthropic.claude-a-v1:0"));
  });
});
