import type { AnyLanguageModel, SupportedUrls } from "./model-types.ts";

/**
 * Finds the patterns of URLs that every one of the models fetches by itself. For all other URLs the AI SDK downloads
 * the content, so that every model can serve the call.
 */
export async function commonUrls(models: readonly AnyLanguageModel[]): Promise<Record<string, RegExp[]>> {
  const all = await Promise.all(models.map(async ({ supportedUrls }) => await supportedUrls));
  const [first, ...others] = all;
  const common: Record<string, RegExp[]> = {};
  for (const [mediaType, patterns] of Object.entries(first ?? {})) {
    const shared = patterns.filter((pattern) => others.every((urls) => hasPattern(urls, mediaType, pattern)));
    if (shared.length > 0) common[mediaType] = shared;
  }
  return common;
}

function hasPattern(urls: SupportedUrls, mediaType: string, pattern: RegExp): boolean {
  return urls[mediaType]?.some(({ source, flags }) => source === pattern.source && flags === pattern.flags) === true;
}
