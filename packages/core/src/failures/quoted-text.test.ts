import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withoutQuotes } from "./quoted-text.ts";

const model = "claude-opus-5-5";

function body(prompt: string, more: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({ model, ...more, messages: [{ role: "user", content: prompt }] });
}

describe("withoutQuotes", () => {
  const prompt = "Write to Ms Ada Lovelace, 12 St James's Square, that the invoice is overdue";
  const chinese = "请帮我写一封信给张三，告诉他发票已经逾期三个月了，请尽快付款";

  it.each([
    ["the whole prompt", `cannot process: ${prompt}`, "cannot process: [of the request]"],
    ["a part of it", `near 'Ada Lovelace, 12 St James' there is a fault`, "near '[of the request] there is a fault"],
    ["two parts", "Write to Ms Ada | invoice is overdue", "[of the request]|[of the request]"],
    ["less than a quotation", "the invoice of your account", "the invoice of your account"],
    ["nothing of it", "Overloaded, please try again later", "Overloaded, please try again later"],
  ])("takes %s out", (_what, words, clean) => {
    expect(withoutQuotes(words, body(prompt), model)).toBe(clean);
  });

  it("finds a prompt whichever way its characters are escaped", () => {
    const escaped = body(chinese).replaceAll(
      /[^\0-\x7f]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
    );
    for (const sent of [body(chinese), escaped]) {
      expect(withoutQuotes(`敏感内容: ${chinese}`, sent, model)).toBe("敏感内容: [of the request]");
    }
    expect(withoutQuotes(`bad: say "Hello, dear world!" now`, body(`please say "Hello, dear world!" now`), model)).toBe(
      "bad:[of the request]",
    );
  });

  it("keeps the names of members and of the model, which say what to change", () => {
    const sent = body("Hi", { context_management: {} });
    const words = "context_management: Extra inputs are not permitted for claude-opus-5-5";
    expect(withoutQuotes(words, sent, model)).toBe(words);
  });

  it("says nothing where the request is too long to be searched", () => {
    expect(withoutQuotes("Overloaded", "x".repeat(5 * 1_024 * 1_024), model)).toBeUndefined();
  });

  it("leaves no stretch of 16 characters of any prompt, wherever it is quoted", () => {
    const text = fc.string({ minLength: 16, maxLength: 120, unit: fc.constantFrom(...'abcdefgh 汉字日本,."\\\n') });
    fc.assert(
      fc.property(text, fc.string({ maxLength: 60 }), fc.nat(100), (secret, around, cut) => {
        const quoted = secret.slice(cut % (secret.length - 15));
        const words = `${around}${quoted}${around}`;
        const clean = withoutQuotes(words, JSON.stringify({ messages: secret }), model) ?? "";
        for (let at = 0; at + 16 <= secret.length; at += 1) expect(clean).not.toContain(secret.slice(at, at + 16));
      }),
    );
  });
});
