import { matchesGlob } from "../base/glob.ts";
import { isSection, type Section } from "./plain-data.ts";
import { errorAt, warningAt, type ConfigPath, type ConfigProblem } from "./problem.ts";
import { quote } from "./quote.ts";
import { foldName, repetitions } from "./spellings.ts";

const clientsPath: ConfigPath = ["settings", "auth", "clients"];

function clientsOf(auth: Section): readonly (readonly [index: number, client: Section])[] {
  const { clients } = auth;
  if (!Array.isArray(clients)) return [];
  return clients.flatMap((client: unknown, index) => (isSection(client) ? [[index, client] as const] : []));
}

/** Decides whether `auth.clients` names a client, so that a key is demanded. */
export function hasClients(auth: Section): boolean {
  return Array.isArray(auth["clients"]) && auth["clients"].length > 0;
}

/** Lists the faults within and between the entries of `auth.clients`. `document` gives the names of providers. */
export function clientProblems(auth: Section, document: unknown): readonly ConfigProblem[] {
  const clients = clientsOf(auth);
  const providers = providerNames(document);
  return [
    ...clients.flatMap(([index, client]) => [
      ...keyProblems(index, client),
      ...budgetProblems(index, client),
      ...roleProblems(index, client),
      ...unknownProviders(index, client, providers),
    ]),
    ...repeatedNames(clients),
  ];
}

function labelOf(index: number, client: Section): string {
  const { name } = client;
  return typeof name === "string" && name.trim() !== "" ? `client ${quote(name)}` : `settings.auth.clients[${index}]`;
}

function keyProblems(index: number, client: Section): readonly ConfigProblem[] {
  const label = labelOf(index, client);
  if ("key" in client && "key_sha256" in client) {
    const message = `${label} has both key and key_sha256; remove one of them`;
    return [errorAt([...clientsPath, index, "key_sha256"], "key", message)];
  }
  if ("key" in client || "key_sha256" in client) return [];
  const message = `${label} has no key; add key: \${NAME} for one that stands in an environment variable, or key_sha256`;
  return [errorAt([...clientsPath, index, "key"], "missing", message)];
}

function budgetProblems(index: number, client: Section): readonly ConfigProblem[] {
  const { budget } = client;
  const isOne = isSection(budget);
  const all: readonly unknown[] = isOne ? [budget] : Array.isArray(budget) ? budget : [];
  return all.flatMap((one, place) => {
    if (!isSection(one) || ["usd", "eur", "cny", "tokens"].some((key) => key in one)) return [];
    const path: ConfigPath = [...clientsPath, index, "budget", ...(isOne ? [] : [place])];
    return [
      errorAt(path, "value", `${labelOf(index, client)}: its budget names no amount; add usd, eur, cny or tokens`),
    ];
  });
}

function roleProblems(index: number, client: Section): readonly ConfigProblem[] {
  if (client["role"] !== "monitor") return [];
  return ["models", "providers", "limits", "budget", "priority"]
    .filter((key) => key in client)
    .map((key) => {
      const message = `${labelOf(index, client)}: ${key} means nothing for role: monitor, which asks no models; remove one of them`;
      return warningAt([...clientsPath, index, key], "key", message);
    });
}

function unknownProviders(index: number, client: Section, names: readonly string[]): readonly ConfigProblem[] {
  const { providers } = client;
  if (!Array.isArray(providers)) return [];
  return providers.flatMap((pattern: unknown, place) => {
    if (typeof pattern !== "string" || names.some((name) => matchesGlob(pattern, name))) return [];
    const path: ConfigPath = [...clientsPath, index, "providers", place];
    return [warningAt(path, "value", `${labelOf(index, client)}: no provider is named ${quote(pattern)}; correct it`)];
  });
}

function providerNames(document: unknown): readonly string[] {
  const providers = isSection(document) ? document["providers"] : undefined;
  if (!Array.isArray(providers)) return [];
  return providers.flatMap((one: unknown) => (isSection(one) && typeof one["name"] === "string" ? [one["name"]] : []));
}

function repeatedNames(clients: readonly (readonly [number, Section])[]): readonly ConfigProblem[] {
  const names = clients.map(([, { name }]) => (typeof name === "string" ? name : undefined));
  return repetitions(names.map((name) => name && foldName(name))).map(({ index: place }) => {
    const index = clients[place]?.[0] ?? 0;
    const message = `settings.auth.clients[${index}].name is ${quote(names[place] ?? "")}, the name of another client, too; write another one`;
    return errorAt([...clientsPath, index, "name"], "value", message);
  });
}
