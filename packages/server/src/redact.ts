const mask = "[redacted]";
// Shorter ones are no secrets, and would black out ordinary words.
const minimumLength = 6;

// What keys look like: vendors' prefixes, and anything after the names of credential headers.
const keyLike = String.raw`\b(?:sk|pk|rk|gsk|xai|nvapi|hf)[-_][A-Za-z0-9_\-]{12,}|\bAIza[\w\-]{20,}|\bBearer\s+[\w.~+/\-]{8,}=*`;

/** Makes the function that takes secrets out of text: the given ones, also as JSON writes them, and whatever looks like a key. */
export function createRedactor(secrets: readonly string[]): (text: string) => string {
  const known = new Set<string>();
  for (const secret of secrets) {
    if (secret.length < minimumLength) continue;
    known.add(secret);
    known.add(JSON.stringify(secret).slice(1, -1));
  }
  // The longest first: one secret may be the beginning of another.
  const longestFirst = [...known].sort((a, b) => b.length - a.length).map(escapeForPattern);
  const pattern = new RegExp([...longestFirst, keyLike].join("|"), "g");
  return (text) => text.replace(pattern, mask);
}

function escapeForPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
