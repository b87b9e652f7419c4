import { providerText } from "../packages/server/src/cli/config-template.ts";
import type { ProviderPreset, Words } from "../packages/core/src/vendors/guide.ts";
import { presets, presetsCheckedOn, presetVariables } from "../packages/core/src/vendors/presets.ts";

const texts = {
  en: {
    head: `# Providers to paste

Each entry goes below \`providers:\` in your \`providers.yaml\`; their order is the order of preference. \`ccpb init\` writes them for you, by the name in the heading:

\`\`\`sh
ccpb init --provider anthropic,deepseek,openrouter
ccpb init --provider relay --base-url relay=https://relay.example.com
\`\`\`

This page is made from the same table as \`ccpb init\`, and every entry is put through \`ccpb check\` by a test. The model names were compared with what is published about them on ${presetsCheckedOn}: by the vendors, and for the newest of GPT, Grok, Kimi, GLM, Qwen and Claude Haiku by third parties only. No name was tried with a key: \`ccpb check --live\` asks each provider of yours for one token and shows its own words where it refuses. Vendors rename models often, so each entry links to the vendor's list.`,
    variables: "Variables",
    none: "none",
    models: "Models",
    list: "the vendor's list",
    seen: "Names last seen",
  },
  zh: {
    head: `# 可直接粘贴的服务商条目

每个条目都放在 \`providers.yaml\` 的 \`providers:\` 之下，顺序就是优先顺序。也可以让 \`ccpb init\` 按标题里的名称写好：

\`\`\`sh
ccpb init --provider anthropic,deepseek,openrouter
ccpb init --provider relay --base-url relay=https://relay.example.com
\`\`\`

本页与 \`ccpb init\` 出自同一张表，每个条目都由测试用 \`ccpb check\` 检查过。模型名于 ${presetsCheckedOn} 按公开资料核对：多数依据服务商自己公布的名称，最新的 GPT、Grok、Kimi、GLM、Qwen 和 Claude Haiku 只有第三方资料。核对时没有使用密钥；\`ccpb check --live\` 会向你的每家服务商请求一个 token，被拒绝时显示对方的原话。服务商经常更改模型名，所以每个条目都附有其模型列表的链接。`,
    variables: "环境变量",
    none: "无",
    models: "模型",
    list: "服务商的模型列表",
    seen: "名称最近见于",
  },
} satisfies Record<keyof Words, unknown>;

/** Returns the text of docs/recipes/providers.md, or of its Chinese counterpart, made from the presets of `ccpb init`. */
export function providerRecipes(language: keyof Words): string {
  return `${[texts[language].head, ...presets.map((preset) => recipe(preset, language))].join("\n\n")}\n`;
}

function recipe(preset: ProviderPreset, language: keyof Words): string {
  const { id, title, note, models, modelsSeen } = preset;
  const words = texts[language];
  const names = presetVariables(preset).map((name) => `\`${name}\``);
  const [colon, comma, stop] = language === "zh" ? ["：", "、", "。"] : [": ", ", ", ". "];
  const facts = [
    `${words.variables}${colon}${names.length === 0 ? words.none : names.join(comma)}`,
    ...(models === undefined ? [] : [`${words.models}${colon}[${words.list}](${models})`]),
    ...(modelsSeen === undefined ? [] : [`${words.seen}${colon}[${modelsSeen.date}](${modelsSeen.url})`]),
  ];
  return [
    `## \`${id}\`${colon}${title[language]}`,
    `\`\`\`yaml\nproviders:\n${providerText(preset, language)}\`\`\``,
    `${facts.join(stop)}${stop.trim()}`,
    ...(note === undefined ? [] : [note[language]]),
  ].join("\n\n");
}
