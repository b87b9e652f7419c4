import type { ProviderPreset } from "./guide.ts";

/** Member that tells a server on the same machine from another one. */
export interface LocalServer {
  readonly id: string;
  readonly name: string;
  readonly port: number;
  readonly model: string;
  readonly models: string;
}

/** Returns the preset of a server on the same machine, which needs no key. */
export function localPreset({ id, name, port, model, models }: LocalServer): ProviderPreset {
  return {
    id,
    title: { en: `${name} on this machine`, zh: `本机上的 ${name}` },
    type: "openai",
    baseUrl: `http://127.0.0.1:${port}/v1`,
    auth: "api_key",
    keys: [`${id.toUpperCase().replaceAll(/[^A-Z]/g, "")}_API_KEY`],
    isOptional: true,
    bigModel: model,
    smallModel: model,
    note: {
      en: "The model is the one that is loaded there. Give it a context of 32,000 tokens or more: Claude Code's prompts are long.",
      zh: "模型名以那里加载的为准。上下文请设为 32,000 个 token 以上：Claude Code 的提示词很长。",
    },
    models,
  };
}
