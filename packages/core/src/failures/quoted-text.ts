/** A stretch of this many characters that is also in the request is taken for a quotation of it. */
const shortestQuote = 16;
// Every stretch of `shortestQuote` characters or more holds a whole block of this many.
const blockLength = 8;
/** Longer requests are not searched, which would hold up the event loop: no words are shown for them. */
const longestSearched = 4 * 1_024 * 1_024;
const replacement = "[of the request]";

/**
 * Takes out of a provider's words what they quote of the request: a log holds no text of a prompt. Names of the request's members and of its model stay.
 *
 * @param words - the provider's own words, at most a few hundred characters: each eighth of them costs a search.
 * @param sent - the request's body, as JSON.
 * @param model - a model name that may stay.
 * @returns the words, or undefined where `sent` is too long to be searched.
 */
export function withoutQuotes(words: string, sent: string, model: string): string | undefined {
  if (sent.length > longestSearched) return undefined;
  if (words.length < shortestQuote) return words;
  const hits = blockHits(words, sent);
  let clean = "";
  let at = 0;
  while (at < words.length) {
    const end = hits.has(at) ? quoteEnd(words, at, sent) : at;
    if (end === at) {
      clean += words.charAt(at);
      at += 1;
    } else {
      const quote = words.slice(at, end);
      clean += isName(quote, sent, model) ? quote : replacement;
      at = end;
    }
  }
  return clean;
}

/** The places in `words` at which a quotation may begin: those up to a block before a block that is in `sent`. */
function blockHits(words: string, sent: string): ReadonlySet<number> {
  const places = new Set<number>();
  for (let start = 0; start + blockLength <= words.length; start += blockLength) {
    if (indexIn(sent, words.slice(start, start + blockLength), 0) === -1) continue;
    for (let place = Math.max(0, start - blockLength + 1); place <= start; place += 1) places.add(place);
  }
  return places;
}

/** Finds the end of the longest stretch of `words` from `start` that is contained in `sent`. */
function quoteEnd(words: string, start: number, sent: string): number {
  let end = start + shortestQuote;
  let found = end <= words.length ? indexIn(sent, words.slice(start, end), 0) : -1;
  if (found === -1) return start;
  while (end < words.length) {
    // A longer stretch is not found in front of where a shorter one is.
    found = indexIn(sent, words.slice(start, end + 1), found);
    if (found === -1) break;
    end += 1;
  }
  return end;
}

/** Finds `text` in JSON, in which it may be written with escapes. */
function indexIn(sent: string, text: string, from: number): number {
  const plain = JSON.stringify(text).slice(1, -1);
  const found = sent.indexOf(plain, from);
  if (found !== -1 || /^[\0-\x7f]*$/.test(text)) return found;
  const escaped = plain.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return sent.indexOf(escaped, from);
}

function isName(quote: string, sent: string, model: string): boolean {
  const name = quote.replaceAll(/["'`:\s]/g, "");
  return model.includes(name) || sent.includes(`"${name}":`);
}
