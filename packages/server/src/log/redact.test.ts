import { redactSecrets } from "@ccpb/core/translate";
import { describe, expect, it } from "vitest";
import { createRedactor, redactLines } from "./redact.ts";

// One of each form that core knows.
const credentials = [
  "sk-ant-api03-0123456789abcdef",
  "gsk_0123456789abcdef",
  "r8_0123456789abcdef",
  "github_pat_0123456789abcdef",
  "AIzaSyA0123456789abcdef",
  "ya29.a0AfH6SMBxyz0123",
  "AKIAIOSFODNN7EXAMPLE",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
];
const contexts = [
  "Authorization: Bearer tok-en.0123456789",
  "authorization: Basic dXNlcjpwYXNzd29yZA==",
  "x-api-key: 0123456789abcdef",
  'cookie: "session=0123456789"',
  "https://host/path?api_key=0123456789abcdef&x=1",
  "Incorrect API key provided: my-own-key-123",
];

describe("the log's redactor", () => {
  const redact = createRedactor(["a-configured-secret", 'odd"\\\u202esecret']);

  it("masks every form of credential that core masks, and the configured secrets", () => {
    for (const text of [...credentials, ...contexts]) {
      expect(redact(`before ${text} after`)).toBe(redactSecrets(`before ${text} after`));
      expect(redact(text)).toContain("[redacted]");
    }
    expect(redact('a-configured-secret and odd"\\\u202esecret')).toBe("[redacted] and [redacted]");
  });

  it("leaves lines of JSON that can be read, whatever stands around a credential", () => {
    for (const text of [...credentials, ...contexts, "a-configured-secret", 'odd"\\\u202esecret'])
      for (const [before, after] of [
        ['"', '"'],
        ["\\", "\\"],
        ["\t", "\n"],
        ["key=", "\\"],
        ['Bearer abc"', "}"],
      ]) {
        const line = JSON.stringify({ a: `${before}${text}${after}`, list: [{ b: text }], n: 1, message: "m" });
        const clean = redactLines(`${line}\n${line}\n`, redact);
        const lines = clean.trimEnd().split("\n");
        expect(lines.length).toBe(2);
        for (const one of lines) {
          const read = JSON.parse(one) as { a: string; list: [{ b: string }]; n: number };
          expect(read.a).toBe(redact(`${before}${text}${after}`));
          expect(read.list).toEqual([{ b: redact(text) }]);
          expect(Object.keys(read)).toEqual(["a", "list", "n", "message"]);
        }
      }
  });

  it("leaves lines without credentials byte for byte as they are", () => {
    const lines = '{"model":"claude-opus-5","request_id":"req_ccpb_0123456789ABCDEF","n":1.50}\n{"a":"task-force"}\n';
    expect(redactLines(lines, redact)).toBe(lines);
  });
});
