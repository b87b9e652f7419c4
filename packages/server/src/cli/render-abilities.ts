import { createColors } from "picocolors";
import { visible } from "../base/visible-text.ts";
import type { ModelAbilities } from "./ask-abilities.ts";
import { hasColor, widthOf } from "./output.ts";
import { renderTable, type TableCell } from "./text-table.ts";

/** Returns what models take as tables for people, each with the line of `providers.yaml` that follows. */
export function renderAbilities(all: readonly ModelAbilities[]): string {
  const colors = createColors(hasColor(process.stdout));
  const marks = {
    yes: { text: "✓", paint: colors.green },
    no: { text: "✗", paint: colors.yellow },
    failed: { text: "✗", paint: colors.red },
    skipped: { text: "–", paint: colors.dim },
  } as const;
  const parts = all.map(({ provider, model, abilities, profile }) => {
    const rows = abilities.map(({ title, outcome, detail }): TableCell[] => [
      marks[outcome],
      { text: title },
      { text: outcome === "skipped" ? "not asked" : detail, paint: colors.dim },
    ]);
    const advice =
      profile === null
        ? "Nothing to write: what is assumed of it is right."
        : `Write this line under ${visible(provider)}:\n    ${visible(profile)}`;
    return `\n${colors.bold(`${visible(provider)}, ${visible(model)}`)}\n${renderTable(rows, widthOf(process.stdout))}${advice}\n`;
  });
  return parts.join("");
}
