import { describe, expect, it } from "vitest";
import { textTokens } from "./text-tokens.ts";

// What o200k says of each.
const o200k: readonly (readonly [kind: string, text: string, tokens: number])[] = [
  [
    "English prose",
    "A proxy that fails over before the first word is sent can never be noticed by the person at the keyboard, and that is the whole point of holding the stream back until something real has come.",
    39,
  ],
  [
    "TypeScript",
    'function clamp(value: number, low: number, high: number): number {\n  return Math.min(high, Math.max(low, value));\n}\n\nexport const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;\n',
    58,
  ],
  [
    "Python",
    'def read_config(path: str) -> dict[str, Any]:\n    with open(path, encoding="utf-8") as handle:\n        data = yaml.safe_load(handle)\n    if not isinstance(data, dict):\n        raise ConfigError(f"{path}: a mapping is required")\n    return data\n',
    60,
  ],
  [
    "JSON",
    '{"name":"read_file","description":"Reads a file","input_schema":{"type":"object","properties":{"path":{"type":"string"},"offset":{"type":"integer","minimum":0}},"required":["path"],"additionalProperties":false}}',
    49,
  ],
  [
    "Markdown",
    "## Installation\n\n1. Install Node 20 or later.\n2. Run `npm start`.\n\n| option | default | meaning |\n| --- | --- | --- |\n| `--port` | 8080 | where to listen |\n| `--host` | 127.0.0.1 | who may come in |\n",
    67,
  ],
  [
    "base64",
    "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB1L9RIvNEVUxTveLruM0rfj0WAK1jHDhaXXzOI8d4VFmtvBtMkA/+SNV1tdpcY4BAEl9l2w/j4kSUt26phkV9mG",
    89,
  ],
  [
    "hexadecimal",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    78,
  ],
  [
    "Russian",
    "Прокси, который переключается до первого слова, никогда не будет замечен человеком за клавиатурой, и в этом весь смысл.",
    29,
  ],
  [
    "German",
    "Ein Proxy, der umschaltet, bevor das erste Wort gesendet ist, fällt dem Menschen an der Tastatur nie auf, und genau darum geht es.",
    32,
  ],
  [
    "a directory listing",
    "drwxr-xr-x 2 root root  4096 Nov 24 10:55 src\n-rw-r--r-- 1 root root  1275 Nov 24 10:55 index.ts\n-rw-r--r-- 1 root root 11656 Nov 24 10:55 package.json\n",
    70,
  ],
  ["numbers", "12.345, 678.901, 234.567, 890.123, 456.789, 12.001, 99.999, 100.5, 7, 42, 1000000\n", 50],
];

describe("textTokens", () => {
  it.each(o200k)("is within a sixth of o200k on %s", (_kind, text, tokens) => {
    expect(Math.abs(textTokens(text) / tokens - 1)).toBeLessThan(1 / 6);
  });

  it("counts a CJK character as a token", () => {
    expect(textTokens("你好世界".repeat(100))).toBe(400);
    expect(textTokens("안녕하세요".repeat(10))).toBe(50);
  });

  it("is 0 for nothing", () => {
    expect(textTokens("")).toBe(0);
  });

  it("judges a long text by windows of it, within 5 % of the whole", () => {
    const line = "export const total = items.reduce((sum, item) => sum + item.price, 0); // euros\n";
    const whole = textTokens(line.repeat(25)) * 200;
    expect(Math.abs(textTokens(line.repeat(5_000)) / whole - 1)).toBeLessThan(0.05);
    const mixed = line.repeat(500) + "你好，世界。".repeat(5_000);
    const parts = textTokens(line.repeat(25)) * 20 + 30_000;
    expect(Math.abs(textTokens(mixed) / parts - 1)).toBeLessThan(0.1);
  });

  it("gives the same for the same text", () => {
    const text = "a1 B2 ünï 你 🙂\n".repeat(9_000);
    expect(textTokens(text)).toBe(textTokens(text));
  });
});
