import type { VendorGuide } from "./guide.ts";
import { claudeOnCloud } from "./messages-members.ts";
import type { Vendor } from "./vendor.ts";

const chatHost = /(?:^|[.-])aiplatform\.googleapis\.com(?::|$)/;
const host = /(?:^|\.)googleapis\.com$/;

/**
 * The values of `anthropic-beta` that Vertex AI knows; it refuses a request with any other. Those for `context_management` are not in it: that member
 * is left out for the clouds. As of 2026-10-06. Source: litellm, `anthropic_beta_headers_config.json`.
 */
export const vertexBetas: readonly string[] = [
  "computer-use-2025-01-24",
  "computer-use-2025-11-24",
  "context-1m-2025-08-07",
  "dangerous-tool-use-2026-09-03",
  "interleaved-thinking-2025-05-14",
  "per-turn-control-2026-07-01",
  "thinking-binding-controls-2026-08-01",
  "thinking-display-updates-2026-08-18",
  "tool-search-tool-2025-10-19",
  "web-search-2025-03-05",
  "advanced-tool-use-2025-11-20",
];

export const vertex: Vendor = {
  name: "Vertex AI",
  hosts: [
    {
      host: chatHost,
      profile: { reasoning: "openai", efforts: ["low", "medium", "high"], parallelToolCalls: false },
    },
    // The signature stands under another name there (earendil-works/pi#6733).
    { host: chatHost, model: /gemini-(?![12](?:\D|$))/, profile: { thoughtSignatures: "vertex" } },
  ],
  messages: /* @__PURE__ */ claudeOnCloud(host, vertexBetas),
};

export const vertexGuide: VendorGuide = {
  vendor: vertex,
  evidence: {
    date: "2026-11-28",
    hosts: "earendil-works/pi#6733; docs.cloud.google.com",
    messages:
      "anthropics/claude-code#49548; litellm, `anthropic_beta_headers_config.json`; anthropics/claude-code-action#1005; recorded 400",
  },
  apis: [
    {
      vendor: "Vertex AI",
      hosts: "`*aiplatform.googleapis.com`",
      requests: "as Gemini; signatures under `extra_content.vertex`",
      answers: "as Gemini",
      evidence: "t earendil-works/pi#6733",
    },
  ],
  presets: [
    {
      id: "vertex",
      title: { en: "Google Vertex AI (OpenAI API)", zh: "Google Vertex AI（OpenAI API）" },
      type: "openai",
      baseUrl:
        "https://aiplatform.googleapis.com/v1/projects/${GOOGLE_CLOUD_PROJECT}/locations/global/endpoints/openapi",
      auth: "api_key",
      keys: [],
      command: ["gcloud", "auth", "print-access-token"],
      bigModel: "google/gemini-3.8-flash",
      smallModel: "google/gemini-3.5-flash-lite",
      note: {
        en: "Needs `gcloud auth login` once. ccpb runs the command and renews the token by itself.",
        zh: "需要先运行一次 `gcloud auth login`。ccpb 会运行这条命令并自动续期令牌。",
      },
      models: "https://cloud.google.com/vertex-ai/generative-ai/docs/models",
      modelsSeen: { url: "https://github.com/gunpal5/Google_GenerativeAI/wiki/Supported-Models", date: "2026-11-29" },
    },
    {
      id: "claude-vertex",
      title: { en: "Claude on Google Vertex AI", zh: "Google Vertex AI 上的 Claude" },
      type: "vertex",
      baseUrl: "https://aiplatform.googleapis.com/v1",
      auth: "api_key",
      keys: [],
      command: ["gcloud", "auth", "print-access-token"],
      bigModel: "claude-opus-5-5",
      smallModel: "claude-haiku-4-5",
      more: ["region: global", "project: ${GOOGLE_CLOUD_PROJECT}"],
      note: {
        en: "Needs `gcloud auth login` once; in a container or on Google Cloud write `auth_type: google` instead, see [Claude on the clouds](clouds.md).",
        zh: "需要先运行一次 `gcloud auth login`；在容器或 Google Cloud 上请改写为 `auth_type: google`，见[云上的 Claude](clouds.zh-CN.md)。",
      },
      models: "https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude",
      modelsSeen: {
        url: "https://platform.claude.com/docs/en/build-with-claude/claude-on-vertex-ai",
        date: "2026-11-29",
      },
    },
  ],
};
