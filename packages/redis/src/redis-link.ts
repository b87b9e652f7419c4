import { createClient, ErrorReply, type RedisClientOptions } from "@redis/client";
import { type Link, type OpenLink, RefusedError, type StoredView } from "./link.ts";
import type { StoreAddress } from "./store-address.ts";

export interface RedisLinkOptions {
  readonly address: StoreAddress;
  readonly prefix: string;
  /** The name of this process. */
  readonly origin: string;
  /** PEM: the authorities to trust for `rediss://`, instead of the system's. */
  readonly ca?: string;
}

type Client = ReturnType<typeof newClient>;

/** Where things are in Redis. */
interface Names {
  readonly channel: string;
  /** The set of all processes that have written something down. */
  readonly index: string;
  readonly own: string;
  readonly view: (origin: string) => string;
}

// More would be other people's keys, or a name that somebody floods.
const viewLimit = 1_000;
// Longer than any view is kept.
const indexTtlMs = 48 * 3_600_000;

/** Makes connections to Redis or Valkey: one each, over which RESP 3 both listens and commands. Reconnecting is the caller's. */
export function redisLinks({ address, prefix, origin, ca }: RedisLinkOptions): OpenLink {
  const view = (name: string): string => `${prefix}:health:${name}`;
  // Databases divide keys, but not channels.
  const channel = `${prefix}:health@${address.database}`;
  const names: Names = { channel, index: `${prefix}:instances`, own: origin, view };

  return async (listener, signal) => {
    const client = newClient(address, ca);
    const close = (): void => {
      if (client.isOpen) client.destroy();
    };
    signal.addEventListener("abort", close, { once: true });
    let isUp = false;
    // While it opens, what fails rejects as well.
    client.on("error", (error: unknown) => {
      if (isUp) listener.onLost(error);
    });
    try {
      await client.connect();
      signal.throwIfAborted();
      client.unref();
      await client.subscribe(channel, (text) => listener.onMessage(text));
      signal.throwIfAborted();
    } catch (error) {
      close();
      throw error;
    }
    isUp = true;
    return linkOver(client, names, () => {
      isUp = false;
      close();
    });
  };
}

// Its own type names no class for what the settings below make of it.
// oxlint-disable-next-line typescript/explicit-function-return-type
function newClient({ host, port, tls, database, username, password }: StoreAddress, ca: string | undefined) {
  const socket = { host, port, connectTimeout: 5_000, reconnectStrategy: false } as const;
  const options = {
    RESP: 3,
    socket: tls ? { ...socket, tls: true, ...(ca !== undefined && { ca }) } : socket,
    database,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    name: "ccpb",
    disableClientInfo: true,
    disableOfflineQueue: true,
    maintNotifications: "disabled",
    commandsQueueMaxLength: 5_000,
  } satisfies RedisClientOptions;
  return createClient(options);
}

function linkOver(client: Client, names: Names, close: () => void): Link {
  return {
    publish: (message) => refusals(client.publish(names.channel, message)),
    store: (text, ttlMs) => {
      const expiration = { type: "PX", value: ttlMs } as const;
      return refusals(
        Promise.all([
          client.set(names.view(names.own), `${ttlMs} ${text}`, { expiration }),
          client.sAdd(names.index, names.own),
          client.pExpire(names.index, indexTtlMs),
        ]),
      );
    },
    load: () => refusals(load(client, names)),
    close,
  };
}

async function load(client: Client, names: Names): Promise<readonly StoredView[]> {
  const origins = (await client.sMembers(names.index)).slice(0, viewLimit);
  const views = await Promise.all(
    origins.map(async (origin): Promise<StoredView | string> => {
      const key = names.view(origin);
      const [stored, leftMs] = await Promise.all([client.get(key), client.pTTL(key)]);
      return stored === null ? origin : readView(stored, leftMs);
    }),
  );
  const gone = views.filter((view) => typeof view === "string");
  // Who may not write still may read.
  if (gone.length > 0) await client.sRem(names.index, gone).catch(() => undefined);
  return views.filter((view) => typeof view !== "string");
}

/** How old a view is shows in what is left of its time to live: no clock of another host has a say. */
function readView(stored: string, leftMs: number): StoredView {
  const [, ttl = "", text] = /^(\d{1,12}) (.*)$/s.exec(stored) ?? [];
  if (text === undefined) return { text: stored, ageMs: 0 };
  return { text, ageMs: leftMs < 0 ? 0 : Math.max(0, Number(ttl) - leftMs) };
}

async function refusals<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof ErrorReply ? new RefusedError(error.message, { cause: error }) : error;
  }
}
