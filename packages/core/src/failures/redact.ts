const redacted = "[redacted]";

// Credentials by their own form. Never by length alone: request ids must stay readable.
const secretForms: readonly RegExp[] = [
  // OpenAI, Anthropic, OpenRouter, Groq, xAI, Perplexity, Hugging Face, NVIDIA, Fireworks, Cerebras, Replicate, Together, GitHub.
  /\b(?:sk|pk|rk|gsk|xai|pplx|hf|nvapi|fw|csk|r8|tgp|ghp|gho|ghs|github_pat)[-_][A-Za-z0-9_*-]{6,}/g,
  /\bAIza[0-9A-Za-z_*-]{8,}/g, // Google API keys
  /\bya29\.[0-9A-Za-z_-]{8,}/g, // Google OAuth tokens
  /\bA(?:KIA|SIA)[0-9A-Z]{12,}/g, // AWS access keys
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/g, // JSON web tokens
];

const authorizationScheme = /\b(Bearer|Basic)\s+[^\s"',;}]+/gi;
const secretHeader =
  /\b(authorization|x-api-key|x-goog-api-key|api-key|cookie)(["']?\s*[:=]\s*["']?)(?!Bearer\b|Basic\b)[^\s"',;}]+/gi;
const secretParameter = /([?&](?:key|api_key|apikey|access_token|token)=)[^\s"'&]+/gi;
// "Incorrect API key provided: my-secret-key.", "Your api key: ****-key is invalid". Only what can be no ordinary word.
const namedKey = /\b(api[ _-]?key(?: provided)?["']?\s*[:=]\s*["'`]?)([A-Za-z0-9_*-]{6,})/gi;

/** Removes keys, tokens and authorization values from a text that may quote them, such as an upstream's error message. */
export function redactSecrets(text: string): string {
  let clean = text;
  for (const form of secretForms) clean = clean.replace(form, redacted);
  return clean
    .replace(authorizationScheme, `$1 ${redacted}`)
    .replace(secretHeader, `$1$2${redacted}`)
    .replace(secretParameter, `$1${redacted}`)
    .replace(namedKey, (whole: string, before: string, key: string) =>
      /[\d*_-]/.test(key) ? `${before}${redacted}` : whole,
    );
}
