import { createHash } from "node:crypto";
import type { ProviderConfig } from "@ccpb/core";
import {
  type Answer,
  type AnswerBlock,
  type AnswerContext,
  anthropicFrames,
  anthropicMembers,
  type AnthropicRules,
  type ChatRules,
  openaiFrames,
  openaiMembers,
  refuseAnthropic,
  refuseChat,
  refuseResponses,
} from "@ccpb/fake-upstream";
import { responsesFrames } from "./responses-frames.ts";

/** An upstream of a kind: how it is configured, what it refuses, and how it says something. It remembers what it has signed. */
export interface Vendor {
  readonly provider: ProviderConfig;
  /** The message of the 400 that the real API would answer; undefined where it would not. */
  refuse(body: unknown, headers: Readonly<Record<string, string>>): string | undefined;
  /** A stream, as text. */
  say(blocks: readonly AnswerBlock[], context: AnswerContext): string;
}

/** Makes an upstream that has not been asked yet. */
export type MakeVendor = () => Vendor;

/** The upstreams that a conversation is walked across, under the hosts by which ccpb knows them. */
export const vendors: Readonly<Record<string, MakeVendor>> = {
  anthropic: () =>
    native("anthropic", "https://api.anthropic.com", "claude-opus-5-5", {
      members: anthropicMembers,
      takesSystemTurns: true,
    }),
  gateway: () =>
    native("gateway", "https://claude.gateway.test", "claude-opus-5-5", {
      members: anthropicMembers,
      takesSystemTurns: true,
    }),
  bedrock: () =>
    native("bedrock", "https://bedrock-runtime.us-east-1.amazonaws.com", "anthropic.claude-sonnet-4-5-20250929-v1:0", {
      members: membersWithout("context_management", "safeguards", "output_config"),
      takesSystemTurns: false,
      betas: new Set(["interleaved-thinking-2025-05-14", "context-1m-2025-08-07"]),
    }),
  deepseekNative: () =>
    native("deepseekNative", "https://api.deepseek.com/anthropic", "deepseek-v4-pro", {
      members: membersWithout("context_management", "safeguards"),
      takesSystemTurns: false,
      wantsThinkingInToolTurns: true,
      userId: /^[a-zA-Z0-9_-]+$/,
      refusesIdleEffort: true,
    }),
  openai: () => {
    const vendor = chat("openai", "https://api.openai.com/v1", "gpt-5.6", {
      toolIdLimit: 40,
      refusesEffortWithTools: true,
    });
    // By itself it would ask this model over Responses, for its tools.
    return { ...vendor, provider: { ...vendor.provider, dialect: "chat" } };
  },
  deepseek: () =>
    chat("deepseek", "https://api.deepseek.com/v1", "deepseek-v4-pro", {
      wantsReasoning: true,
      takesImages: false,
      members: new Set([...openaiMembers, "thinking"]),
    }),
  kimi: () =>
    chat("kimi", "https://api.moonshot.ai/v1", "kimi-k2.6", {
      wantsReasoning: true,
      members: new Set([...openaiMembers, "thinking"]),
    }),
  mistral: () =>
    chat("mistral", "https://api.mistral.ai/v1", "mistral-large-latest", {
      toolId: /^[A-Za-z0-9]{9}$/,
    }),
  gemini: () => gemini(),
  responses: () => responses(),
};

/** Upstreams whose reasoning only they themselves accept, several models at one host and one model at several hosts among them. */
export const signingVendors: Readonly<Record<string, MakeVendor>> = {
  opus: () => native("opus", "https://api.anthropic.com", "claude-opus-5-5", strictAnthropic),
  sonnet: () => native("sonnet", "https://api.anthropic.com", "claude-sonnet-5-5", strictAnthropic),
  gateway: () => native("gateway", "https://claude.gateway.test", "claude-opus-5-5", strictAnthropic),
  geminiPro: () => gemini("geminiPro", "gemini-3-pro"),
  geminiFlash: () => gemini("geminiFlash", "gemini-3.6-flash"),
  vertexPro: () => gemini("vertexPro", "google/gemini-3-pro", vertexUrl, "vertex"),
  gpt: () => responses("gpt", "gpt-5.6"),
  gptNext: () => responses("gptNext", "gpt-6"),
  azureGpt: () => responses("azureGpt", "gpt-5.6", "https://one.openai.azure.com/openai/v1"),
  routedClaude: () => signing("routedClaude", "https://openrouter.ai/api/v1", "anthropic/claude-opus-5.5", "details"),
  routedGemini: () => signing("routedGemini", "https://openrouter.ai/api/v1", "google/gemini-3-pro", "details"),
  vercelGemini: () => signing("vercelGemini", "https://ai-gateway.vercel.sh/v1", "google/gemini-3-pro", "details"),
  copilotGemini: () => signing("copilotGemini", "https://api.githubcopilot.com", "gemini-3-pro", "reasoning_opaque"),
  copilotClaude: () => signing("copilotClaude", "https://api.githubcopilot.com", "claude-opus-5.5", "reasoning_opaque"),
  venice: () => signing("venice", "https://api.venice.ai/api/v1", "gemini-3-pro", "reasoning_encrypted"),
};

const strictAnthropic: AnthropicRules = { members: anthropicMembers, takesSystemTurns: true };
const vertexUrl = "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1/endpoints/openapi";

function membersWithout(...names: readonly string[]): ReadonlySet<string> {
  return new Set([...anthropicMembers].filter((name) => !names.includes(name)));
}

function configure(name: string, type: ProviderConfig["type"], baseUrl: string, model: string): ProviderConfig {
  const auth = { type: "api_key", keys: [`${name}-key-000000000000`] } as const;
  return { name, type, baseUrl, auth, bigModel: model, smallModel: model, enabled: true };
}

/** Signs thinking, and knows its own signatures again. */
class Signer {
  readonly #name: string;
  readonly #signed = new Map<string, string | undefined>();

  constructor(name: string) {
    this.#name = name;
  }

  sign(thinking: string | undefined, prefix = "E"): string {
    const seed = `${this.#name} ${this.#signed.size} ${thinking}`;
    const proof =
      prefix +
      [1, 2, 3, 4]
        .map((part) =>
          createHash("sha512")
            .update(seed + part)
            .digest("base64"),
        )
        .join("");
    this.#signed.set(proof, thinking);
    return proof;
  }

  isOwn(proof: string, thinking: string | undefined): boolean {
    return this.#signed.has(proof) && this.#signed.get(proof) === thinking;
  }

  has(proof: string): boolean {
    return this.#signed.has(proof);
  }
}

function native(name: string, baseUrl: string, model: string, rules: AnthropicRules): Vendor {
  const signer = new Signer(name);
  // DeepSeek takes an empty block for thinking that it does not know.
  const isOwn = (proof: string, thinking: string | undefined): boolean =>
    signer.isOwn(proof, thinking) || (rules.wantsThinkingInToolTurns === true && proof === "" && thinking === "");
  return {
    provider: configure(name, "anthropic", baseUrl, model),
    refuse: (body, headers) => refuseAnthropic(body, headers, { ...rules, isOwn }),
    say: (blocks, context) =>
      anthropicFrames({ blocks: blocks.map((block) => signed(block, signer)) }, context).join(""),
  };
}

function signed(block: AnswerBlock, signer: Signer): AnswerBlock {
  if (block.type === "thinking") return { ...block, signature: signer.sign(block.thinking) };
  if (block.type === "redacted_thinking") return { ...block, data: signer.sign(undefined) };
  return block;
}

function chat(name: string, baseUrl: string, model: string, rules: Partial<ChatRules>): Vendor {
  const whole: ChatRules = {
    members: openaiMembers,
    toolIdLimit: 64,
    takesImages: true,
    takesUserAfterTool: true,
    ...rules,
  };
  let made = 0;
  const idOf = (tool: string): string | undefined => {
    made += 1;
    if (name === "kimi") return `functions.${tool}:${made}`;
    return name === "mistral" ? `m${String(made).padStart(8, "0")}` : undefined;
  };
  return {
    provider: configure(name, "openai", baseUrl, model),
    refuse: (body) => refuseChat(body, whole),
    say: (blocks, context) => openaiFrames({ blocks: blocks.map((block) => withId(block, idOf)) }, context).join(""),
  };
}

function withId(block: AnswerBlock, idOf: (tool: string) => string | undefined): AnswerBlock {
  const id = block.type === "tool" ? idOf(block.name) : undefined;
  return block.type === "tool" && id !== undefined ? { ...block, id } : block;
}

const geminiUrl = "https://generativelanguage.googleapis.com/v1beta/openai";

function gemini(name = "gemini", model = "gemini-3-pro", baseUrl = geminiUrl, member = "google"): Vendor {
  const signer = new Signer(name);
  const rules: ChatRules = {
    members: new Set([...openaiMembers].filter((name) => name !== "parallel_tool_calls")),
    toolIdLimit: 64,
    takesImages: true,
    takesUserAfterTool: true,
    isOwnThought: (signature) => signer.has(signature),
    thoughtMember: member,
  };
  return {
    provider: configure(name, "openai", baseUrl, model),
    refuse: (body) => refuseChat(body, rules),
    say: (blocks, context) => {
      const visible = blocks.filter(({ type }) => type === "text" || type === "tool");
      const answer: Answer = { blocks: visible };
      // Of parallel calls the first carries the signature.
      return openaiFrames(answer, context)
        .join("")
        .replace(
          '"type":"function"',
          `"extra_content":{"${member}":{"thought_signature":"${signer.sign(undefined)}"}},"type":"function"`,
        );
    },
  };
}

/** An upstream that sends its reasoning in a form that only it can read, as entries of `reasoning_details` or as a member of its own. */
function signing(name: string, baseUrl: string, model: string, form: string): Vendor {
  const signer = new Signer(name);
  const rules: ChatRules = {
    members: new Set([...openaiMembers, "reasoning"]),
    toolIdLimit: 64,
    takesImages: true,
    takesToolImages: true,
    takesUserAfterTool: true,
    // Gemini takes Google's placeholder for calls that it did not make.
    isOwnReasoning: (proof) =>
      signer.has(proof) || (name === "routedGemini" && proof === "skip_thought_signature_validator"),
  };
  return {
    provider: configure(name, "openai", baseUrl, model),
    refuse: (body) => refuseChat(body, rules),
    say: (blocks, context) => {
      const frames = openaiFrames({ blocks }, context);
      if (!blocks.some(({ type }) => type === "thinking")) return frames.join("");
      const proof = signer.sign(undefined);
      const members =
        form === "details"
          ? { reasoning_details: [{ type: "reasoning.encrypted", data: proof, index: 0, format: "unknown" }] }
          : { [form]: proof };
      const chunk = {
        id: context.id,
        object: "chat.completion.chunk",
        model,
        choices: [{ index: 0, delta: members, finish_reason: null }],
      };
      return [`data: ${JSON.stringify(chunk)}\n\n`, ...frames].join("");
    },
  };
}

function responses(name = "responses", model = "gpt-5.6", baseUrl = "https://api.openai.com/v1"): Vendor {
  const signer = new Signer(name);
  const followers = new Map<string, string>();
  return {
    provider: { ...configure(name, "openai", baseUrl, model), dialect: "responses" },
    refuse: (body) => refuseResponses(body, { followerOf: (content) => followers.get(content) }),
    say: (blocks, context) =>
      responsesFrames(blocks, context, (thinking, follower) => {
        const content = signer.sign(thinking, "gAAAA");
        followers.set(content, follower);
        return content;
      }),
  };
}
