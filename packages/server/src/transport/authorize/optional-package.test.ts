import { expect, it } from "vitest";
import { loadOptional } from "./optional-package.ts";

it("says what needs a package that is missing, and the commands that install it", async () => {
  const missing = (): Promise<never> => Promise.reject(new Error("Cannot find package 'x'"));
  await expect(loadOptional(missing, "auth_type: google", ["google-auth-library"])).rejects.toThrow(
    "auth_type: google needs google-auth-library, which cannot be loaded: install where ccpb is (npm install google-auth-library, with --global for a global ccpb; with npx: npx --yes --package google-auth-library --package @ccpb/server ccpb)",
  );
  await expect(loadOptional(missing, "auth_type: aws", ["one", "two"])).rejects.toThrow(
    /^auth_type: aws needs one and two, which cannot all be loaded: install .*npm install one two,/,
  );
});
