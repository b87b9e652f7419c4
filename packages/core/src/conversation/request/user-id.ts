import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { ChatRequest } from "../../protocol/chat.ts";
import { isObject, type JsonObject, parseJson } from "../../base/json.ts";
import type { Profile } from "../../base/profile-types.ts";

/**
 * Parts of `metadata.user_id`. Claude Code writes JSON with device, account and session; before 2.1.110
 * `user_…_account_…_session_<uuid>`.
 */
export interface UserId {
  /** 64 hex digits that stand for the user, the same in all of its sessions. */
  readonly hash: string;
  readonly session: string | undefined;
}

/** Reads the user id; undefined where there is none. No vendor takes Claude Code's own: some allow 64 characters, some no punctuation. */
export function readUserId(metadata: unknown): UserId | undefined {
  const userId = isObject(metadata) ? metadata["user_id"] : undefined;
  if (typeof userId !== "string" || userId === "") return undefined;
  const parsed = userId.startsWith("{") ? parseJson(userId) : undefined;
  if (isObject(parsed)) {
    const { device_id: device, account_uuid: account, session_id: session } = parsed;
    const stable = [device, account].filter((one) => typeof one === "string" && one !== "").join(":");
    return {
      hash: hashOf(stable === "" ? userId : stable),
      session: typeof session === "string" ? session : undefined,
    };
  }
  const legacy = /^(?<user>.*)_session_(?<session>[A-Za-z0-9-]+)$/.exec(userId)?.groups;
  return { hash: hashOf(legacy?.["user"] ?? userId), session: legacy?.["session"] };
}

/** Copies the members for user, session and priority, which have the same names in both dialects. */
export type IdentityFields = Pick<ChatRequest, "user" | "safety_identifier" | "prompt_cache_key" | "service_tier">;

/** Returns the members that say who asks, as the profile allows them. */
export function identityFields(source: JsonObject, profile: Profile): IdentityFields {
  const userId = readUserId(source["metadata"]);
  return {
    ...(userId && profile.user === "hash" && { user: userId.hash }),
    ...(userId && profile.user === "safety-identifier" && { safety_identifier: userId.hash }),
    ...(profile.promptCacheKey && userId?.session !== undefined && { prompt_cache_key: userId.session }),
    ...(profile.serviceTier && source["speed"] === "fast" && { service_tier: "priority" }),
  };
}

function hashOf(text: string): string {
  return bytesToHex(sha256(new TextEncoder().encode(text)));
}
