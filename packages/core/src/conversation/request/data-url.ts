/** Data in a `data:` URL. */
export interface DataUrl {
  /** In lower case, without parameters; `image/jpeg` where `image/jpg` is written, which Anthropic refuses. */
  readonly mediaType: string;
  /** Base64 without white space, which APIs refuse. */
  readonly data: string;
}

/** Reads `data:image/png;base64,…`. Returns undefined for any other URL. */
export function readDataUrl(url: string): DataUrl | undefined {
  const comma = url.indexOf(",");
  if (comma === -1 || !/^data:/i.test(url)) return undefined;
  const [written = "", ...parameters] = url.slice("data:".length, comma).split(";");
  if (!parameters.some((one) => one.trim().toLowerCase() === "base64")) return undefined;
  const mediaType = written.trim().toLowerCase();
  return {
    mediaType: mediaType === "image/jpg" ? "image/jpeg" : mediaType,
    data: url.slice(comma + 1).replaceAll(/\s/g, ""),
  };
}

/** Decides whether data of a media type is text that a model reads. */
export function isTextType(mediaType: string): boolean {
  return mediaType.startsWith("text/") || textTypes.has(mediaType);
}

const textTypes: ReadonlySet<string> = new Set(
  ["json", "xml", "yaml", "x-yaml", "javascript", "x-ndjson", "toml"].map((name) => `application/${name}`),
);
