import type { ProviderType } from "@ccpb/core";

/** A text in the two languages of the documentation. */
export interface Words {
  readonly en: string;
  readonly zh: string;
}

/** A provider that `ccpb init` writes and `docs/recipes/providers.md` shows. */
export interface ProviderPreset {
  /** As `--provider` names it; the provider's name in the file. */
  readonly id: string;
  readonly title: Words;
  readonly type: ProviderType;
  /** May hold `${NAME}`, for an address that differs from user to user. */
  readonly baseUrl: string;
  readonly auth: "api_key" | "auth_token" | "passthrough";
  /** The environment variables of its keys; none: it takes the client's own login, or what `command` prints. */
  readonly keys: readonly string[];
  /** The program that prints its token, and its arguments. */
  readonly command?: readonly string[];
  /** It works without a key too. */
  readonly isOptional?: boolean;
  readonly bigModel: string;
  readonly smallModel: string;
  /** Further lines of the entry, such as `dialect: responses`. */
  readonly more?: readonly string[];
  /** What the reader must know before pasting it. */
  readonly note?: Words;
  /** The vendor's own list of models. */
  readonly models?: string;
}

/** Returns a title; without a second text the same in both languages, as for names. */
export function title(en: string, zh: string = en): Words {
  return { en, zh };
}
