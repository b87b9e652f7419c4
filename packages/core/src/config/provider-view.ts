import { isSection, type Section } from "./plain-data.ts";

/** One entry of `providers` of a document that need not be valid: what can be said of it all the same. */
export interface ProviderView {
  readonly index: number;
  readonly section: Section;
  readonly name: string | undefined;
  readonly type: string | undefined;
  /** False only where it says so. */
  readonly enabled: boolean;
  readonly isPassthrough: boolean;
}

/** Returns the entries of `providers` that are sections. */
export function viewProviders(document: unknown): readonly ProviderView[] {
  const providers = isSection(document) ? document["providers"] : undefined;
  if (!Array.isArray(providers)) return [];
  return providers.flatMap((section: unknown, index) => (isSection(section) ? [view(section, index)] : []));
}

function view(section: Section, index: number): ProviderView {
  const { name, type, enabled } = section;
  return {
    index,
    section,
    name: typeof name === "string" ? name : undefined,
    type: typeof type === "string" ? type : undefined,
    enabled: enabled !== false && enabled !== "false",
    // The original wrote it as a value: `auth_type: auth_token`, `auth_value: passthrough`.
    isPassthrough: section["auth_type"] === "passthrough" || section["auth_value"] === "passthrough",
  };
}
