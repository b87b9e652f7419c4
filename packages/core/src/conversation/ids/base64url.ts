const chunkSize = 0x2000; // well below the number of arguments that engines take

/** Returns a text as unpadded base64url of its UTF-8; lone surrogates become U+FFFD. */
export function encodeBase64Url(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = "";
  for (let start = 0; start < bytes.length; start += chunkSize) {
    binary += String.fromCharCode(...bytes.subarray(start, start + chunkSize));
  }
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""); // only padding has "="
}

/** Returns the text that `encodeBase64Url` made `code` of; undefined for anything that it cannot have made. */
export function decodeBase64Url(code: string): string | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(code)) return undefined;
  const text = decodeBase64(code.replaceAll("-", "+").replaceAll("_", "/"));
  return text !== undefined && encodeBase64Url(text) === code ? text : undefined;
}

/** Returns the UTF-8 text in base64 data; undefined where it is neither. */
export function decodeBase64(data: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(data), (unit) => unit.charCodeAt(0));
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined; // neither base64 nor UTF-8
  }
}
