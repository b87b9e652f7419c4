import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { MemoryFinding } from "./memory/finding.ts";
import { largeBodies } from "./memory/large-bodies.ts";
import { sleepingClient } from "./memory/sleeping-client.ts";
import { soak } from "./memory/soak.ts";
import { describeMachine, machineLine } from "./report/machine.ts";
import { endAllChildren } from "./rig/child-process.ts";
import { repositoryFolder } from "./rig/folders.ts";

const help = `pnpm bench:memory [options]: what a running ccpb holds in memory where much could pile up

  --seconds S  how long the soak lasts (default 60)
  --docs       write docs/benchmarks/memory.md
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "60" },
      docs: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(help);
  const findings: MemoryFinding[] = [];
  for (const run of [
    () => sleepingClient("anthropic", 5_000),
    () => sleepingClient("openai", 5_000),
    () => largeBodies(4),
    () => soak(Number(values.seconds)),
  ]) {
    const finding = await run();
    console.error(section(finding));
    findings.push(finding);
  }
  const text = report(findings);
  console.log(text);
  if (values.docs) writeFileSync(join(repositoryFolder(), "docs", "benchmarks", "memory.md"), text);
  if (findings.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
}

function report(findings: readonly MemoryFinding[]): string {
  return `# Memory

Measured on: ${machineLine(describeMachine(process.execPath))}. Run it yourself: \`pnpm bench:memory\`. Megabytes resident in the whole process of \`ccpb serve\`, from /proc; upstream and clients are another process, and check that every answer is whole. Thousands of slow streams are workload W5 of the [benchmarks](../benchmarks.md).

${findings.map(section).join("\n")}`;
}

function section({ title, figures, faults }: MemoryFinding): string {
  const rows = figures.map(([name, value]) => `| ${name} | ${value} |`);
  const wrong = faults.slice(0, 5).map((fault) => `- **wrong**: ${fault}`);
  return [
    `## ${title[0]?.toUpperCase()}${title.slice(1)}`,
    "",
    "|  | measured |",
    "| --- | ---: |",
    ...rows,
    ...(wrong.length > 0 ? ["", ...wrong] : []),
    "",
  ].join("\n");
}

try {
  await main();
} finally {
  endAllChildren();
}
