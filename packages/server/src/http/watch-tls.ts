import type { TlsMaterial } from "./http.ts";
import { readTls } from "./tls-material.ts";
import type { Log } from "../log/log-types.ts";
import type { ServerSettings } from "../config/server-settings.ts";

export interface TlsWatchOptions {
  /** The settings in force; asked at each look. */
  readonly settings: () => Pick<ServerSettings, "tls">;
  /** Contents of the files at the server's start. */
  readonly material: TlsMaterial | undefined;
  /** Takes a certificate and its key that belong together. */
  readonly onChange: (material: TlsMaterial) => void;
  readonly log: Log;
  /** Called once with what is wrong with files that cannot be used, and again only after they could be. */
  readonly onFault: (reason: string) => void;
  /** Interval of reading the files, in milliseconds. Default 10,000. */
  readonly everyMs?: number;
}

const usualEveryMs = 10_000;

/**
 * Reads the files of `settings.tls` again and again, and tells when they hold another certificate: renewals replace files, links or folders, which no
 * watch of a file sees reliably. Files that cannot be used, such as half of a pair while both are being replaced, leave the certificate before them in
 * use; the log says so once when the next look finds the same. Disposing ends it.
 */
export function watchTls({
  settings,
  material,
  onChange,
  onFault,
  log,
  everyMs = usualEveryMs,
}: TlsWatchOptions): Disposable {
  let known = material;
  let fault: string | undefined;
  let isTold = false;
  const look = (): void => {
    try {
      const next = readTls(settings());
      fault = undefined;
      isTold = false;
      if (next === undefined || isSame(known, next)) return;
      onChange(next);
      known = next;
      log.write("INFO", "config_reloaded", "the certificate of settings.tls has changed, and is in use");
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (message === fault && !isTold) {
        isTold = true;
        log.write("WARNING", "config_warning", `${message}; the certificate before stays in use`);
        onFault(message);
      }
      fault = message;
    }
  };
  const timer = setInterval(look, everyMs).unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function isSame(known: TlsMaterial | undefined, next: TlsMaterial): boolean {
  return known !== undefined && known.cert.equals(next.cert) && known.key.equals(next.key);
}
