import type { BalancerSettings } from "../base/config-types.ts";
import { balancerSettings } from "./balancer-settings.ts";
import { isSection } from "./plain-data.ts";
import type { ConfigPath } from "./problem.ts";
import type { ServerSettingsDocument } from "./server-document.ts";
import { serverSettings } from "./server-settings.ts";
import type { Setting } from "./setting.ts";

/** A setting that is in force, as the file would have it: times in seconds, sizes in megabytes. */
export interface SettingInForce {
  readonly path: ConfigPath;
  /** Absent: the head of a section, whose keys follow. It may hold a secret: see `isSecretPath` and `mayShow`. */
  readonly value?: unknown;
  /** Other keys that may have set it. */
  readonly aliases: readonly ConfigPath[];
}

/** Returns all settings that are in force, in the order of the reference; those that have neither a value nor a default are left out. */
export function settingsInForce(balancer: BalancerSettings, server: ServerSettingsDocument): readonly SettingInForce[] {
  return [...inForce(balancerSettings, balancer), ...inForce(serverSettings, server)];
}

function inForce<Half extends object>(
  rows: { readonly [Field in keyof Half]-?: Setting<Half[Field]> },
  half: Half,
): readonly SettingInForce[] {
  return Object.entries<Setting<unknown>>(rows).flatMap(([field, row]) => {
    const value = row.write((half as Readonly<Record<string, unknown>>)[field]);
    const aliases = Object.keys(row.others ?? {}).map((key) => ["settings", key]);
    const path = ["settings", row.key];
    if (value === undefined) return [];
    if (row.section === undefined || !isSection(value)) return [{ path, value, aliases }];
    const { section } = row;
    const keys = Object.entries(value).map(([key, each]) => ({
      path: [...path, key],
      value: each,
      aliases: (section[key] ?? []).map((other) => ["settings", ...other]),
    }));
    return [{ path, aliases: [] }, ...keys];
  });
}
