import { isSection, type Section } from "./plain-data.ts";

/** Configurations of other programs, by keys that stand together at the top of theirs and never in one of ours. */
const programs: readonly { readonly program: string; readonly keys: readonly string[] }[] = [
  { program: "LiteLLM", keys: ["model_list"] },
  { program: "claude-code-router", keys: ["Providers", "Router"] },
  { program: "Claude Code (settings.json)", keys: ["env"] },
  { program: "Codex (config.toml)", keys: ["model_providers"] },
  { program: "opencode", keys: ["$schema", "provider"] },
  { program: "Docker Compose", keys: ["services"] },
  { program: "Kubernetes", keys: ["apiVersion", "kind"] },
  { program: "an MCP client", keys: ["mcpServers"] },
];

/**
 * Returns the program that a section is the configuration of, and the key that shows it; undefined where the section has providers of ours, also under a
 * mistyped key, or where no known program writes such a one.
 */
export function foreignProgram(document: Section): { readonly program: string; readonly key: string } | undefined {
  if (Object.hasOwn(document, "providers") || Object.values(document).some(hasOurProvider)) return undefined;
  const found = programs.find(({ keys }) => keys.every((key) => Object.hasOwn(document, key)));
  return found === undefined ? undefined : { program: found.program, key: found.keys[0] ?? "" };
}

/** Decides whether a value is a list with a provider as ccpb alone writes it. */
function hasOurProvider(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.some((entry) => isSection(entry) && ["base_url", "auth_value"].some((key) => Object.hasOwn(entry, key)))
  );
}

/**
 * Describes a document that is no section, for the end of a message. A text is never quoted: it may be an env file or another file with keys in it.
 */
export function describeWhole(document: unknown): string {
  if (document === null || document === undefined) return "empty";
  if (typeof document !== "string") return Array.isArray(document) ? "a list" : "a single value";
  if (/^\s*<(?:!doctype|html|\?xml)/i.test(document)) return "a web page";
  // NAME=value of env files, name = value of TOML.
  if (/^\s*(?:export +|set +|\[[\w.-]+\]\s+)?[A-Za-z_][\w.]* *=/.test(document)) {
    return "lines of the form NAME=value, as of an env file or of TOML";
  }
  return "a text";
}
