import { CcpbError } from "@ccpb/core";

/** Parts of the address of Redis, so that the credential is in one member only. */
export interface StoreAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  readonly database: number;
}

/** Takes a `redis://` or `rediss://` URL apart. Throws `CcpbError` (code `configuration`) that does not repeat it: it may hold a password. */
export function parseStoreUrl(text: string): StoreAddress {
  if (!URL.canParse(text)) throw fault("it is no URL");
  const { protocol, hostname, port, username, password, pathname } = new URL(text);
  if (protocol !== "redis:" && protocol !== "rediss:") throw fault("it begins with neither redis:// nor rediss://");
  if (hostname === "") throw fault("it names no host");
  const database = pathname === "" || pathname === "/" ? 0 : Number(pathname.slice(1));
  if (!Number.isSafeInteger(database) || database < 0) throw fault("what follows the host is no number of a database");
  return {
    host: hostname.startsWith("[") ? hostname.slice(1, -1) : hostname,
    port: port === "" ? 6379 : Number(port),
    tls: protocol === "rediss:",
    ...(username !== "" && { username: decode(username) }),
    ...(password !== "" && { password: decode(password) }),
    database,
  };
}

/** Returns `host:port/database`, for people. */
export function addressText({ host, port, tls, database }: StoreAddress): string {
  return `${tls ? "rediss" : "redis"}://${host.includes(":") ? `[${host}]` : host}:${port}/${database}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw fault("its user or password holds a % that is not followed by two hex digits; write %25");
  }
}

function fault(why: string): CcpbError {
  const message = `the Redis URL cannot be used: ${why}; write redis://[user:password@]host[:port][/database]`;
  return new CcpbError("configuration", message, { status: 422, type: "invalid_request_error" });
}
