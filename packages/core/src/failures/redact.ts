const redacted = "[redacted]";

// Credentials by their own form. Never by length alone: request ids must stay readable. Each form either takes the whole run of its characters or
// fails within a few of them, so that the time is linear in the text.
const secretForms: readonly RegExp[] = [
  // OpenAI, Anthropic, OpenRouter, Stripe; Groq, xAI, Perplexity, Hugging Face, NVIDIA, Fireworks, Cerebras, Replicate, Together; GitHub, GitLab, others.
  /\b(?:sk|pk|rk|ak|sess|gsk|xai|pplx|hf|nvapi|fw|fpk|csk|cpk|r8|tgp|jina|voyage|pa|ghp|gho|ghu|ghs|ghr|github_pat|glpat|dop_v1|npm|pypi)[-_][A-Za-z0-9_*.-]{6,}/g,
  /\bxox[a-z]-[A-Za-z0-9-]{6,}|\bxapp-[A-Za-z0-9-]{6,}/g, // Slack
  /\bAIza[0-9A-Za-z_*-]{8,}|\bAQ\.[0-9A-Za-z_-]{16,}/g, // Google API keys
  /\bya29\.[0-9A-Za-z_.-]{8,}/g, // Google OAuth tokens
  /\bA(?:KIA|SIA)[0-9A-Z]{12,}/g, // AWS access keys
  /\bbce-v3\/[\w/-]{8,}/g, // Baidu
  /\b[0-9a-f]{32}\.[A-Za-z0-9]{16}(?![A-Za-z0-9])/g, // Zhipu
  /\beyJ[A-Za-z0-9_.*-]{8,}/g, // JSON web tokens, also cut ones
];

const authorizationScheme = /\b(Bearer|Basic|AWS4-HMAC-SHA256)\s{1,8}[^\s"',;}]+/gi;
const cookie = /\b((?:set-)?cookie["']?\s{0,8}[:=]\s{0,8}["']?)[^\r\n"'}]+/gi;
const secretHeader =
  /\b(authorization|x-api-key|x-goog-api-key|x-amz-security-token|ocp-apim-subscription-key|api-key)(["']?\s{0,8}[:=]\s{0,8}["']?)(?!Bearer\b|Basic\b)[^\s"',;}]+/gi;
const secretMember =
  /\b((?:aws_)?(?:secret_access_key|session_token|access_token|refresh_token|id_token|client_secret|secret_key|secretkey|auth_token|password|passwd|signature|x-amz-signature)["']?\s{0,8}[:=]\s{0,8}["']?)[^\s"',;&}]{4,}/gi;
const secretParameter = /([?&](?:key|api_key|api-key|apikey|access_token|token|sig|signature)=)[^\s"'&]+/gi;
const urlCredential = /(:\/\/[^\s/:@]{0,100}:)[^\s/@]{1,200}@/g;
const privateKey = "-----BEGIN ";
// "Incorrect API key provided: my-secret-key.", "Your api key: ****-key is invalid". Only what can be no ordinary word.
const namedKey = /\b(api[ _-]?key(?: provided)?["']?\s{0,8}[:=]\s{0,8}["'`]?)([A-Za-z0-9_*-]{6,})/gi;

// From about five million characters on, one run of a key's characters overflows the stack of the expressions.
const longestText = 1_000_000;

/**
 * Removes keys, tokens and authorization values from a text that may quote them, such as an upstream's error message.
 * It takes time linear in the length, and cuts a text behind 1,000,000 characters.
 *
 * @param text - any text.
 * @returns the text with a placeholder for each secret.
 * @example
 * ```ts
 * console.log(redactSecrets("invalid key sk-ant-api03-0123456789abcdef").includes("0123456789")); // false
 * ```
 */
export function redactSecrets(text: string): string {
  let clean = text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
  for (const form of secretForms) clean = clean.replace(form, redacted);
  clean = clean
    .replace(authorizationScheme, `$1 ${redacted}`)
    .replace(cookie, `$1${redacted}`)
    .replace(secretHeader, `$1$2${redacted}`)
    .replace(secretMember, (whole: string, before: string) =>
      // "Invalid `signature` in `thinking` block" and the like hold no value.
      whole.endsWith(redacted) ? whole : `${before}${redacted}`,
    )
    .replace(secretParameter, `$1${redacted}`)
    .replace(urlCredential, `$1${redacted}@`)
    .replace(namedKey, (whole: string, before: string, key: string) =>
      /[\d*_-]/.test(key) ? `${before}${redacted}` : whole,
    );
  return withoutPrivateKeys(clean);
}

function withoutPrivateKeys(text: string): string {
  const start = text.indexOf(privateKey);
  if (start < 0 || !text.slice(start, start + 60).includes("PRIVATE KEY")) return text;
  const end = text.indexOf("-----END ", start);
  const rest = end < 0 ? "" : text.slice(text.indexOf("-----", end + 9) + 5);
  return `${text.slice(0, start)}${redacted}${withoutPrivateKeys(rest)}`;
}
