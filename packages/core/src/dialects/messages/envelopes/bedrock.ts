import { concatBytes } from "../../../bytes/concat-bytes.ts";
import { betasFor, foundationModel } from "../../../vendors/claude-clouds.ts";
import { type AddedMember, type BodyEnvelope, pathSegment, type RequestKind } from "./envelope.ts";

const leftOut: ReadonlySet<string> = new Set(["model", "stream"]);
const version: AddedMember = {
  name: "anthropic_version",
  json: '"bedrock-2023-05-31"',
  // A client may ask for another version of Bedrock's; a version of Vertex's means nothing here.
  keeps: (value) => !value.startsWith('"vertex-'),
};
// Counting checks the body as if it were to be answered.
const maxTokens: AddedMember = { name: "max_tokens", json: "1", keeps: () => true };

/**
 * Returns the address of an operation at Bedrock, with the model in its path: `InvokeModel`, `InvokeModelWithResponseStream` or `CountTokens`, which
 * takes the model behind an inference profile.
 *
 * @see https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html
 */
export function bedrockUrl(baseUrl: string, model: string, kind: RequestKind): string {
  const operations = { message: "invoke", stream: "invoke-with-response-stream", count: "count-tokens" } as const;
  const id = kind === "count" ? foundationModel(model) : model;
  return `${baseUrl}/model/${pathSegment(id)}/${operations[kind]}`;
}

/** Returns how a body differs at Bedrock; of the client's `anthropic-beta` header, the values that Bedrock knows go into the body. */
export function bedrockEnvelope(kind: RequestKind, betaHeader: string | undefined): BodyEnvelope {
  const betas = betasFor("bedrock", betaHeader);
  const beta: AddedMember = { name: "anthropic_beta", json: JSON.stringify(betas), keeps: () => true };
  const adds = [version, ...(betas.length > 0 ? [beta] : []), ...(kind === "count" ? [maxTokens] : [])];
  return { leavesOut: leftOut, adds };
}

const encoder = new TextEncoder();
// A multiple of three, so that only the last piece is padded.
const pieceBytes = 0x3000;

/** Returns the body of `CountTokens` for a body of `InvokeModel`: it holds that body in base64. */
export function bedrockCountBody(body: readonly Uint8Array[]): readonly Uint8Array[] {
  const whole = concatBytes(body);
  const pieces: string[] = [];
  for (let from = 0; from < whole.length; from += pieceBytes) {
    let binary = "";
    for (const byte of whole.subarray(from, from + pieceBytes)) binary += String.fromCharCode(byte);
    pieces.push(btoa(binary));
  }
  return [encoder.encode(`{"input":{"invokeModel":{"body":"${pieces.join("")}"}}}`)];
}
