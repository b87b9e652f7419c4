/** The parts of docs/configuration.md and of its Chinese counterpart that no schema holds. */
export interface ConfigurationTexts {
  readonly introduction: string;
  readonly environment: string;
  readonly library: string;
  /** Below the heading of the list of providers. */
  readonly order: string;
  readonly ofProvider: (key: string) => string;
  readonly routes: string;
  readonly original: string;
  /** The heads of the columns behind `key`. */
  readonly columns: readonly [value: string, standard: string];
  readonly instead: string;
  readonly example: string;
  readonly types: Readonly<Record<string, string>>;
  readonly list: (type: string) => string;
  readonly or: string;
  /** The head of the first column. */
  readonly key: string;
  /** Between two sentences. */
  readonly space: string;
}

export const english: ConfigurationTexts = {
  introduction: `<!-- Made by scripts/write-configuration-doc.mjs from the schema of the file format; edit that. -->
# Configuration

One YAML file, by custom \`providers.yaml\`; [providers.example.yaml](../providers.example.yaml) shows most of it. \`ccpb init\` writes one, \`ccpb check\` checks one. Editors that understand JSON schemas take [providers.schema.json](providers.schema.json); the first line of the example tells them.

## Where it is looked for

1. \`--config FILE\`; a file that is not there is an error, never a fallback
2. \`CCPB_CONFIG\`, or the original's \`PROVIDERS_CONFIG_PATH\`
3. \`providers.yaml\`, then \`ccpb.yaml\`, in the working folder
4. the same in each folder above, up to the project's root: the folder with \`.git\`, or else the outermost one with a \`package.json\`; outside of a project nothing above the working folder is read
5. \`$XDG_CONFIG_HOME/ccpb/providers.yaml\` (\`~/.config/ccpb/providers.yaml\`)
6. the environment alone, see [below](#the-environment)

Relative paths in the file are relative to the file's folder; \`~/\` is the home folder.

## How it is read

- YAML 1.2, core schema, UTF-8: \`yes\`, \`no\`, \`on\`, \`off\` are texts. A text that begins with \`*\`, such as a model pattern, must be in quotes. Anchors, aliases (at most 100 copies) and \`<<\` work; top-level keys that begin with \`x-\` are free, as a place for anchors.
- \`\${NAME}\` is the value of an environment variable, \`\${NAME:-default}\` has a default (also for an empty variable), \`$\${\` stands for a plain \`\${\`. They are replaced after the YAML is parsed, so that a secret cannot change the structure. An unset variable is an error only for an enabled provider.
- Everything wrong is reported at once, with file, line, column, the line and what to write instead; nothing starts (exit code 2), and a reload changes nothing. Values that are or may be secrets are shown as \`•••\`.
- Unknown keys are errors. A file that every user of the machine can read is a warning where a key stands in it.
- Times are in seconds.`,
  environment: `## The environment

These win over the file, and the command line wins over them:

| variable | key |
| --- | --- |
| \`LOG_LEVEL\` | \`settings.log_level\` |
| \`LOG_FILE_PATH\` | \`settings.log_file\`, relative to the working folder |
| \`CCPB_HOST\` | \`settings.host\`; \`--host\` wins |
| \`CCPB_PORT\`, else \`PORT\` | \`settings.port\`; \`--port\` wins |

Without any file these make providers, in this order:

| variable | provider |
| --- | --- |
| \`ANTHROPIC_API_KEY\`, else \`ANTHROPIC_AUTH_TOKEN\` | Anthropic, models passed through |
| \`OPENROUTER_API_KEY\` | OpenRouter; needs \`CCPB_BIG_MODEL\` and \`CCPB_SMALL_MODEL\` |
| \`OPENAI_API_KEY\` | OpenAI; needs \`CCPB_BIG_MODEL\` and \`CCPB_SMALL_MODEL\` |

\`ANTHROPIC_BASE_URL\` is not read: it points at ccpb itself.`,
  library: `## From a program

\`\`\`ts
import { Balancer } from "@ccpb/core";
import { parseConfig } from "@ccpb/core/config";

const result = parseConfig(document, { env: process.env }); // document: the content of the file as an object
if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join("\\n"));
const balancer = new Balancer(result.config);
\`\`\`

\`parseConfig\` reads no files and knows no YAML. A \`BalancerConfig\` can as well be written by hand: it is plain data in camelCase and milliseconds.`,
  order: "A list. Its order is the order of preference.",
  ofProvider: (key) => `\`${key}\` of a provider`,
  routes: "The keys are names or globs, the values lists of candidates:",
  original:
    "## Keys of the original's later versions\n\nThey load, each with one warning, so that an old `config.yaml` needs no editing:",
  columns: ["value", "default"],
  instead: "instead",
  example: "e.g.",
  types: {
    string: "text",
    number: "number",
    integer: "whole number",
    boolean: "true, false",
    null: "null",
    map: "map",
    section: "section",
    any: "any",
  },
  list: (type) => `list of ${type}`,
  or: " or ",
  key: "key",
  space: " ",
};

export const chinese: ConfigurationTexts = {
  introduction: `<!-- Made by scripts/write-configuration-doc.mjs from the schema of the file format and scripts/configuration-zh.ts; edit those. -->
# 配置

一个 YAML 文件，习惯上叫 \`providers.yaml\`；[providers.example.yaml](../providers.example.yaml) 展示了其中大部分内容。\`ccpb init\` 生成一份，\`ccpb check\` 检查一份。支持 JSON schema 的编辑器可以使用 [providers.schema.json](providers.schema.json)，示例文件的第一行已经写好。

## 在哪里查找

1. \`--config FILE\`；文件不存在就是错误，绝不会改用别的文件
2. \`CCPB_CONFIG\`，或原项目的 \`PROVIDERS_CONFIG_PATH\`
3. 工作目录里的 \`providers.yaml\`，其次 \`ccpb.yaml\`
4. 上面各级文件夹里的同名文件，直到项目的根：有 \`.git\` 的文件夹，否则是最外层有 \`package.json\` 的文件夹；不在项目里时，不读取工作目录之上的任何文件
5. \`$XDG_CONFIG_HOME/ccpb/providers.yaml\`（\`~/.config/ccpb/providers.yaml\`）
6. 只用环境变量，见[下文](#环境变量)

文件里的相对路径相对于文件所在的文件夹；\`~/\` 是家目录。

## 怎样读取

- YAML 1.2，core schema，UTF-8：\`yes\`、\`no\`、\`on\`、\`off\` 都是文本。以 \`*\` 开头的文本（例如模型的通配模式）必须加引号。可以使用锚点、别名（最多展开 100 份）和 \`<<\`；以 \`x-\` 开头的顶层键可以随意使用，用来放锚点。
- \`\${NAME}\` 是环境变量的值，\`\${NAME:-default}\` 带有默认值（变量为空时也用），\`$\${\` 表示普通的 \`\${\`。替换在 YAML 解析之后进行，所以密钥不会改变文件的结构。只有启用的服务商引用了未设置的变量才算错误。
- 所有错误一次报告，带有文件、行号、列号、原文和应该怎么写；启动时有错误就不启动（退出码 2），重新加载时有错误就什么都不改变。是密钥或可能是密钥的值显示为 \`•••\`。
- 未知的键是错误。文件里写有密钥、而机器上所有用户都能读取它时会引起警告。
- 时间的单位是秒。`,
  environment: `## 环境变量

以下变量优先于文件，命令行又优先于它们：

| 变量 | 对应的键 |
| --- | --- |
| \`LOG_LEVEL\` | \`settings.log_level\` |
| \`LOG_FILE_PATH\` | \`settings.log_file\`，相对于工作目录 |
| \`CCPB_HOST\` | \`settings.host\`；\`--host\` 优先 |
| \`CCPB_PORT\`，其次 \`PORT\` | \`settings.port\`；\`--port\` 优先 |

没有任何文件时，由以下变量得出服务商，按此顺序：

| 变量 | 服务商 |
| --- | --- |
| \`ANTHROPIC_API_KEY\`，其次 \`ANTHROPIC_AUTH_TOKEN\` | Anthropic，模型名透传 |
| \`OPENROUTER_API_KEY\` | OpenRouter；需要 \`CCPB_BIG_MODEL\` 和 \`CCPB_SMALL_MODEL\` |
| \`OPENAI_API_KEY\` | OpenAI；需要 \`CCPB_BIG_MODEL\` 和 \`CCPB_SMALL_MODEL\` |

不读取 \`ANTHROPIC_BASE_URL\`：它指向的是 ccpb 自己。`,
  library: `## 在程序里使用

\`\`\`ts
import { Balancer } from "@ccpb/core";
import { parseConfig } from "@ccpb/core/config";

const result = parseConfig(document, { env: process.env }); // document：文件内容解析成的对象
if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join("\\n"));
const balancer = new Balancer(result.config);
\`\`\`

\`parseConfig\` 不读取文件，也不了解 YAML。\`BalancerConfig\` 也可以自己写：它是普通的数据，使用驼峰命名，时间单位是毫秒。`,
  order: "一个列表，顺序就是优先顺序。",
  ofProvider: (key) => `服务商的 \`${key}\``,
  routes: "键是名称或通配模式，值是候选的列表：",
  original: "## 原项目后来版本的键\n\n它们可以加载，每个键给出一次警告，所以旧的 `config.yaml` 不用修改：",
  columns: ["值", "默认值"],
  instead: "改用",
  example: "例如",
  types: {
    string: "文本",
    number: "数字",
    integer: "整数",
    boolean: "true、false",
    null: "null",
    map: "键值对",
    section: "小节",
    any: "任意",
  },
  list: (type) => `${type}的列表`,
  or: " 或 ",
  key: "键",
  space: "",
};
