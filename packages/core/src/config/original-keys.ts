import { labelOf } from "./label.ts";
import { isSection, type Section } from "./plain-data.ts";
import { warningAt, type ConfigPath, type ConfigProblem } from "./problem.ts";

// Keys of the later versions of the original (zkytech/claude-code-provider-balancer, config.example.yaml) that have no meaning here, with what to
// do instead. A file that holds them loads, with one warning for each.
const inSettings: Readonly<Record<string, string>> = {
  deduplication: "equal requests are not merged here",
  oauth: "auth_type: passthrough forwards the login of Claude Code itself",
  testing: "there are no test delays; ccpb demo shows failures",
  sticky_provider_duration: "session_affinity: session keeps a conversation with its provider",
  idle_recovery_interval: "a provider comes back after failure_cooldown",
  client_disconnect_watchdog: "a client that leaves is noticed at once",
  failover_error_types: "error_rules can add to what fails over",
  failover_http_codes: "error_rules or unhealthy_http_codes can add to what fails over",
  unhealthy_exception_patterns: "every network error fails over",
  unhealthy_error_patterns: "error_rules can add to what fails over",
  unhealthy_reset_on_success: "a success always resets the count of failures",
  enable_detailed_request_logging: "log_level: DEBUG logs more",
};
const inTimeouts: Readonly<Record<string, string>> = {
  non_streaming: "timeouts.total bounds answers that are not streamed",
  streaming: "timeouts.response, first_content and idle bound streams",
  caching: "nothing is cached here",
  health_check: "there are no health checks; a cooled provider is probed by the next request",
};
const inProvider: Readonly<Record<string, string>> = {
  streaming_mode: "streams are always passed on as they come",
  account_email: "auth_type: passthrough forwards the login of Claude Code itself",
};

/** The original's keys that load with a warning, by section, each with what to do instead; `reload*` and `app_*` are patterns. */
export const ignoredKeys: Readonly<Record<"settings" | "timeouts" | "provider", Readonly<Record<string, string>>>> = {
  settings: inSettings,
  timeouts: inTimeouts,
  provider: inProvider,
};

/** Returns a copy of a document without top-level `x-*` keys and without the original's keys that mean nothing here; each of the latter is a warning. */
export function withoutForeignKeys(document: Section): { document: Section; warnings: readonly ConfigProblem[] } {
  const warnings: ConfigProblem[] = [];
  const prune = (section: unknown, path: ConfigPath, remedyOf: (key: string) => string | undefined): unknown => {
    if (!isSection(section)) return section;
    const kept = Object.entries(section).filter(([key]) => {
      const remedy = remedyOf(key);
      if (remedy === undefined) return true;
      const message = `${labelOf([...path, key], document)} is ignored (${remedy}); remove it`;
      warnings.push(warningAt([...path, key], "key", message));
      return false;
    });
    return Object.fromEntries(kept);
  };
  const own = Object.fromEntries(Object.entries(document).filter(([key]) => !key.startsWith("x-")));
  const settings = prune(own["settings"], ["settings"], settingsRemedy);
  const timeouts = isSection(settings)
    ? prune(settings["timeouts"], ["settings", "timeouts"], (key) => entry(inTimeouts, key))
    : undefined;
  const providers = own["providers"];
  const pruned = {
    ...own,
    ...("settings" in own && {
      settings: isSection(settings) && "timeouts" in settings ? { ...settings, timeouts } : settings,
    }),
    ...(Array.isArray(providers) && {
      providers: providers.map((provider, index) =>
        prune(provider, ["providers", index], (key) => entry(inProvider, key)),
      ),
    }),
  };
  return { document: pruned, warnings };
}

function settingsRemedy(key: string): string | undefined {
  if (/^reload(_|$)/.test(key)) return "the file is watched and reloaded by itself";
  if (key.startsWith("app_")) return "name and version are ccpb's own";
  return entry(inSettings, key);
}

function entry(table: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
