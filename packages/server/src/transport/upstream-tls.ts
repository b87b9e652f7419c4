import { readFileSync, statSync } from "node:fs";
import { type ConnectionOptions, createSecureContext, rootCertificates } from "node:tls";
import type { UpstreamTls } from "@ccpb/core";
import { NetworkError } from "./network-errors.ts";

// More than any configuration names: a bound for those that many reloads leave behind.
const maxKnown = 256;

interface Known {
  readonly marks: string;
  readonly options: ConnectionOptions;
}

/** The TLS options of providers with certificates of their own. Files are read when a connection is made, and again when they have changed. */
export class UpstreamTlsFiles {
  readonly #known = new Map<string, Known>();

  /**
   * Returns the options of connections to a provider. A session of before a change of the files is forgotten: it would not be verified anew.
   *
   * @throws `NetworkError` with the code `ERR_TLS_MATERIAL`, naming the setting and the file.
   */
  optionsFor(tls: UpstreamTls, resumption: { session: Buffer | undefined }): ConnectionOptions {
    const key = JSON.stringify(tls);
    const marks = fileSettings
      .flatMap((name) => tls[name] ?? [])
      .map(markOf)
      .join("\n");
    const known = this.#known.get(key);
    if (known?.marks === marks) return known.options;
    const options = readTlsOptions(tls);
    if (known !== undefined) resumption.session = undefined;
    this.#known.delete(key);
    this.#known.set(key, { marks, options });
    const [oldest] = this.#known.keys();
    if (this.#known.size > maxKnown && oldest !== undefined) this.#known.delete(oldest);
    return options;
  }
}

const fileSettings = ["ca", "cert", "key"] as const;

/**
 * Reads the files of a provider's `tls`.
 *
 * @throws `NetworkError` with the code `ERR_TLS_MATERIAL`, naming the setting and the file, where one cannot be read or holds something else.
 */
export function readTlsOptions(tls: UpstreamTls): ConnectionOptions {
  const [ca, cert, key] = fileSettings.map((name) => read(name, tls[name]));
  const options: ConnectionOptions = {
    // The public authorities stay: `ca` adds to them.
    ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
  };
  check(options, tls);
  return options;
}

function check({ ca, cert, key }: ConnectionOptions, tls: UpstreamTls): void {
  const given = ca === undefined ? undefined : (ca as readonly string[]).at(-1);
  if (given !== undefined && !given.includes("-----BEGIN CERTIFICATE-----")) {
    throw fault(
      `tls.ca: ${tls.ca ?? ""} holds no certificate in PEM; write the path of one, which begins with -----BEGIN CERTIFICATE-----`,
    );
  }
  try {
    createSecureContext({ ...(given !== undefined && { ca: given }), cert, key });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const files =
      cert === undefined
        ? `tls.ca: ${tls.ca ?? ""} is no`
        : `tls.cert and tls.key: ${tls.cert ?? ""} and ${tls.key ?? ""} are no certificate with its key, or tls.ca is no`;
    throw fault(`${files} certificate in PEM (${reason})`, cause);
  }
}

function read(name: (typeof fileSettings)[number], path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown fault";
    const reason = code === "ENOENT" ? "does not exist" : `cannot be read (${code})`;
    throw fault(
      `tls.${name}: ${path} ${reason}; write the path of a PEM file, relative to the configuration's folder`,
      cause,
    );
  }
}

function markOf(path: string): string {
  const { mtimeMs = 0, ctimeMs = 0, size = 0, ino = 0 } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
}

function fault(message: string, cause?: unknown): NetworkError {
  return new NetworkError("ERR_TLS_MATERIAL", message, { cause });
}
