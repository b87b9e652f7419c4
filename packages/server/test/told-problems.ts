import { loadConfig } from "../src/config/config-file.ts";
import { prepareConfig } from "../src/app/prepared-config.ts";
import { ConfigError } from "../src/config/problems.ts";
import { TemporaryFolder } from "./temporary-folder.ts";

/** A configuration without a fault. */
export const good: string = `providers:
  - name: anthropic
    type: anthropic
    base_url: https://api.anthropic.com
    auth_type: api_key
    auth_value: sk-ant-0123456789abcdef
    big_model: passthrough
    small_model: passthrough
`;

/** Returns the problems that a start reports of a file and of variables, each with its place (`line:column`); one that is not about the file has none. */
export function saidOf(
  content: string,
  env: Readonly<Record<string, string>> = {},
): (readonly [place: string, message: string])[] {
  using folder = new TemporaryFolder();
  folder.write("providers.yaml", content);
  try {
    const loaded = loadConfig({ cwd: folder.path, home: folder.path, env });
    prepareConfig(loaded, env);
    return loaded.warnings
      .filter(({ message }) => !message.includes("readable"))
      .map(({ line, column, message }) => [`${line}:${column}`, message] as const);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.problems.map(({ line, column, message }) => [`${line}:${column}`, message] as const);
    return [["", error instanceof Error ? error.message : String(error)]];
  }
}

/** A message says what is wrong, and behind a semicolon, a colon or a comma what to write. */
export const remedy: RegExp =
  /(?:[;:,?]|\)) (?:then |.*, or |.*, and )?(?:[Ww]rite|add|remove|set|put|take|leave|did you mean|align|keep|correct|look|see|the keys are|names are|ccpb adds|it counts once)\b/;
