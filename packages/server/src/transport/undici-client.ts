import { createRequire } from "node:module";
import type { Client } from "undici";

/**
 * undici's `Client`, loaded alone: the whole of undici (fetch, caches, WebSocket) takes three times as long, and this server starts no faster
 * than its imports. Where a version keeps the file elsewhere, the package's front door is used.
 */
export function loadClient(): typeof Client {
  const require = createRequire(import.meta.url);
  try {
    return require("undici/lib/dispatcher/client.js") as typeof Client;
  } catch {
    return (require("undici") as { readonly Client: typeof Client }).Client;
  }
}
