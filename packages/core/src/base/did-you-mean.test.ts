import { expect, test } from "vitest";
import { didYouMean } from "./did-you-mean.ts";

const keys = ["base_url", "big_model", "small_model", "failure_cooldown", "port", "host"];

test.each([
  ["baseurl", "base_url"],
  ["BASE-URL", "base_url"],
  ["base_ulr", "base_url"],
  ["big_modle", "big_model"],
  ["failiure_cooldwon", "failure_cooldown"],
  ["prot", "port"],
  ["hots", "host"],
  ["completely_else", undefined],
  ["x", undefined],
  ["", undefined],
])("%j is meant to be %j", (word, expected) => {
  expect(didYouMean(word, keys)).toBe(expected);
});
