import fc from "fast-check";
import { expect, test } from "vitest";
import type { ConfigPath } from "./problem.ts";
import { mayShow } from "./disclosure.ts";

const fileSettings: readonly ConfigPath[] = [
  ["settings", "log_file"],
  ["settings", "usage_folder"],
  ["providers", 0, "auth_file"],
];
// "Sk-" and the like begin keys of vendors, in capitals, too.
const folder = fc
  .stringMatching(/^[g-z][A-Za-z0-9.]{0,18}$/)
  .filter((name) => !/^(?:hf_|gh|gsk|xai|sk|pk)/i.test(name));

test("a path of a file is shown, whatever its folders are called", () => {
  fc.assert(
    fc.property(fc.constantFrom(...fileSettings), fc.array(folder, { minLength: 1, maxLength: 6 }), (path, folders) => {
      expect(mayShow(path, `/${folders.join("/")}`)).toBe(true);
      expect(mayShow(path, `C:\\${folders.join("\\")}`)).toBe(true);
    }),
  );
  expect(mayShow(["settings", "log_file"], "/srv/team-8RwAK1/logs/balancer.jsonl")).toBe(true);
});

test.each(["sk-ant-api03-0123456789", "/logs/sk-ant-api03-0123456789", "/logs/0123456789abcdef0123456789abcdef/x"])(
  "a key in the place of a path is not: %s",
  (text) => {
    for (const path of fileSettings) expect(mayShow(path, text)).toBe(false);
  },
);
