import * as z from "zod";
import type { ConfigPath } from "./problem.ts";
import { documentSchema } from "./schema.ts";
import type { FieldNotes } from "./schema-fields.ts";

/** Returns the part of the file format that describes what stands at `path`; undefined where the format knows no such place. */
export function schemaAt(path: ConfigPath): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType | undefined = documentSchema;
  for (const step of path) {
    schema = alternatives(schema)
      .map((alternative) => childOf(alternative, step))
      .find((child) => child !== undefined);
    if (schema === undefined) return undefined;
  }
  return schema;
}

/** Returns the schema itself without `optional` and `nullable`, or the members of a union. */
export function alternatives(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return alternatives(schema.unwrap());
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => alternatives(option));
  return [schema];
}

function childOf(schema: z.core.$ZodType, step: string | number): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) {
    const shape: Record<string, z.core.$ZodType> = schema.shape;
    return Object.hasOwn(shape, step) ? shape[step] : undefined;
  }
  if (schema instanceof z.ZodArray && typeof step === "number") return schema.element;
  return schema instanceof z.ZodRecord && typeof step === "string" ? schema.valueType : undefined;
}

/** Returns the keys that a section may have; empty where any may stand or none is known. */
export function keysAt(path: ConfigPath): readonly string[] {
  const schema = schemaAt(path);
  if (schema === undefined) return [];
  return alternatives(schema).flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : []));
}

/** Default and examples of the key at `path`. */
export function notesAt(path: ConfigPath): FieldNotes {
  const schema = schemaAt(path);
  if (schema === undefined) return {};
  const inner = schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  return { ...registered(inner), ...registered(schema) };
}

function registered(schema: z.core.$ZodType): FieldNotes {
  const { default: fallback, examples } = z.globalRegistry.get(schema) ?? {};
  return {
    ...(fallback !== undefined && { default: fallback }),
    ...(Array.isArray(examples) && { examples: examples as readonly unknown[] }),
  };
}

/** Decides whether the key at `path` may be left out. */
export function isOptional(path: ConfigPath): boolean {
  return schemaAt(path) instanceof z.ZodOptional;
}
