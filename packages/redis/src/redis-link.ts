import { createClient, ErrorReply, type RedisClientOptions } from "@redis/client";
import {
  type Link,
  type LinkListener,
  type Mark,
  type MemberLimits,
  type Members,
  type OpenLink,
  RefusedError,
  type StoredView,
} from "./link.ts";
import type { StoreAddress } from "./store-address.ts";
import { messageLimit } from "./wire.ts";

export interface RedisLinkOptions {
  readonly address: StoreAddress;
  readonly prefix: string;
  /** Middle part of the names of keys and of the channel; default `health`. */
  readonly topic?: string;
  /** Largest time to live of a stored view, in milliseconds. Longer ones are ignored. Default 48 hours. */
  readonly longestTtlMs?: number;
  /** The name of this process. */
  readonly origin: string;
  /** PEM: the authorities to trust for `rediss://`, instead of the system's. */
  readonly ca?: string;
}

type Client = ReturnType<typeof newClient>;

/** Names of keys and channels in Redis. */
interface Names {
  readonly channel: string;
  /** The key of a hash or mark. */
  readonly key: (name: string) => string;
  /** The key of a place: every process writes what it knows in one of its own. */
  readonly view: (place: number) => string;
  /** The places that this process tries, in this order, until one is free. */
  readonly places: readonly number[];
  /** The place that this process has. */
  own: number | undefined;
  readonly longestTtlMs: number;
}

// Places have numbers instead of names in an index: no writer can make names or their number grow.
const placeCount = 256;
const placesTried = 8;
// Bytes read of all views together, at every connection.
const viewsLimit = 3_000_000;
// Views of about this size together are asked for at once.
const batchLimit = 1_000_000;
const markLimit = 40;
// Longer than any view is kept.
const usualLongestTtlMs = 48 * 3_600_000;

/** Makes connections to Redis or Valkey: one each, over which RESP 3 both listens and commands. Reconnecting is the caller's. */
export function redisLinks({ address, prefix, origin, ca, ...rest }: RedisLinkOptions): OpenLink {
  const { topic = "health", longestTtlMs = usualLongestTtlMs } = rest;
  const view = (place: number): string => `${prefix}:${topic}:${place}`;
  // Databases divide keys, but not channels.
  const channel = `${prefix}:${topic}@${address.database}`;
  const key = (name: string): string => `${prefix}:${topic}:${name}`;
  const names: Names = { channel, key, view, places: placesFor(origin), own: undefined, longestTtlMs };

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
      await refusals(client.subscribe(channel, (message) => hear(listener, message), true));
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

/** A message as bytes: one that is too long is not even made a string of. */
function hear(listener: LinkListener, message: Uint8Array): void {
  if (message.length > messageLimit) listener.onTooLong(message.length);
  else listener.onMessage(new TextDecoder().decode(message));
}

function linkOver(client: Client, names: Names, close: () => void): Link {
  return {
    publish: (message) => refusals(client.publish(names.channel, message)),
    store: (text, ttlMs) => refusals(store(client, names, { text, ttlMs })),
    load: () => refusals(load(client, names)),
    setMembers: (name, members, ttlMs) => refusals(setMembers(client, names.key(name), { members, ttlMs })),
    members: (name, limits) => refusals(readMembers(client, names.key(name), limits)),
    mark: (name) => refusals(readMark(client, names.key(name))),
    setMark: (name, mark) => refusals(setMark(client, names.key(name), mark)),
    close,
  };
}

async function store(
  client: Client,
  names: Names,
  view: { readonly text: string; readonly ttlMs: number },
): Promise<void> {
  const ttlMs = Math.min(view.ttlMs, names.longestTtlMs);
  const value = `${ttlMs} ${view.text}`;
  const expiration = { type: "PX", value: ttlMs } as const;
  const { own, places } = names;
  if (own !== undefined && (await client.set(names.view(own), value, { expiration, condition: "XX" })) !== null) return;
  for (const place of places) {
    if ((await client.set(names.view(place), value, { expiration, condition: "NX" })) === null) continue;
    names.own = place;
    return;
  }
  // Everything is taken, by more processes than there are places or by junk: the first choice is as good as any.
  names.own = places[0];
  await client.set(names.view(places[0] ?? 0), value, { expiration });
}

/** Reads the views of others: lengths first, so that a value of any size costs nothing. */
async function load(client: Client, names: Names): Promise<readonly StoredView[]> {
  const places = Array.from({ length: placeCount }, (_, place) => place).filter((place) => place !== names.own);
  const lengths = await Promise.all(places.map((place) => unlessRefused(client.strLen(names.view(place)), 0)));
  const views: StoredView[] = [];
  let left = viewsLimit;
  let batch: Promise<StoredView | undefined>[] = [];
  let batched = 0;
  // The shortest first: a few long ones must not crowd out the rest.
  const byLength = places
    .map((place, index) => ({ place, length: lengths[index] ?? 0 }))
    .sort((one, other) => one.length - other.length);
  for (const { place, length } of byLength) {
    if (length === 0 || length > messageLimit || length > left) continue;
    left -= length;
    batched += length;
    batch.push(readView(client, names.view(place), names.longestTtlMs));
    if (batched < batchLimit) continue;
    for (const view of await Promise.all(batch)) if (view !== undefined) views.push(view);
    batch = [];
    batched = 0;
  }
  return [...views, ...(await Promise.all(batch)).filter((view) => view !== undefined)];
}

async function setMembers(
  client: Client,
  key: string,
  { members, ttlMs }: { readonly members: Readonly<Record<string, string>>; readonly ttlMs: number },
): Promise<void> {
  await Promise.all([client.hSet(key, { ...members }), client.pExpire(key, ttlMs)]);
}

/** Reads a hash: its number of members and its size first, so that one of any size costs nothing. */
async function readMembers(client: Client, key: string, limits: MemberLimits): Promise<Members> {
  const count = await unlessRefused(client.hLen(key), 0);
  if (count === 0) return { type: "members", members: {}, bytes: 0 };
  if (count > limits.members) return { type: "too-large" };
  const bytes = (await client.memoryUsage(key, { SAMPLES: 0 })) ?? 0;
  if (bytes > limits.bytes) return { type: "too-large" };
  return { type: "members", members: await client.hGetAll(key), bytes };
}

async function readMark(client: Client, key: string): Promise<string | null> {
  const text = await unlessRefused(client.getRange(key, 0, markLimit), "");
  return text === "" ? null : text;
}

async function setMark(client: Client, key: string, { text, ttlMs, onlyIfThere }: Mark): Promise<boolean> {
  const expiration = { type: "PX", value: ttlMs } as const;
  const answer = await client.set(key, text, { expiration, ...(onlyIfThere && { condition: "XX" as const }) });
  return answer !== null;
}

/** Reads a view and its age. The age is its time to live minus the rest of it, so that clocks of other hosts do not matter. Returns undefined for a view without a time to live: its age is unknown. */
async function readView(client: Client, key: string, longestTtlMs: number): Promise<StoredView | undefined> {
  const [stored, leftMs] = await Promise.all([
    // It may have grown since it was measured.
    unlessRefused(client.getRange(key, 0, messageLimit), ""),
    client.pTTL(key),
  ]);
  const [, ttl = "", text = ""] = /^(\d{1,10}) (.*)$/s.exec(stored ?? "") ?? [];
  const ageMs = Number(ttl) - leftMs;
  if (leftMs < 0 || ageMs < 0 || Number(ttl) > longestTtlMs) return undefined;
  return text === "" ? undefined : { text, ageMs };
}

/** A key that holds something else than text is left alone. */
async function unlessRefused<T>(answer: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ErrorReply && error.message.startsWith("WRONGTYPE")) return otherwise;
    throw error;
  }
}

/** A few places that are spread by the name of the process. */
function placesFor(origin: string): readonly number[] {
  let hash = 2_166_136_261;
  for (const character of origin) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  return Array.from({ length: placesTried }, (_, index) => (hash + index * 37) % placeCount);
}

async function refusals<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof ErrorReply ? new RefusedError(error.message, { cause: error }) : error;
  }
}
