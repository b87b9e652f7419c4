import { join } from "node:path";
import { estimateFrom } from "../packages/core/src/tokens/estimate.ts";
import { familyOf } from "../packages/core/src/vendors/model-family.ts";
import { weighPrompt } from "../packages/core/src/tokens/prompt-weight.ts";
import { type TextCounter, textTokens } from "../packages/core/src/tokens/text-tokens.ts";
import { countTextTokens } from "../packages/server/src/tokenizer/o200k.ts";
import { type RecordedPrompt, recordedPrompts } from "./recorded-prompts.ts";

interface Sample {
  readonly prompt: RecordedPrompt;
  /** Estimated over real, minus one, without its sign: by words, and by o200k. */
  readonly errors: readonly [words: number, o200k: number];
}

/** The Markdown tables of docs/token-counts.md from the recordings beside the repository; undefined where they are not there. */
export function tokenReport(root: string): string | undefined {
  const prompts = recordedPrompts(join(root, "../shared/fixtures"));
  // Turns that a provider's own tools bring are counted with the prompt, and cannot be foreseen.
  const samples = prompts
    .filter(({ request }) => !weighPrompt(request, () => 0).runsAtProvider)
    .map((prompt): Sample => ({ prompt, errors: [errorOf(prompt, textTokens), errorOf(prompt, countTextTokens)] }));
  if (samples.length === 0) return undefined;
  const families = new Map<string, Sample[]>();
  for (const sample of samples) {
    const { name } = familyOf(sample.prompt.model);
    families.set(name, [...(families.get(name) ?? []), sample]);
  }
  const rows = [...families].toSorted(([, one], [, other]) => other.length - one.length);
  return [
    `${prompts.length} recorded counts, of which ${samples.length} without tools that run at the provider.`,
    "",
    table([
      ["all", samples],
      ["of more than 300 tokens", samples.filter(({ prompt }) => prompt.realTokens > 300)],
      ["with tools", samples.filter(({ prompt }) => (prompt.request.tools?.length ?? 0) > 0)],
      ["without tools", samples.filter(({ prompt }) => (prompt.request.tools?.length ?? 0) === 0)],
    ]),
    "",
    table(rows.map(([family, of]) => [family, of])),
    "",
  ].join("\n");
}

function errorOf({ request, model, realTokens }: RecordedPrompt, countText: TextCounter): number {
  return Math.abs(estimateFrom(weighPrompt(request, countText), model) / realTokens - 1);
}

function table(rows: readonly (readonly [string, readonly Sample[]])[]): string {
  const head = [
    "| prompts | count | words: median | p90 | o200k: median | p90 |",
    "| --- | --: | --: | --: | --: | --: |",
  ];
  const lines = rows.map(([name, samples]) => {
    const cells = [0, 1].flatMap((way) => {
      const errors = samples.map((sample) => sample.errors[way] ?? Number.NaN).toSorted((one, other) => one - other);
      return [percent(errors, 0.5), percent(errors, 0.9)];
    });
    return `| ${name} | ${samples.length} | ${cells.join(" | ")} |`;
  });
  return [...head, ...lines].join("\n");
}

function percent(sorted: readonly number[], quantile: number): string {
  const error = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * quantile))] ?? Number.NaN;
  return `${(100 * error).toFixed(1)} %`;
}
