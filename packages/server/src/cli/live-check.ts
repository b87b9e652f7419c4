import { type BalancerConfig, systemClock } from "@ccpb/core";
import { createColors } from "picocolors";
import { askProvider, type LiveResult } from "../control/ask-provider.ts";
import { Authorizers } from "../transport/authorize/authorizers.ts";
import { visible } from "../base/visible-text.ts";
import { clockText } from "../transport/authorize/provider-clock.ts";
import { createHttpTransport } from "../transport/transport.ts";
import { hasColor, widthOf } from "./output.ts";
import { renderTable, type TableCell } from "./text-table.ts";

/**
 * Asks every enabled provider, with each of its keys, for one token. `model` replaces the model that is asked for. Says on a terminal's stderr that it
 * does so.
 */
export async function askProviders(
  config: BalancerConfig,
  { model }: { readonly model?: string } = {},
): Promise<readonly LiveResult[]> {
  const transport = createHttpTransport({ environment: process.env });
  const notes: string[] = [];
  const authorizers = new Authorizers({
    clock: systemClock,
    onRenewalFailure: () => undefined,
    onClockCorrection: (provider, aheadMs) => notes.push(`${visible(clockText(provider, aheadMs))}\n`),
  });
  const enabled = config.providers.filter(({ enabled = true }) => enabled);
  const isTerminal = process.stderr.isTTY;
  if (isTerminal) process.stderr.write(`asking ${enabled.length} ${enabled.length === 1 ? "provider" : "providers"} …`);
  try {
    const asked = enabled.map((provider) =>
      askProvider(provider, config, { transport: transport.send, authorize: authorizers.find, model }),
    );
    const results = (await Promise.all(asked)).flat();
    if (isTerminal) process.stderr.write("\r\u001b[K");
    process.stderr.write(notes.join(""));
    return results;
  } finally {
    authorizers.close();
    transport.close();
  }
}

/** Returns the results as a table for people. */
export function renderResults(results: readonly LiveResult[]): string {
  const colors = createColors(hasColor(process.stdout));
  const marks = {
    answered: { text: "✓", paint: colors.green },
    failed: { text: "✗", paint: colors.red },
    skipped: { text: "–", paint: colors.dim },
  } as const;
  const rows = results.map(({ provider, key, model, outcome, durationMs, detail }): TableCell[] => [
    marks[outcome],
    { text: key === null ? provider : `${provider} (key ${key})` },
    { text: model },
    { text: durationMs === undefined ? "" : `${Math.round(durationMs)} ms`, align: "right" },
    {
      text: outcome === "answered" && detail === "" ? "answered" : detail,
      paint: outcome === "failed" ? colors.red : colors.dim,
    },
  ]);
  return renderTable(rows, widthOf(process.stdout));
}
