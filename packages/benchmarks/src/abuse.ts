import { writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { abuses, provider, type Abuse } from "./abuse/abuses.ts";
import type { AttackCounts } from "./abuse/attack.ts";
import { behaveWell, type Experience, percentile } from "./abuse/well-behaved-client.ts";
import { startUnderTest } from "./memory/server-under-test.ts";
import { describeMachine, machineLine } from "./report/machine.ts";
import { endAllChildren } from "./rig/child-process.ts";
import { repositoryFolder } from "./rig/folders.ts";

const help = `pnpm bench:abuse [options]: a well-behaved client of ccpb, alone and beside each abuse that the bounds are made for

  --seconds S  how long each abuse lasts (default 60)
  --only NAME  one abuse (${abuses.map(({ name }) => name).join(", ")})
  --docs       write docs/benchmarks/abuse.md
`;

const aloneMs = 5_000;

/** Order to the attacker's thread: the abuse by name, the server's port, and the duration in milliseconds. */
interface Order {
  readonly name: string;
  readonly port: number;
  readonly ms: number;
}

interface Finding {
  readonly abuse: Abuse;
  readonly alone: Experience;
  readonly beside: Experience;
  readonly beforeMb: number;
  readonly peakMb: number;
  readonly counts: AttackCounts;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string", default: "60" },
      only: { type: "string" },
      docs: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(help);
  const findings: Finding[] = [];
  for (const abuse of abuses.filter(({ name }) => values.only === undefined || name === values.only)) {
    const finding = await measure(abuse, Number(values.seconds) * 1_000);
    console.error(row(finding), JSON.stringify(finding.counts), faultsOf(finding).slice(0, 3).join("; "));
    findings.push(finding);
  }
  const text = report(findings, Number(values.seconds));
  console.log(text);
  if (values.docs) writeFileSync(join(repositoryFolder(), "docs", "benchmarks", "abuse.md"), text);
  if (findings.some((finding) => faultsOf(finding).length > 0)) process.exitCode = 1;
}

/** One server for each abuse, so that what one leaves behind is not another one's. The attacker has a thread of its own. */
async function measure(abuse: Abuse, ms: number): Promise<Finding> {
  const server = await startUnderTest(
    `abuse-${abuse.name}`,
    [{ type: abuse.type, answer: provider(abuse.type) }],
    "session_affinity: session",
  );
  try {
    const aloneUntilMs = performance.now() + aloneMs;
    const alone = await behaveWell(server.port, () => performance.now() > aloneUntilMs);
    const beforeMb = server.residentMb();
    server.forgetPeak();
    let isOver = false;
    const attacking = attack({ name: abuse.name, port: server.port, ms }).finally(() => (isOver = true));
    const beside = await behaveWell(server.port, () => isOver);
    return { abuse, alone, beside, beforeMb, peakMb: server.peakMb(), counts: await attacking };
  } finally {
    await server.stop();
  }
}

function attack(order: Order): Promise<AttackCounts> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: order });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

async function attackHere({ name, port, ms }: Order): Promise<void> {
  const abuse = abuses.find((one) => one.name === name);
  if (abuse === undefined) throw new Error(`no abuse is called ${name}`);
  parentPort?.postMessage(await abuse.attack({ port, endAtMs: performance.now() + ms }));
  process.exit(0);
}

function faultsOf({ abuse, beside, peakMb }: Finding): readonly string[] {
  return [
    ...(peakMb > abuse.boundMb ? [`${abuse.name}: ${peakMb.toFixed(0)} MB resident, bound ${abuse.boundMb} MB`] : []),
    ...beside.faults.map((fault) => `${abuse.name}: the well-behaved client met: ${fault}`),
  ];
}

function row({ abuse, alone, beside, beforeMb, peakMb }: Finding): string {
  const p99 = ({ ms }: Experience): string => percentile(ms, 0.99).toFixed(1);
  const failed = beside.faults.length;
  const answered = `${beside.ms.length} answered${failed === 0 ? "" : `, **${failed} failed**`}`;
  const peak = peakMb > abuse.boundMb ? `**${peakMb.toFixed(0)}**` : peakMb.toFixed(0);
  return `| ${abuse.title} | ${p99(alone)} | ${p99(beside)} | ${answered} | ${beforeMb.toFixed(0)} | ${peak} | ${abuse.boundMb} |`;
}

function report(findings: readonly Finding[], seconds: number): string {
  const sent = findings.map(({ abuse, counts }) => {
    const told = Object.entries(counts).map(([name, count]) => `${count.toLocaleString("en-US")} ${name}`);
    return `- ${abuse.title}: ${told.join(", ")}`;
  });
  const loadAverage = (loadavg()[2] ?? 0).toFixed(1);
  return `# Under abuse

Measured on: ${machineLine(describeMachine(process.execPath))}. Run it yourself: \`pnpm bench:abuse\`.

Each row is a fresh \`ccpb serve\` that is abused for ${seconds} s while one well-behaved client sends a small request every 20 ms. Server, client and attacker share the machine's processors. p99 is the client's, in milliseconds: first without the abuse (5 s), then beside it. Memory is what the server has resident, in MB: before the abuse, at most during it, and the bound that the run is held against. A bold figure breaks a bound. Load average over the 15 minutes before the end: ${loadAverage}; where other programs run meanwhile, compare the two columns of p99 with each other only.

| abuse | p99 alone | p99 beside | well-behaved client | MB before | MB at most | bound |
| --- | ---: | ---: | --- | ---: | ---: | ---: |
${findings.map(row).join("\n")}

## What was sent

${sent.join("\n")}
`;
}

if (isMainThread) {
  try {
    await main();
  } finally {
    endAllChildren();
  }
} else await attackHere(workerData as Order);
