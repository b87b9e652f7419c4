import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder, repositoryFolder } from "../rig/folders.ts";
import { cpuChart } from "./chart.ts";
import { machineLine } from "./machine.ts";
import { type Page, type Report, reportMarkdown } from "./markdown.ts";

/** Place of a report (`toDocs`: also in the docs). `isOwnNode`: the measured Node is the one that ran the benchmark. */
export interface WriteOptions {
  readonly toDocs: boolean;
  readonly isOwnNode: boolean;
}

/** Keeps a report among the results and, where asked, in the docs; returns its page. */
export function writeReport(report: Report, { toDocs, isOwnNode }: WriteOptions): string {
  const chart = cpuChart(report.summaries, machineLine(report.machine));
  const docs = join(repositoryFolder(), "docs");
  const page = isOwnNode ? mainPage(join(docs, "benchmarks")) : versionPage(report.machine.node);
  const markdown = reportMarkdown(report, page);
  const results = cacheFolder("results");
  const stamp = new Date().toISOString().replaceAll(/[:.]/g, "-");
  writeFileSync(join(results, `${stamp}.json`), JSON.stringify(report, null, 2));
  writeFileSync(join(results, `${stamp}.md`), markdown);
  writeFileSync(join(results, `${stamp}.svg`), chart);
  if (toDocs) {
    mkdirSync(join(docs, "benchmarks"), { recursive: true });
    writeFileSync(join(docs, page.file), markdown);
    writeFileSync(join(docs, dirname(page.file), page.chart), chart);
  }
  return markdown;
}

function mainPage(folder: string): Page {
  const others = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((file) => /^node-\d+\.md$/.test(file))
    .toSorted();
  return {
    file: "benchmarks.md",
    title: "Benchmarks",
    chart: "benchmarks/cpu.svg",
    links: [
      ...others.map((file) => ({ text: `the same on Node ${/\d+/.exec(file)?.[0]}`, href: `benchmarks/${file}` })),
      { text: "memory", href: "benchmarks/memory.md" },
      { text: "under abuse", href: "benchmarks/abuse.md" },
      { text: "where the time goes", href: "decisions/0015-what-the-server-costs.md" },
    ],
  };
}

function versionPage(version: string): Page {
  const major = /\d+/.exec(version)?.[0] ?? version;
  return {
    file: `benchmarks/node-${major}.md`,
    title: `Benchmarks on Node ${major}`,
    chart: `cpu-node-${major}.svg`,
    links: [
      { text: "the main run", href: "../benchmarks.md" },
      { text: "where the time goes", href: "../decisions/0015-what-the-server-costs.md" },
    ],
  };
}
