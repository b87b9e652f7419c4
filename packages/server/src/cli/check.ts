import { homedir } from "node:os";
import { relative } from "node:path";
import { Balancer } from "@ccpb/core";
import { createColors } from "picocolors";
import { loadConfig, type LoadConfigOptions, type LoadedConfig } from "../config/config-file.ts";
import { type LocatedProblem, renderProblems } from "../config/problems.ts";
import { exposureWarnings } from "../app/exposure-warnings.ts";
import { prepareConfig } from "../app/prepared-config.ts";
import { assertSharedState } from "../sharing/shared-state.ts";
import type { Environment } from "../transport/proxy-route.ts";
import { exitCodes } from "../base/exit-codes.ts";
import { hasColor } from "./output.ts";
import type { CommonOptions } from "./common-options.ts";
import { visible } from "../base/visible-text.ts";

interface CheckOptions extends CommonOptions {
  readonly live?: boolean;
  readonly print?: boolean;
  readonly model?: string;
}

/**
 * `ccpb check [FILE]`: every problem of a configuration with its place. `live` also asks each enabled provider, `print` shows what is in force.
 * Answers 2 (by `ConfigError`) for a configuration that cannot be used, 1 where a provider failed.
 */
export async function check(file: string | undefined, options: CheckOptions): Promise<number> {
  const configPath = file ?? options.config;
  const load: LoadConfigOptions = {
    cwd: process.cwd(),
    env: process.env,
    home: homedir(),
    ...(configPath !== undefined && { configPath }),
    ...(options.host !== undefined && { host: options.host }),
    ...(options.port !== undefined && { port: options.port }),
  };
  const loaded = loadConfig(load);
  const exposure = await findExposure(loaded, load.env);
  process.stderr.write(
    renderProblems([...loaded.warnings, ...exposure], { color: hasColor(process.stderr), cwd: load.cwd }),
  );
  if (options.print === true) {
    const { renderEffectiveConfig } = await import("./effective-config.ts");
    process.stdout.write(renderEffectiveConfig(loaded, load));
  } else {
    process.stdout.write(summary(loaded, load.cwd));
  }
  if (options.live !== true) return exitCodes.ok;
  const { checkProviders } = await import("./live-check.ts");
  return checkProviders(loaded.config, { ...(options.model !== undefined && { model: options.model }) });
}

/** Returns the warnings of how the server could be reached. Rejects with what a start or a reload would fail with. Connects to nothing. */
async function findExposure(loaded: LoadedConfig, environment: Environment): Promise<readonly LocatedProblem[]> {
  const { exposure } = prepareConfig(loaded, environment);
  await assertSharedState(loaded);
  new Balancer(loaded.config)[Symbol.dispose]();
  const warnings = exposureWarnings(exposure, Date.now());
  return warnings.map((message) => ({ file: null, message, severity: "warning" }));
}

function summary({ config, source }: LoadedConfig, cwd: string): string {
  const colors = createColors(hasColor(process.stdout));
  const name = visible(
    source.kind === "file" ? shown(source.path, cwd) : `the environment (${source.variables.join(", ")})`,
  );
  const enabled = config.providers.filter(({ enabled = true }) => enabled).length;
  const disabled = config.providers.length - enabled;
  const count = `${enabled} enabled ${enabled === 1 ? "provider" : "providers"}${disabled === 0 ? "" : `, ${disabled} disabled`}`;
  return `${colors.green("✓")} ${name} can be used: ${count}\n`;
}

function shown(path: string, cwd: string): string {
  const near = relative(cwd, path);
  return near.startsWith("..") ? path : near;
}
