import type { NativeProfileOverride, ProfileOverride } from "../base/profile-types.ts";

/**
 * Knowledge of the balancer about a vendor: an API, a maker of models, or both. There is one file for each vendor,
 * and `vendors.ts` has them all. Texts for people, with the sources of the rows, are in the vendor's guide.
 */
export interface Vendor {
  /** For people. */
  readonly name: string;
  /** Rules for its models at every host of OpenAI's APIs. Later rows override earlier ones. */
  readonly models?: readonly ModelRule[];
  /** Rules for OpenAI's APIs at its hosts; they override `models`. Later rows override earlier ones. */
  readonly hosts?: readonly HostRule[];
  /** Rules for the Messages API at its hosts. Later rows override earlier ones. */
  readonly messages?: readonly MessagesRule[];
}

/**
 * Row for a family of models wherever it is served. `model` is tested against the lower-case name. Gateways prefix
 * names (`openai/gpt-5`, `openai.gpt-oss-20b`), so that a family begins at the start or after a separator.
 */
export interface ModelRule {
  readonly model: RegExp;
  readonly profile: ProfileOverride;
}

/** Applies a profile at a vendor's host, for all of its models or some. `host` is tested against `name` or `name:port`, `model` against the lower-case name. */
export interface HostRule {
  readonly host: RegExp;
  readonly model?: RegExp;
  readonly profile: ProfileOverride;
}

/** Applies a profile for the Messages API at a vendor's host. `host` is tested against the name alone, without a port. */
export interface MessagesRule {
  readonly host: RegExp;
  readonly model?: RegExp;
  readonly profile: NativeProfileOverride;
}
