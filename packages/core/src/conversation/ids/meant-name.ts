/**
 * Finds the tool that a model means by a name that was not offered: gpt-oss leaves tokens of its template behind names (`Read<|channel|>commentary`), Gemini
 * and Kimi put a namespace in front (`default_api:Read`, `functions.Read`), and small models change capitals and hyphens.
 *
 * @param name - as the upstream wrote it.
 * @param offered - the names of the request's tools, as the upstream was told them.
 * @returns the only offered name that it can stand for; `name` itself where there is none, or more than one.
 */
export function meantName(name: string, offered: ReadonlySet<string>): string {
  if (offered.has(name)) return name;
  const clean = withoutTokens(name.slice(0, longestName));
  const forms = [clean, clean.slice(Math.max(...separators.map((mark) => clean.lastIndexOf(mark))) + 1)];
  const exact = forms.find((form) => offered.has(form));
  if (exact !== undefined) return exact;
  for (const form of forms) {
    const wanted = plain(form);
    const alike = [...offered].filter((one) => plain(one) === wanted);
    if (alike.length === 1) return alike[0] ?? name;
  }
  return name;
}

const longestName = 256;
const separators = [".", ":", "/"];

/** Without what a template left behind the name, and without quotation marks and brackets around it. */
function withoutTokens(name: string): string {
  const at = name.indexOf("<|");
  return (at < 0 ? name : name.slice(0, at)).replaceAll(/[\s"'`()]/g, "");
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll("-", "_");
}
