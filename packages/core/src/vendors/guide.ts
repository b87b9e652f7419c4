import type { ProviderType } from "../base/config-types.ts";
import type { Vendor } from "./vendor.ts";

/** What people are told of a vendor: rows of docs/vendors.md, and providers to paste. Bundles that need none of it leave it out. */
export interface VendorGuide {
  /** Whose rows `evidence` is about; absent where there are none. */
  readonly vendor?: Vendor;
  readonly evidence?: Evidence;
  /** What its models need, anywhere. */
  readonly families?: readonly FamilyNote[];
  /** What its API needs and answers. */
  readonly apis?: readonly ApiNote[];
  readonly presets?: readonly ProviderPreset[];
}

/** Where the rows of a vendor come from: recordings, public threads or the vendor's documentation. */
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
  /** Where `bigModel` and `smallModel` were last seen, beside the vendor's own list, and the date of that source: `2026-09-05`. */
  readonly modelsSeen?: { readonly url: string; readonly date: string };
}
