const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const imfDate = /^[a-z]{3}, (\d{2}) ([a-z]{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) gmt$/;
const rfc850Date = /^[a-z]{6,9}, (\d{2})-([a-z]{3})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) gmt$/;
const asctimeDate = /^[a-z]{3} ([a-z]{3}) +(\d{1,2}) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/;
const rfc3339Date = /^(\d{4})-(\d{2})-(\d{2})[t ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:z|([+-])(\d{2}):?(\d{2}))$/;

/** Any of the three date forms of HTTP (RFC 9110, 5.6.7) at the start of `text`, as milliseconds since the epoch; undefined for anything else. */
export function parseHttpDate(text: string): number | undefined {
  const date = text.trim().toLowerCase();
  const imf = imfDate.exec(date);
  if (imf) return epochMs({ day: imf[1], month: imf[2], year: imf[3], time: imf.slice(4, 7) });
  const rfc850 = rfc850Date.exec(date);
  if (rfc850) {
    const [, day, month, shortYear] = rfc850;
    // Two digits: servers send a time of the last century only to say "long ago", so 70 to 99 stay in it.
    const year = `${Number(shortYear) >= 70 ? "19" : "20"}${shortYear}`;
    return epochMs({ day, month, year, time: rfc850.slice(4, 7) });
  }
  const asctime = asctimeDate.exec(date);
  if (asctime) return epochMs({ day: asctime[2], month: asctime[1], year: asctime[6], time: asctime.slice(3, 6) });
  return undefined;
}

/** An RFC 3339 time such as `2026-01-31T12:00:00Z`, as milliseconds since the epoch; undefined for anything else. */
export function parseRfc3339(text: string): number | undefined {
  const match = rfc3339Date.exec(text.trim().toLowerCase());
  if (!match) return undefined;
  const [, year, month, day, , , , fraction = "0", sign, offsetHours = "0", offsetMinutes = "0"] = match;
  const atMs = epochMs({ day, month: months[Number(month) - 1], year, time: match.slice(4, 7) });
  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000;
  return atMs === undefined
    ? undefined
    : atMs + Number(`0.${fraction}`) * 1_000 - (sign === "-" ? -offsetMs : offsetMs);
}

function epochMs(parts: {
  readonly year: string | undefined;
  readonly month: string | undefined;
  readonly day: string | undefined;
  readonly time: readonly string[];
}): number | undefined {
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
