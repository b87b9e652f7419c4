import type { ChatRequest } from "../../protocol/chat.ts";
import { invalidRequest, requireList } from "./invalid-request.ts";
import type { JsonObject } from "../../base/json.ts";
import type { Profile } from "../../base/profile-types.ts";
import { roomInWindow } from "./room-in-window.ts";
import type { WarningList } from "./warning-list.ts";

export interface Sampling {
  readonly fields: Pick<
    ChatRequest,
    "max_tokens" | "max_completion_tokens" | "temperature" | "top_p" | "top_k" | "stop"
  >;
  readonly stopSequences: readonly string[];
  /** Those of them that the upstream is not told. */
  readonly localStopSequences: readonly string[];
}

// Those that the upstream is not told are looked for here, in every character of the answer, so that both must have an end.
const maxStopSequences = 256;
const maxStopLength = 1_024; // UTF-16 units

/** Changes a profile for Responses: members that it lacks, and those with another name. */
export function responsesSampling(profile: Profile): Profile {
  return { ...profile, topK: false, stopLimit: 0, maxTokensField: "max_tokens" };
}

/** Returns the limits and the sampling of a request as the profile takes them. `effort`: what the model is told of it; undefined: nothing. */
export function readSampling(
  source: JsonObject,
  profile: Profile,
  effort: string | undefined,
  warnings: WarningList,
): Sampling {
  const maxTokens = readMaxTokens(source["max_tokens"], profile, warnings);
  const stopSequences = readStopSequences(source["stop_sequences"]);
  const stop = stopSequences.slice(0, profile.stopLimit);
  const localStopSequences = stopSequences.slice(profile.stopLimit);
  if (localStopSequences.length > 0) {
    const message = stop.length === 0 ? "stop_sequences not sent" : `stop_sequences truncated to ${profile.stopLimit}`;
    warnings.add("stop_sequences_truncated", message, "stop_sequences");
  }
  const takesSampling = isSamplingTaken(profile.sampling, effort);
  const temperature = withinRange(readNumber(source, "temperature", takesSampling, warnings), profile, warnings);
  const topP = readNumber(source, "top_p", takesSampling, warnings);
  const topK = readNumber(source, "top_k", profile.topK, warnings);
  return {
    fields: {
      ...(maxTokens !== undefined && { [profile.maxTokensField]: maxTokens }),
      ...(temperature !== undefined && { temperature }),
      ...(topP !== undefined && { top_p: topP }),
      ...(topK !== undefined && { top_k: topK }),
      ...(stop.length > 0 && { stop }),
    },
    stopSequences,
    localStopSequences,
  };
}

/** Decides whether a model takes sampling beside an effort. `effort`: what it is told of it; undefined: nothing. */
export function isSamplingTaken(sampling: Profile["sampling"], effort: string | undefined): boolean {
  if (typeof sampling === "boolean") return sampling;
  return effort === "none" || (effort === undefined && sampling === "without-effort");
}

/**
 * Lowers the limit of the answer to what the prompt leaves of the window.
 *
 * @param fields - limits and sampling of a request.
 * @param promptTokens - estimate of the prompt.
 */
export function withinWindow(
  fields: Sampling["fields"],
  promptTokens: number,
  { contextWindow, maxTokensField }: Profile,
  warnings: WarningList,
): Sampling["fields"] {
  const limit = fields[maxTokensField];
  const room = contextWindow === null ? undefined : roomInWindow(contextWindow, promptTokens);
  if (limit === undefined || room === undefined || room >= limit) return fields;
  warnings.add(
    "max_tokens_clamped",
    "max_tokens lowered to what the prompt leaves of the context window",
    "max_tokens",
  );
  return { ...fields, [maxTokensField]: room };
}

function readMaxTokens(value: unknown, profile: Profile, warnings: WarningList): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
    throw invalidRequest("max_tokens", "a whole number of at least 0 is required");
  }
  const wanted = Math.max(1, value); // 0 is answered without an upstream
  const { maxOutputTokens } = profile;
  if (maxOutputTokens === null || wanted <= maxOutputTokens) return wanted;
  warnings.add("max_tokens_clamped", "max_tokens clamped", "max_tokens");
  return maxOutputTokens;
}

/** The stop sequences, each once. Throws `invalid_request` for more of them, or longer ones, than any model is asked for. */
function readStopSequences(value: unknown): readonly string[] {
  const list = requireList(value, "stop_sequences");
  if (list.length > maxStopSequences) {
    throw invalidRequest("stop_sequences", `at most ${maxStopSequences} are accepted, this request has ${list.length}`);
  }
  const sequences = new Set<string>();
  for (const [index, one] of list.entries()) {
    if (typeof one !== "string" || one === "") continue;
    if (one.length > maxStopLength) {
      const problem = `at most ${maxStopLength} characters are accepted, this one has ${one.length}`;
      throw invalidRequest(`stop_sequences.${index}`, problem);
    }
    sequences.add(one);
  }
  return [...sequences];
}

function withinRange(
  temperature: number | undefined,
  { temperatureRange }: Profile,
  warnings: WarningList,
): number | undefined {
  if (temperature === undefined || temperatureRange === null) return temperature;
  const [least, largest] = temperatureRange;
  const taken = Math.min(largest, Math.max(least, temperature));
  if (taken !== temperature) warnings.add("temperature_clamped", `temperature clamped to ${taken}`, "temperature");
  return taken;
}

function readNumber(source: JsonObject, name: string, isTaken: boolean, warnings: WarningList): number | undefined {
  const value = source[name];
  if (value === undefined || value === null) return undefined;
  if (isTaken && typeof value === "number" && Number.isFinite(value)) return value;
  warnings.add(`${name}_dropped`, `${name} dropped`, name);
  return undefined;
}
