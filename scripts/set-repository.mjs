// Writes the repository, homepage and issue tracker into every public manifest: node scripts/set-repository.mjs OWNER/NAME
// With --check, changes nothing and fails where a manifest names another repository: npm refuses provenance for that.
import { readFileSync, writeFileSync } from "node:fs";

const packages = ["core", "redis", "ai-sdk", "otel", "server"];
const args = process.argv.slice(2);
const isCheck = args[0] === "--check";
const name = args.at(-1) ?? "";
if (!/^[\w.-]+\/[\w.-]+$/.test(name)) {
  console.error("usage: node scripts/set-repository.mjs [--check] OWNER/NAME");
  process.exit(2);
}

const url = `https://github.com/${name}`;
let wrong = 0;
for (const folder of packages) {
  const file = `packages/${folder}/package.json`;
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  if (isCheck) {
    if (manifest.repository?.url === `git+${url}.git`) continue;
    wrong += 1;
    console.error(`${file}: repository.url is ${manifest.repository?.url}, not git+${url}.git`);
    continue;
  }
  const { name: own, version, description, keywords, license, ...rest } = manifest;
  const links = {
    homepage: `${url}/tree/main/packages/${folder}#readme`,
    bugs: { url: `${url}/issues` },
    repository: { type: "git", url: `git+${url}.git`, directory: `packages/${folder}` },
  };
  for (const key of Object.keys(links)) delete rest[key];
  const renewed = { name: own, version, description, ...(keywords && { keywords }), ...links, license, ...rest };
  writeFileSync(file, `${JSON.stringify(renewed, undefined, 2)}\n`);
}
if (wrong > 0) {
  console.error(`Set it with: node scripts/set-repository.mjs ${name}`);
  process.exit(1);
}
