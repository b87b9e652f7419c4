import type { ProviderType } from "../base/config-types.ts";
import type { Vendor } from "./vendor.ts";

/** Documents a vendor for people: rows of docs/vendors.md and presets to paste. Bundles that do not import it leave it out. */
export interface VendorGuide {
  /** Vendor whose rows `evidence` is about; absent if there are none. */
  readonly vendor?: Vendor;
  readonly evidence?: Evidence;
  /** Needs of its models, at any host. */
  readonly families?: readonly FamilyNote[];
  /** Needs of its API, and the form of its answers. */
  readonly apis?: readonly ApiNote[];
  readonly presets?: readonly ProviderPreset[];
}

/** Names the sources of a vendor's rows: recordings, public threads or the vendor's documentation. */
export interface Evidence {
  /** The day on which a row was written or last changed, as an ISO date. */
  readonly date: string;
  readonly hosts?: string;
  /** Of all rows, or by row: the first pair counts whose word stands in the row's pattern. */
  readonly models?: string | readonly (readonly [word: string, source: string])[];
  readonly messages?: string;
}

/** A row of docs/vendors.md about models, in Markdown. `evidence`: r recorded, t a public thread (named), d the vendor's documentation. */
export interface FamilyNote {
  readonly family: string;
  readonly requests: string;
  readonly evidence: string;
}

/** A row of docs/vendors.md about an API, in Markdown. */
export interface ApiNote {
  readonly vendor: string;
  readonly hosts: string;
  readonly requests: string;
  readonly answers: string;
  readonly evidence: string;
}

/** Text in the two languages of the documentation. */
export interface Words {
  /** English text. */
  readonly en: string;
  /** Chinese text. */
  readonly zh: string;
}

/** Provider that `ccpb init` writes and `docs/recipes/providers.md` shows. */
export interface ProviderPreset {
  /** Name of the preset for `--provider`, and of the provider in the file. */
  readonly id: string;
  /** Name for people. */
  readonly title: Words;
  /** API that the provider speaks. */
  readonly type: ProviderType;
  /** URL of the API. It may hold `${NAME}` for an address that differs from user to user. */
  readonly baseUrl: string;
  /** Kind of credential. */
  readonly auth: "api_key" | "auth_token" | "passthrough";
  /** Environment variables of its keys. Empty: it takes the client's own login, or what `command` prints. */
  readonly keys: readonly string[];
  /** Program that prints a token, and its arguments. */
  readonly command?: readonly string[];
  /** True if the provider works without a key, too. */
  readonly isOptional?: boolean;
  /** Model for names of big models. */
  readonly bigModel: string;
  /** Model for names of small models. */
  readonly smallModel: string;
  /** Further lines of the entry, such as `dialect: responses`. */
  readonly more?: readonly string[];
  /** Note to read before using the preset. */
  readonly note?: Words;
  /** URL of the vendor's list of models. */
  readonly models?: string;
  /**
   * Source that last showed `bigModel` and `smallModel`, besides the vendor's list, and its date, such as
   * `2026-09-05`.
   */
  readonly modelsSeen?: { readonly url: string; readonly date: string };
}
