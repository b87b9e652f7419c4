import { type Lesson, lessonProfile } from "../base/lesson.ts";
import type { ProviderConfig } from "../base/config-types.ts";
import { resolveProfile } from "../vendors/profile.ts";
import { resolveNativeProfile } from "../vendors/messages-profile.ts";

/**
 * Returns a provider as lessons have it for one model: its `profile` says what they change. The provider itself where there are none.
 *
 * @param provider - as it is configured.
 * @param model - the upstream's name of the model.
 */
export function taughtProvider(provider: ProviderConfig, model: string, lessons: readonly Lesson[]): ProviderConfig {
  if (lessons.length === 0) return provider;
  const changed = taughtMembers(provider, model, lessons);
  return provider.type === "openai"
    ? { ...provider, profile: { ...provider.profile, ...changed } }
    : { ...provider, nativeProfile: { ...provider.nativeProfile, ...changed } };
}

/** Returns the members of the profile that lessons change, with what stays of lists. */
export function taughtMembers(
  { type, baseUrl, profile, nativeProfile }: ProviderConfig,
  model: string,
  lessons: readonly Lesson[],
): Readonly<Record<string, unknown>> {
  const base =
    type === "openai"
      ? resolveProfile(profile ? { baseUrl, model, override: profile } : { baseUrl, model })
      : resolveNativeProfile(baseUrl, model, nativeProfile);
  return lessonProfile(base, lessons);
}
