import type * as z from "zod";
import type { SettingsDocument } from "./document-types.ts";
import type { FieldNotes } from "./schema-fields.ts";

/**
 * One setting: its key in the file's section `settings`, and how its field of a configuration is read from there and written back. The table of the
 * balancer's half is `balancer-settings.ts`, that of the server's `server-settings.ts`. The schema, the defaults, the reference, the schema for
 * editors, and what `ccpb check --print` shows are all derived from these rows.
 */
export interface Setting<Value> {
  readonly key: keyof SettingsDocument;
  /** Schema of the key; its description and default appear in the reference. */
  readonly schema: z.ZodType;
  /** Value that applies if the file has none. */
  readonly default: Value;
  /** Reads the field; returns the default where the file does not say anything. */
  read(settings: SettingsDocument): Value;
  /** Returns the value as the file would have it; undefined where the file would leave the key out. */
  write(value: Value): unknown;
  /** Other keys of `settings` that set the same field. */
  readonly others?: Readonly<Partial<Record<keyof SettingsDocument, z.ZodType>>>;
  /** The keys of a section that are written on lines of their own, each with the paths below `settings` of other keys that set it. */
  readonly section?: Readonly<Record<string, readonly (readonly string[])[]>>;
  /** Form of the setting in `providers.example.yaml`. Default: its default value and the first sentence of its description. */
  readonly sample?: SettingSample;
  /** Round thousands of seconds from here on are most likely meant as milliseconds, and are warned of. */
  readonly usuallyBelow?: number;
}

/** Describes the form of a setting in `providers.example.yaml`: its YAML text where that is not the default, and the comment behind it (`""`: no comment). */
export interface SettingSample {
  readonly yaml?: string;
  readonly comment?: string;
}

type Written<Key extends keyof SettingsDocument> = NonNullable<SettingsDocument[Key]>;

/** The keys whose values are numbers. */
type NumberKey = {
  [Key in keyof SettingsDocument]-?: Written<Key> extends number ? Key : never;
}[keyof SettingsDocument];

/** Number of the field's units in one unit of the file. */
const factors = { seconds: 1_000, megabytes: 1_000_000 } as const;

/** Makes a setting whose field holds what the file says. `schema` is given the default for its notes. */
export function asWritten<Key extends keyof SettingsDocument>(
  key: Key,
  fallback: Written<Key>,
  schema: (notes: FieldNotes) => z.ZodType,
): Setting<Written<Key>> {
  return {
    key,
    schema: schema({ default: fallback }),
    default: fallback,
    read: (settings) => settings[key] ?? fallback,
    write: (value) => value,
  };
}

/** Makes a setting that the file has in seconds and the field in milliseconds, or in megabytes and bytes. `fallback` is in the field's unit. */
export function inUnit(
  unit: keyof typeof factors,
  key: NumberKey,
  fallback: number,
  schema: (notes: FieldNotes) => z.ZodType,
): Setting<number> {
  const factor = factors[unit];
  return {
    key,
    schema: schema({ default: fallback / factor }),
    default: fallback,
    read: ({ [key]: value }) => (value === undefined ? fallback : Math.round(value * factor)),
    write: (value) => value / factor,
  };
}

/** Reads all fields of a half of a configuration. Fields without a value are left out. */
export function readFields<Half extends object>(
  rows: { readonly [Field in keyof Half]-?: Setting<Half[Field]> },
  settings: SettingsDocument,
): Half {
  const fields = Object.entries<Setting<unknown>>(rows).flatMap(([field, row]): [string, unknown][] => {
    const value = row.read(settings);
    return value === undefined ? [] : [[field, value]];
  });
  return Object.fromEntries(fields) as Half; // each field was read by its own row
}
