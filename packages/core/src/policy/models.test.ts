import { expect, test } from "vitest";
import { mapModel } from "./models.ts";

const both = { bigModel: "big", smallModel: "small" };

test.each([
  ["claude-opus-5-5", "big"],
  ["claude-sonnet-5", "big"],
  ["Claude-SONNET-5", "big"],
  ["claude-haiku-5-5", "small"],
  ["claude-3-5-HAIKU-20241022", "small"],
  ["claude-haiku-5[1m]", "small"],
  ["claude-fable-5", "big"],
  ["gpt-5", "big"],
  ["opus-distilled-haiku", "big"],
])("%s is the %s model", (requested, expected) => {
  expect(mapModel(both, requested)).toBe(expected);
});

test("passthrough keeps the client's name, exactly that word does", () => {
  expect(mapModel({ bigModel: "passthrough", smallModel: "small" }, "claude-Opus-5[1m]")).toBe("claude-Opus-5[1m]");
  expect(mapModel({ bigModel: "Passthrough", smallModel: "small" }, "claude-opus-5")).toBe("Passthrough");
});

test("the finer map goes first, its first match wins", () => {
  const models = [
    { pattern: "*opus*", model: "finest" },
    { pattern: "claude-*", model: "passthrough" },
    { pattern: "*", model: "last" },
  ];
  expect(mapModel({ ...both, models }, "claude-OPUS-5")).toBe("finest");
  expect(mapModel({ ...both, models }, "claude-haiku-5")).toBe("claude-haiku-5");
  expect(mapModel({ ...both, models }, "gpt-5")).toBe("last");
  expect(mapModel({ ...both, models: models.slice(0, 1) }, "claude-haiku-5")).toBe("small");
});

test("the name of a configured upstream model is that model, unless a rule names it", () => {
  expect(mapModel(both, "small")).toBe("small");
  expect(mapModel(both, "big")).toBe("big");
  const models = [
    { pattern: "*", model: "mid" },
    { pattern: "claude-opus", model: "top" },
  ];
  expect(mapModel({ ...both, models }, "top")).toBe("top");
  expect(mapModel({ ...both, models }, "small")).toBe("small");
  expect(mapModel({ ...both, models: [...models, { pattern: "small", model: "other" }] }, "small")).toBe("other");
  expect(mapModel({ bigModel: "passthrough", smallModel: "passthrough" }, "passthrough")).toBe("passthrough");
});

test("a name that a provider does not cover has no model there", () => {
  expect(mapModel({ models: [{ pattern: "*opus*", model: "m" }] }, "claude-haiku-5")).toBeUndefined();
  expect(mapModel({ bigModel: "big" }, "claude-haiku-5")).toBeUndefined();
  expect(mapModel({ bigModel: "big" }, "claude-sonnet-5")).toBe("big");
});
