import type { ChatRequest } from "../../protocol/chat.ts";
import type { JsonObject } from "../../base/json.ts";
import type { Profile } from "../../base/profile-types.ts";
import { readUserId } from "./user-id.ts";

/** Who asks, in which session, and how urgently: members that both dialects call the same. */
export type IdentityFields = Pick<ChatRequest, "user" | "safety_identifier" | "prompt_cache_key" | "service_tier">;

export function identityFields(source: JsonObject, profile: Profile): IdentityFields {
  const userId = readUserId(source["metadata"]);
  return {
    ...(userId && profile.user === "hash" && { user: userId.hash }),
    ...(userId && profile.user === "safety-identifier" && { safety_identifier: userId.hash }),
    ...(profile.promptCacheKey && userId?.session !== undefined && { prompt_cache_key: userId.session }),
    ...(profile.serviceTier && source["speed"] === "fast" && { service_tier: "priority" }),
  };
}
