// Reads tampered answers with every reader: npm run fuzz, or with another number of cases and seed: npm run fuzz -- 10000 2
// One way of an answer alone, by the client's API and the provider's: npm run fuzz -- 100000 1 "chat → messages"
import { spawnSync } from "node:child_process";

const [cases = "250000", seed = "1", way] = process.argv.slice(2);
const providers = { messages: "native", chat: "chat", responses: "responses" };
const [client, provider] = way?.split(/\s*(?:→|->)\s*/) ?? [];
if (way !== undefined && !(client in providers && provider in providers)) {
  console.error(
    `"${way}" is no way of an answer; write the client's API and the provider's, such as "chat → messages".`,
  );
  process.exit(2);
}

/** The test that reads one way of an answer; all of them where none is asked for. */
function testOf() {
  if (way === undefined) return "packages/core/test/fuzz";
  const passes = client === provider && client !== "messages";
  const name = passes ? "passing" : client === "messages" ? "readers" : `${client}-client`;
  return `packages/core/test/fuzz/${name}.fuzz.test.ts`;
}

const { status } = spawnSync("npx", ["vitest", "run", "--project", "all", testOf()], {
  stdio: "inherit",
  env: {
    ...process.env,
    CCPB_FUZZ_CASES: cases,
    CCPB_FUZZ_SEED: seed,
    ...(way !== undefined && { CCPB_FUZZ_PROVIDER: providers[provider] }),
  },
});
process.exitCode = status ?? 1;
