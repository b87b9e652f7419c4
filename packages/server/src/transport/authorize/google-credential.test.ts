import { expect, it } from "vitest";
import { googleFailureText } from "./google-credential.ts";

it.each([
  [
    "invalid_grant: Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.",
    true,
  ],
  ["invalid_grant: Invalid grant: account not found", false],
  ["Could not load the default credentials.", false],
])("a wrong clock of this machine is named where Google refuses a token for its time: %s", (reason, isNamed) => {
  const text = googleFailureText(reason);
  expect(text).toContain(`Application Default Credentials gave no token: ${reason}`);
  expect(text.includes("the clock of this machine may be wrong")).toBe(isNamed);
});
