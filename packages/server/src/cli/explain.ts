import { homedir } from "node:os";
import { Balancer, type ExplainedCandidate, type Explanation } from "@ccpb/core";
import { createColors } from "picocolors";
import { loadConfig } from "../config-file.ts";
import { exitCodes } from "./exit-codes.ts";
import { hasColor, widthOf } from "./output.ts";
import { renderTable, type TableCell } from "./text-table.ts";
import type { CommonOptions } from "./verbs.ts";

interface ExplainOptions extends CommonOptions {
  readonly json?: boolean;
}

/** `ccpb explain MODEL`: who would be asked for a model, by the configuration alone. Answers 1 where nobody would. */
export function explain(model: string, { config, json }: ExplainOptions): number {
  const loaded = loadConfig({
    cwd: process.cwd(),
    env: process.env,
    home: homedir(),
    ...(config !== undefined && { configPath: config }),
  });
  using balancer = new Balancer(loaded.config);
  const explanation = balancer.explain(model);
  const text =
    json === true ? `${JSON.stringify(explanation, null, 2)}\n` : renderExplanation(explanation, process.stdout);
  process.stdout.write(text);
  return explanation.candidates.length > 0 ? exitCodes.ok : exitCodes.failed;
}

function renderExplanation({ model, candidates, others }: Explanation, stream: NodeJS.WriteStream): string {
  const colors = createColors(hasColor(stream));
  const head =
    candidates.length === 0
      ? `No provider is asked for ${model}: requests for it are answered with 404.`
      : `A request for ${model} is asked of these, in this order, all of them healthy:`;
  const rows = [
    ...candidates.map((candidate, index): TableCell[] => [
      { text: String(index + 1), align: "right" },
      { text: nameOf(candidate, candidates), paint: index === 0 ? colors.green : (text) => text },
      { text: candidate.upstreamModel },
      { text: candidate.why, paint: colors.dim },
    ]),
    ...others.map(({ provider, why }): TableCell[] => [
      { text: "–", align: "right", paint: colors.dim },
      { text: provider, paint: colors.dim },
      { text: "" },
      { text: why, paint: colors.dim },
    ]),
  ];
  return `${head}\n\n${renderTable(rows, widthOf(stream))}`;
}

function nameOf({ provider, keyIndex }: ExplainedCandidate, all: readonly ExplainedCandidate[]): string {
  const hasSeveral = all.some((other) => other.provider === provider && other.keyIndex !== keyIndex);
  return hasSeveral ? `${provider} (key ${keyIndex + 1})` : provider;
}
