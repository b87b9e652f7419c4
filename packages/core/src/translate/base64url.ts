const chunkSize = 0x2000; // well below the number of arguments that engines take

/** A text as unpadded base64url of its UTF-8; lone surrogates become U+FFFD. */
export function encodeBase64Url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = "";
  for (let start = 0; start < bytes.length; start += chunkSize) {
    binary += String.fromCharCode(...bytes.subarray(start, start + chunkSize));
  }
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The text that `encodeBase64Url` made `code` of; undefined for anything that it cannot have made. */
export function decodeBase64Url(code: string): string | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(code)) return undefined;
  try {
    const binary = atob(code.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (unit) => unit.charCodeAt(0));
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return encodeBase64Url(text) === code ? text : undefined;
  } catch {
    return undefined; // neither base64 nor UTF-8: not ours
  }
}
