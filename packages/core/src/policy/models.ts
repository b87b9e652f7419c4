import type { ProviderConfig } from "../config-types.ts";
/** The upstream model of `provider` for the client's name; undefined where the provider covers no such name. */
export declare function mapModel(provider: ProviderConfig, requested: string): string | undefined;
