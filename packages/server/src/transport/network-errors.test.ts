import { describe, expect, it } from "vitest";
import { codeOf, messageOf, NetworkError, tellingError } from "./network-errors.ts";

function aggregate(codes: readonly string[]): AggregateError {
  const errors = codes.map((code) => Object.assign(new Error(`connect ${code} 192.0.2.1:443`), { code }));
  // Node gives an aggregate the code of its first error, and no message.
  return Object.assign(new AggregateError(errors, ""), { code: codes[0] });
}

// The codes of the addresses of a name in the order of the attempts, and the one that says most about the provider.
const table: readonly (readonly [codes: readonly string[], telling: string])[] = [
  [["ENETUNREACH", "ECONNREFUSED"], "ECONNREFUSED"],
  [["ECONNREFUSED", "ENETUNREACH"], "ECONNREFUSED"],
  [["EADDRNOTAVAIL", "ETIMEDOUT"], "ETIMEDOUT"],
  [["ETIMEDOUT", "ENETUNREACH", "ECONNREFUSED"], "ECONNREFUSED"],
  [["EHOSTUNREACH", "ECONNRESET"], "ECONNRESET"],
  [["ENETUNREACH", "ENETUNREACH"], "ENETUNREACH"],
  [["EMFILE", "EMFILE"], "EMFILE"],
  [["ENETUNREACH", "EHOSTUNREACH"], "ENETUNREACH"],
];

describe("the error of several addresses", () => {
  for (const [codes, telling] of table) {
    it(`${codes.join(", ")} is told as ${telling}`, () => {
      const error = tellingError(aggregate(codes));
      expect(codeOf(error)).toBe(telling);
      for (const code of codes) expect(messageOf(error)).toContain(code);
    });
  }

  it("stays what it is where there is one address only", () => {
    const error = new NetworkError("ECONNREFUSED", "refused");
    expect(tellingError(error)).toBe(error);
  });

  it("is found on the chain of causes", () => {
    expect(codeOf(new Error("outer", { cause: new NetworkError("EMFILE", "inner") }))).toBe("EMFILE");
    expect(codeOf(new Error("outer"))).toBeUndefined();
  });
});
