const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const clock = String.raw`(\d{2}):(\d{2}):(\d{2})`;
const offset = String.raw`([+-])(\d{2}):?(\d{2})`;
// RFC 5322 has an offset and days of one digit; cookies have dashes and four digits of a year.
const imfDate = new RegExp(
  String.raw`^(?:[a-z]{3,9},? )?(\d{1,2})[ -]([a-z]{3})[ -](\d{4}) ${clock} (?:gmt|utc|ut|z|${offset})$`,
);
const rfc850Date = new RegExp(String.raw`^[a-z]{6,9}, (\d{2})-([a-z]{3})-(\d{2}) ${clock} gmt$`);
const asctimeDate = new RegExp(String.raw`^[a-z]{3} ([a-z]{3}) +(\d{1,2}) ${clock} (\d{4})$`);
// JavaScript's `String(new Date())`: "Sun Nov 29 2026 12:01:30 GMT+0000 (Coordinated Universal Time)".
const scriptDate = new RegExp(String.raw`^[a-z]{3} ([a-z]{3}) (\d{2}) (\d{4}) ${clock} gmt${offset}(?: \(|$)`);
// Go's `String()` and logs have blanks before the zone and its name behind it; a time that the clock was read for also tells the monotonic one.
const rfc3339Date = new RegExp(
  String.raw`^(\d{4})-(\d{2})-(\d{2})[t ]${clock}(?:\.(\d{1,9}))? ?(?:z|utc|gmt|${offset}(?: [a-z]{3,5}(?: m=[+-]\d{1,12}\.\d{1,9})?)?)$`,
);

/**
 * Parses a date in any of the three forms of HTTP (RFC 9110, 5.6.7), in that of mail (RFC 5322) or as JavaScript writes it.
 *
 * @returns milliseconds since the epoch; undefined for anything else.
 */
export function parseHttpDate(text: string): number | undefined {
  const date = text.trim().toLowerCase();
  const imf = imfDate.exec(date);
  if (imf) return zonedMs({ day: imf[1], month: imf[2], year: imf[3], time: imf.slice(4, 7) }, imf.slice(7));
  const rfc850 = rfc850Date.exec(date);
  if (rfc850) {
    const [, day, month, shortYear] = rfc850;
    // Two digits: servers send a time of the last century only to say "long ago", so 70 to 99 stay in it.
    const year = `${Number(shortYear) >= 70 ? "19" : "20"}${shortYear}`;
    return epochMs({ day, month, year, time: rfc850.slice(4, 7) });
  }
  const asctime = asctimeDate.exec(date);
  if (asctime) return epochMs({ day: asctime[2], month: asctime[1], year: asctime[6], time: asctime.slice(3, 6) });
  const script = scriptDate.exec(date);
  if (!script) return undefined;
  return zonedMs({ day: script[2], month: script[1], year: script[3], time: script.slice(4, 7) }, script.slice(7));
}

/** Returns an RFC 3339 time such as `2026-01-31T12:00:00Z`, or with blanks in it (`2026-01-31 12:00:00 +0000 UTC`), as milliseconds since the epoch; undefined for anything else. */
export function parseRfc3339(text: string): number | undefined {
  const match = rfc3339Date.exec(text.trim().toLowerCase());
  if (!match) return undefined;
  const [, year, month, day, , , , fraction = "0", ...zone] = match;
  const atMs = zonedMs({ day, month: months[Number(month) - 1], year, time: match.slice(4, 7) }, zone);
  return atMs === undefined ? undefined : atMs + Number(`0.${fraction}`) * 1_000;
}

interface DateParts {
  readonly year: string | undefined;
  readonly month: string | undefined;
  readonly day: string | undefined;
  readonly time: readonly string[];
}

/** `zone`: sign, hours and minutes of the offset; undefined ones are UTC. */
function zonedMs(
  parts: DateParts,
  [sign, hours = "0", minutes = "0"]: readonly (string | undefined)[],
): number | undefined {
  const atMs = epochMs(parts);
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return atMs === undefined ? undefined : atMs - (sign === "-" ? -offsetMs : offsetMs);
}

function epochMs(parts: DateParts): number | undefined {
  const year = Number(parts.year);
  const month = months.indexOf(parts.month ?? "") + 1;
  const day = Number(parts.day);
  const [hours = 0, minutes = 0, seconds = 0] = parts.time.map(Number);
  // 60: a leap second.
  if (month < 1 || day < 1 || day > 31 || hours > 23 || minutes > 59 || seconds > 60) return undefined;
  return ((daysSinceEpoch(year, month, day) * 24 + hours) * 60 + minutes) * 60_000 + seconds * 1_000;
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant's `days_from_civil`); core has no `Date`. */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
