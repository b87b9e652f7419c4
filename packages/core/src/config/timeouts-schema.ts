import * as z from "zod";
import { defaultSettings, type TimeoutsMs } from "../base/config-types.ts";
import type { TimeoutsDocument } from "./document-types.ts";
import { seconds } from "./schema-fields.ts";

/** The keys of `timeouts` by their fields, in the order of the reference. */
const timeouts: { readonly [Field in keyof TimeoutsMs]: readonly [key: keyof TimeoutsDocument, about: string] } = {
  connectMs: ["connect", "Until the connection stands."],
  responseMs: ["response", "Streams: until the headers of the answer. Wins over `request_timeout`."],
  firstContentMs: ["first_content", "Streams: until the first real output; pings do not count."],
  idleMs: ["idle", "Streams: without a byte from the provider. Pauses while the client is the slow side."],
  totalMs: ["total", "Answers that are not streamed: until they are whole."],
  callMs: ["call", "All attempts of one request together, until the first real output. Only counts in `settings`."],
};

const fields = Object.entries(timeouts) as [keyof TimeoutsMs, readonly [keyof TimeoutsDocument, string]][];

/** Makes the schema of the section `timeouts`; the defaults are only said of the `global` one. */
export function timeoutsSchema(description: string, notes: "global" | "provider"): z.ZodType<TimeoutsDocument> {
  const shape = fields.map(([field, [key, about]]) => {
    const said = notes === "global" ? { default: defaultSettings.timeouts[field] / 1_000 } : {};
    return [key, seconds(`Seconds. ${about}`, "above-zero", said).optional()] as const;
  });
  return z.strictObject(Object.fromEntries(shape)).meta({ description });
}

/** Reads the deadlines that a section names, in milliseconds. */
export function readTimeouts(section: TimeoutsDocument): Partial<TimeoutsMs> {
  return Object.fromEntries(
    fields.flatMap(([field, [key]]) => {
      const value = section[key];
      return value === undefined ? [] : [[field, Math.round(value * 1_000)]];
    }),
  );
}

/** Returns deadlines as the file would have them, in seconds. */
export function writeTimeouts(timeoutsMs: Partial<TimeoutsMs>): TimeoutsDocument {
  return Object.fromEntries(
    fields.flatMap(([field, [key]]) => {
      const value = timeoutsMs[field];
      return value === undefined ? [] : [[key, value / 1_000]];
    }),
  );
}
