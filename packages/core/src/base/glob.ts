/**
 * Matches a name against a glob, case-insensitively: `*` is any run of characters, `?` any one character, everything
 * else itself (`[1m]` is five characters, not a set). It takes at most pattern × name steps, whatever the pattern.
 */
export function matchesGlob(pattern: string, name: string): boolean {
  const wanted = pattern.toLowerCase();
  const text = name.toLowerCase();
  let at = 0;
  let next = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (next < text.length) {
    if (at < wanted.length && wanted[at] === "*") {
      starAt = at;
      at += 1;
      resumeAt = next;
    } else if (at < wanted.length && (wanted[at] === "?" || wanted[at] === text[next])) {
      at += 1;
      next += 1;
    } else if (starAt >= 0) {
      // The last star takes one character more; earlier stars need no second thought.
      at = starAt + 1;
      resumeAt += 1;
      next = resumeAt;
    } else {
      return false;
    }
  }
  while (wanted[at] === "*") at += 1;
  return at === wanted.length;
}
