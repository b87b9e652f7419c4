import { commandName } from "../base/command-name.ts";
import type { ProviderPreset, Words } from "@ccpb/core/vendors";

/** Returns a commented `providers.yaml` with the presets in order of preference; secrets are named by their environment variables only. */
export function configFileText(chosen: readonly ProviderPreset[]): string {
  const name = commandName();
  return `# Configuration of ccpb. Keys come from the environment: \${NAME}, or \${NAME:-default}.
# "${name} check" finds mistakes, "${name} check --live" asks each provider once, "${name} schema" is for your editor.

# In order of preference: the first that works serves, the others stand by.
providers:
${chosen.map((preset) => providerText(preset)).join("\n")}
settings:
  host: 127.0.0.1          # another host needs auth.api_keys, see below
  port: 8080
  log_level: INFO          # DEBUG | INFO | WARNING | ERROR
  failure_cooldown: 60     # seconds that a provider stays out after a failure; doubles while it keeps failing
  request_timeout: 30      # seconds until a stream must have begun to answer

  # selection_strategy: priority    # the order above; docs/configuration.md has the others
  # session_affinity: session       # keep a conversation where its prompt cache is warm
  # timeouts: {connect: 10, first_content: 120, idle: 120, total: 300, call: 600}
  # auth: {api_keys: ["\${CCPB_SERVER_KEY}"]}    # ask clients for a key, at least 16 characters
`;
}

const notes = {
  anthropic: { en: "requests are passed through", zh: "请求原样透传" },
  openai: { en: "requests are translated", zh: "请求会被翻译" },
  bedrock: { en: "passed through in Bedrock's envelope", zh: "按 Bedrock 的封装透传" },
  vertex: { en: "passed through in Vertex AI's envelope", zh: "按 Vertex AI 的封装透传" },
  command: { en: "prints a token, renewed by itself", zh: "打印令牌，自动续期" },
  login: { en: "Claude Code's own login, for this provider only", zh: "Claude Code 自己的登录，只发给这一家" },
  keys: { en: "or a list of keys", zh: "也可以是密钥列表" },
  asked: { en: "the model that is asked for", zh: "保留客户端请求的模型名" },
  big: { en: "for opus and sonnet: see the vendor's list", zh: "用于 opus 和 sonnet，见服务商的模型列表" },
  small: { en: "for haiku", zh: "用于 haiku" },
} satisfies Record<string, Words>;

/** Returns the entry of a preset for the list `providers`, indented by two, with comments in `language`. Ends with a newline. */
export function providerText(preset: ProviderPreset, language: keyof Words = "en"): string {
  const { id, type, baseUrl, auth, keys, isOptional, bigModel, smallModel, more = [] } = preset;
  const passesThrough = bigModel === "passthrough";
  const [key] = keys;
  const credential: Line[] = preset.command
    ? [[`auth_command: [${preset.command.join(", ")}]`, notes.command]]
    : key === undefined
      ? [["auth_type: passthrough", notes.login]]
      : [[`auth_type: ${auth}`], [`auth_value: \${${key}${isOptional === true ? `:-${id}` : ""}}`, notes.keys]];
  const lines: Line[] = [
    [`type: ${type}`, notes[type]],
    [`base_url: ${baseUrl}`],
    ...credential,
    [`big_model: ${bigModel}`, passesThrough ? notes.asked : notes.big],
    passesThrough ? [`small_model: ${smallModel}`] : [`small_model: ${smallModel}`, notes.small],
    ...more.map((line): Line => [line]),
  ];
  const body = lines.map(([line, note]) => {
    return `    ${note === undefined ? line : `${line.padEnd(42)} # ${note[language]}`}\n`;
  });
  return `  # ${preset.title[language]}\n  - name: ${id}\n${body.join("")}`;
}

type Line = readonly [line: string] | readonly [line: string, note: Words];
