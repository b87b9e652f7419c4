import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { isSection, type Section } from "./plain-data.ts";
import { errorAt, warningAt, type ConfigPath, type ConfigProblem } from "./problem.ts";
import { labelOf } from "./label.ts";
import { repetitions } from "./spellings.ts";

/** A key of the server's own clients, or the digest of one, with its place in the document. */
export interface PlacedKey {
  readonly path: ConfigPath;
  readonly kind: "key" | "digest";
  /** As it stands in the document, a text or anything else. */
  readonly value: unknown;
}

const authPath: ConfigPath = ["settings", "auth"];

/** Lists every key of `settings.auth` with its place: those of clients with names first, whose names count where a key is written twice. */
export function placedKeys(auth: Section): readonly PlacedKey[] {
  const { clients, api_key: one, api_keys: several } = auth;
  const named = Array.isArray(clients) ? clients : [];
  return [
    ...named.flatMap((client: unknown, index) => {
      if (!isSection(client)) return [];
      const at = [...authPath, "clients", index];
      return [
        ...("key" in client ? [{ path: [...at, "key"], kind: "key" as const, value: client["key"] }] : []),
        ...("key_sha256" in client
          ? [{ path: [...at, "key_sha256"], kind: "digest" as const, value: client["key_sha256"] }]
          : []),
      ];
    }),
    ...(Array.isArray(several)
      ? several.map((value: unknown, index) => ({
          path: [...authPath, "api_keys", index],
          kind: "key" as const,
          value,
        }))
      : []),
    ...("api_key" in auth ? [{ path: [...authPath, "api_key"], kind: "key" as const, value: one }] : []),
  ];
}

/**
 * Finds the keys that stand in the configuration twice, in whatever form: as text, from a variable, or as a digest. For two clients with names that is an
 * error, since only one of them would ever be seen; a key without a name that another place has too is a warning.
 */
export function repeatedKeys(auth: Section): readonly ConfigProblem[] {
  const keys = placedKeys(auth);
  return repetitions(keys.map(digestOf)).flatMap(({ index, earlier }) => {
    const [path = [], other = []] = [keys[index]?.path, keys[earlier]?.path];
    const label = labelOf(path, {});
    const isOneClient = path[2] === "clients" && path[3] === other[3];
    // A client with both has a problem of its own.
    if (isOneClient) return [];
    if (path[2] === "clients") {
      return [errorAt(path, "value", `${label} is the key of another client, too; give each client a key of its own`)];
    }
    const why = other[2] === "clients" ? "only the client with a name counts" : "it counts once";
    const message = `${label} is the same key as ${labelOf(other.slice(0, 4), {})}; ${why}, remove one of them`;
    return [warningAt(path, "value", message)];
  });
}

function digestOf({ kind, value }: PlacedKey): string | undefined {
  // A variable that is not set has its own problem, and is still there by its name.
  if (typeof value !== "string" || value.trim() === "" || value.includes("${")) return undefined;
  return kind === "digest" ? value.toLowerCase() : bytesToHex(sha256(new TextEncoder().encode(value)));
}
