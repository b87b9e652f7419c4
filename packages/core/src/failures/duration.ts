const amount = String.raw`\d{1,20}(?:\.\d{1,20})?`;
// The longer of two that begin alike stands first.
const unit =
  "(?:milliseconds?|msecs?|ms|us|µs|μs|ns|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d)(?![a-zµμ])";
const part = `${amount} ?${unit}`;

/** Source of an expression that matches a duration, from `30s` to `1 hour, 5 minutes and 10 seconds`. Without regard to case. */
export const durationSource: string = `${part}(?:(?:,? and |, | )?${part}){0,5}`;

const wholeDuration = new RegExp(`^${durationSource}$`, "i");
const parts = new RegExp(`(${amount}) ?(${unit})`, "gi");
const isoDuration = /^p(?:(\d{1,9})d)?(?:t(?=\d)(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9}(?:\.\d{1,9})?)s)?)?$/i;
const clockDuration = /^(?:(\d{1,3})\.)?(\d{1,3}):(\d{2}):(\d{2}(?:\.\d{1,9})?)$/;

// Long enough for every duration that is written in words.
const longestDuration = 64;

/**
 * Parses a duration: Go's (`6m0s`, `20ms`, `1h2m3.5s`), in words (`10 seconds`, `1 minute and 30 seconds`), ISO 8601 (`PT1M30S`, as Java writes it) or
 * with colons (`00:01:30`, as .NET writes it).
 *
 * @returns whole milliseconds; undefined for anything else, such as a number without a unit.
 */
export function parseDuration(text: string): number | undefined {
  if (text.length > longestDuration) return undefined;
  if (!wholeDuration.test(text)) return ofFields(isoDuration.exec(text) ?? clockDuration.exec(text));
  let total = 0;
  for (const [, count, name = ""] of text.matchAll(parts)) total += Number(count) * unitMs(name.toLowerCase());
  return Math.round(total);
}

const unitsMs: readonly (readonly [RegExp, number])[] = [
  [/^(?:us|µs|μs)/, 0.001],
  [/^ns/, 0.000_001],
  [/^(?:ms|mill)/, 1],
  [/^s/, 1_000],
  [/^m/, 60_000],
  [/^h/, 3_600_000],
  [/^d/, 86_400_000],
];

function unitMs(name: string): number {
  return unitsMs.find(([form]) => form.test(name))?.[1] ?? 0;
}

/** Days, hours, minutes and seconds. */
function ofFields(match: RegExpExecArray | null): number | undefined {
  const fields = match?.slice(1);
  if (fields === undefined || fields.every((field) => field === undefined)) return undefined;
  const [days, hours, minutes, seconds] = fields.map((field) => Number(field ?? 0)) as [number, number, number, number];
  return Math.round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000);
}
