import boxen from "boxen";
import type { ProviderConfig } from "@ccpb/core";
import { createColors } from "picocolors";
import { hasColor } from "./cli/output.ts";
import type { RunningServer } from "./start-server.ts";
import { version } from "./version.ts";
import { visible } from "./visible-text.ts";

/** The box that `ccpb serve` prints when it listens: what runs, and the two lines to paste. Ends with a newline. */
export function renderBanner({ url, loaded, workers = 1 }: Pick<RunningServer, "url" | "loaded" | "workers">): string {
  const { config, server, source } = loaded;
  const pc = createColors(hasColor(process.stdout));
  const lines = [
    pc.bold(`Claude Code Provider Balancer ${version}`),
    "",
    ...config.providers.map((provider) => providerLine(provider, pc)),
    "",
    `Configuration  ${visible(source.kind === "file" ? source.path : `environment (${source.variables.join(", ")})`)}`,
    `Log level      ${server.logLevel}${server.logFile === null ? "" : `, file ${visible(server.logFile)}`}`,
    ...(workers === 1 ? [] : [`Workers        ${workers}`]),
    `Listening on   ${pc.bold(url)}`,
  ];
  const box = boxen(lines.join("\n"), { padding: { top: 0, bottom: 0, left: 1, right: 1 }, borderStyle: "round" });
  return `${box}\n\nFor Claude Code:\n\n${pasteLines(url, loaded)
    .map((line) => `  ${line}\n`)
    .join("")}\n`;
}

function providerLine(
  { name, type, enabled = true, bigModel, smallModel }: ProviderConfig,
  pc: ReturnType<typeof createColors>,
): string {
  const mark = enabled ? pc.green("✓") : pc.red("✗");
  const models = [bigModel, smallModel].filter((model) => model !== undefined).join(" / ");
  return `${mark} ${visible(name)} ${pc.dim(`(${type})`)}${models === "" ? "" : `  ${visible(models)}`}${enabled ? "" : pc.dim("  disabled")}`;
}

function pasteLines(url: string, { config, server }: RunningServer["loaded"]): string[] {
  const address = url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:");
  const passesThrough = config.providers.some(({ enabled = true, auth }) => enabled && auth.type === "passthrough");
  const token = server.auth.apiKeys.length > 0 ? "<one of settings.auth.api_keys>" : "dummy";
  const ownLogin = "# a passthrough provider uses your own login: set ANTHROPIC_AUTH_TOKEN to it, or leave it out";
  return [
    `export ANTHROPIC_BASE_URL=${address}`,
    `export ANTHROPIC_AUTH_TOKEN=${token}`,
    ...(passesThrough && server.auth.apiKeys.length === 0 ? [ownLogin] : []),
  ];
}
