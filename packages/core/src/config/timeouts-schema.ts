import * as z from "zod";
import { defaultSettings, type TimeoutsMs } from "../base/config-types.ts";
import type { TimeoutsDocument } from "./document-types.ts";
import { seconds } from "./schema-fields.ts";

/** The section `timeouts`; the defaults are only said of the `global` one. */
export function timeoutsSchema(description: string, notes: "global" | "provider"): z.ZodType<TimeoutsDocument> {
  const field = (key: keyof TimeoutsMs, about: string) =>
    seconds(
      `Seconds. ${about}`,
      "above-zero",
      notes === "global" ? { default: defaultSettings.timeouts[key] / 1000 } : {},
    ).optional();
  return z
    .strictObject({
      connect: field("connectMs", "Until the connection stands."),
      response: field("responseMs", "Streams: until the headers of the answer. Wins over `request_timeout`."),
      first_content: field("firstContentMs", "Streams: until the first real output; pings do not count."),
      idle: field("idleMs", "Streams: without a byte from the provider. Pauses while the client is the slow side."),
      total: field("totalMs", "Answers that are not streamed: until they are whole."),
      call: field(
        "callMs",
        "All attempts of one request together, until the first real output. Only counts in `settings`.",
      ),
    })
    .meta({ description });
}
