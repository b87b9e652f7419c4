import { type AddedMember, type BodyEnvelope, pathSegment, type RequestKind } from "./envelope.ts";

const leftOut: ReadonlySet<string> = new Set(["model"]);
const nothing: ReadonlySet<string> = new Set();
const version: AddedMember = {
  name: "anthropic_version",
  json: '"vertex-2023-10-16"',
  // A client may ask for another version of Vertex's; a version of Bedrock's means nothing here.
  keeps: (value) => !value.startsWith('"bedrock-'),
};

/** Project, region and name of a model at Vertex AI. */
export interface VertexPlace {
  /** Ends in `/v1`. */
  readonly baseUrl: string;
  readonly project?: string | undefined;
  readonly region?: string | undefined;
}

/**
 * Returns the address of a model's method at Vertex AI: `rawPredict`, `streamRawPredict`, or the method that counts tokens, which takes the model in
 * its body.
 *
 * @see https://cloud.google.com/vertex-ai/generative-ai/docs/partner-models/claude/use-claude
 */
export function vertexUrl(
  { baseUrl, project = "", region = "global" }: VertexPlace,
  model: string,
  kind: RequestKind,
): string {
  const models = `${baseUrl}/projects/${pathSegment(project)}/locations/${pathSegment(region)}/publishers/anthropic/models`;
  if (kind === "count") return `${models}/count-tokens:rawPredict`;
  return `${models}/${pathSegment(model)}:${kind === "stream" ? "streamRawPredict" : "rawPredict"}`;
}

/** Returns how a body differs at Vertex AI, where `anthropic-beta` stays a header. */
export function vertexEnvelope(kind: RequestKind): BodyEnvelope {
  return { leavesOut: kind === "count" ? nothing : leftOut, adds: [version] };
}
