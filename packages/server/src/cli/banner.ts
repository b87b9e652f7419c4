import type { ProviderConfig } from "@ccpb/core";
import { createColors } from "picocolors";
import stringWidth from "string-width";
import { hasColor, widthOf } from "./output.ts";
import type { RunningServer } from "../app/start-server.ts";
import { version } from "../base/version.ts";
import { visible } from "../base/visible-text.ts";
import { asksForKeys } from "../app/safe-binding.ts";

type Colors = ReturnType<typeof createColors>;

/** A line of the box: its text, and how to paint it. */
interface BoxLine {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

const title = "Claude Code Provider Balancer";
// Of the longest label, so that the colons stand below each other.
const labelWidth = "Configuration".length;
// The box has at least this many columns, so that it looks the same for most configurations.
const usualWidth = 76;

/**
 * Returns the box that `ccpb serve` prints when it listens, and the lines to paste for Claude Code. No line is wrapped or cut: where one is wider than
 * the terminal, the box is left out and the lines stay.
 *
 * @param columns width of the output; default: that of stdout, `Infinity` where it is no terminal
 */
export function renderBanner(
  { url, loaded, workers = 1 }: Pick<RunningServer, "url" | "loaded" | "workers">,
  columns: number = widthOf(process.stdout),
): string {
  const { config, server, source } = loaded;
  const colors = createColors(hasColor(process.stdout));
  const address = clientAddress(url);
  const enabled = config.providers.filter(({ enabled: isEnabled = true }) => isEnabled).length;
  const disabled = config.providers.length - enabled;
  const lines: BoxLine[] = [
    field("Version", `v${version}`),
    field("Providers", `${enabled}/${enabled} healthy${disabled === 0 ? "" : `, ${disabled} disabled`}`),
    ...config.providers.map((provider) => providerLine(provider, colors)),
    field("Configuration", source.kind === "file" ? source.path : `environment (${source.variables.join(", ")})`),
    field("Log Level", server.logLevel),
    ...(server.logFile === null ? [] : [field("Log File", server.logFile)]),
    ...(workers === 1 ? [] : [field("Workers", String(workers))]),
    field("Status Page", `${address}/ui`),
    { ...field("Listening on", url), paint: colors.bold },
  ];
  const paste = pasteLines(address, loaded).map((line) => `  ${line}\n`);
  return `${renderBox(lines, columns)}\n\nFor Claude Code:\n\n${paste.join("")}\n`;
}

function field(label: string, value: string): BoxLine {
  return { text: `${label.padEnd(labelWidth)} : ${visible(value)}` };
}

function providerLine({ name, type, baseUrl, enabled = true }: ProviderConfig, colors: Colors): BoxLine {
  const text = `[${enabled ? "✓" : "✗"}] ${visible(name)} (${type}): ${visible(baseUrl)}${enabled ? "" : " (disabled)"}`;
  return { text, paint: enabled ? colors.green : colors.dim };
}

function renderBox(lines: readonly BoxLine[], columns: number): string {
  const longest = Math.max(...lines.map(({ text }) => stringWidth(text)), Math.min(usualWidth, columns) - 4);
  const heading = ` ${title} `;
  if (longest + 4 > columns || longest < heading.length) {
    return [title, ...lines.map(paintedText)].join("\n");
  }
  const rest = longest + 2 - heading.length;
  const left = "─".repeat(Math.floor(rest / 2));
  const right = "─".repeat(Math.ceil(rest / 2));
  return [
    `╭${left}${heading}${right}╮`,
    ...lines.map((line) => `│ ${paintedText(line)}${" ".repeat(longest - stringWidth(line.text))} │`),
    `╰${"─".repeat(longest + 2)}╯`,
  ].join("\n");
}

function paintedText({ text, paint }: BoxLine): string {
  return paint === undefined ? text : paint(text);
}

/** The address under which a client on this machine finds a server that listens on all addresses. */
function clientAddress(url: string): string {
  return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
}

function pasteLines(address: string, { config, server }: RunningServer["loaded"]): readonly string[] {
  const base = `export ANTHROPIC_BASE_URL=${address}`;
  if (server.auth.apiKeys.length > 0) return [base, "export ANTHROPIC_AUTH_TOKEN=<one of settings.auth.api_keys>"];
  if (asksForKeys(server.auth)) return [base, "export ANTHROPIC_AUTH_TOKEN=<a key of settings.auth.clients>"];
  // A token would take the place of Claude Code's own login, which such a provider forwards.
  const passesLogin = config.providers.some(({ enabled = true, auth }) => enabled && auth.type === "passthrough");
  return passesLogin ? [base] : [base, "export ANTHROPIC_AUTH_TOKEN=dummy"];
}
