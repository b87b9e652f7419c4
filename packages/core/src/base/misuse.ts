import { didYouMean } from "./did-you-mean.ts";
import { isObject, type JsonObject } from "./json.ts";

/** Says what a value has to be, such as `a text that is not empty`; undefined where it is that. */
export type Check = (value: unknown) => string | undefined;

/** Makes the error of a function that was called with something that it does not take: `where` it stands, what is wrong there, and what to write instead. */
export function misuse(where: string, problem: string, remedy: string): TypeError {
  return new TypeError(`${where} ${problem}; ${remedy}`);
}

/** Describes a value without its content, which may be a secret or a prompt. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === "string") return value === "" ? "an empty string" : "a string";
  if (typeof value === "function") return value.name === "" ? "a function" : `the function ${value.name}`;
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return `a ${typeof value}`;
  const { constructor } = value as { readonly constructor?: unknown };
  const name = typeof constructor === "function" ? constructor.name : "";
  return name === "" || name === "Object" ? "an object" : `${/^[AEIOU]/.test(name) ? "an" : "a"} ${name}`;
}

/** Lists the members that an object may have, with the values that each may take. */
export type Members = Readonly<Record<string, Check>>;

/** Lists the names that programs and the vendors' own clients use for a member. */
const otherNames: Readonly<Record<string, string>> = {
  apikey: "auth",
  apikeys: "auth",
  authtoken: "auth",
  key: "auth",
  token: "auth",
  url: "baseUrl",
  endpoint: "baseUrl",
  host: "baseUrl",
  model: "bigModel",
  disabled: "enabled",
  modelroutes: "routes",
};

/**
 * Checks the members of an object that a program wrote: each is known, and is what it has to be. A member that is undefined counts as absent.
 *
 * @param where - Place of the object, for the message.
 * @throws TypeError for the first member that is wrong.
 */
export function checkMembers(where: string, value: unknown, members: Members): asserts value is JsonObject {
  if (!isObject(value)) throw misuse(where, `is ${kindOf(value)}`, "pass an object");
  for (const name of Object.keys(value)) {
    const member = value[name];
    if (member === undefined) continue;
    const check = Object.hasOwn(members, name) ? members[name] : undefined;
    if (check === undefined) throw unknownMember(where, name, members);
    const wanted = check(member);
    if (wanted !== undefined) throw misuse(`${where}.${name}`, `is ${shown(name, member)}`, `write ${wanted}`);
  }
}

function unknownMember(where: string, name: string, members: Members): TypeError {
  const shownName = name.slice(0, 40);
  if (name.includes("_")) {
    const remedy =
      "names with _ are those of the file format: give the file's content to parseConfig of @ccpb/core/config, and its config to new Balancer";
    return misuse(where, `has no member ${shownName}`, remedy);
  }
  const other = otherNames[name.toLowerCase()];
  const intended =
    other !== undefined && Object.hasOwn(members, other) ? other : didYouMean(name, Object.keys(members));
  const remedy = intended === undefined ? `its members are ${Object.keys(members).join(", ")}` : `write ${intended}`;
  return misuse(where, `has no member ${shownName}`, remedy);
}

/** Lists the members that hold a credential, or may have one in the place of what belongs there. */
const secretMembers: ReadonlySet<string> = new Set(["auth", "keys", "header", "headers", "source", "proxy", "tls"]);

/** Numbers and short words are quoted where no credential belongs; anything else may be a secret. */
function shown(name: string, value: unknown): string {
  if (secretMembers.has(name)) return kindOf(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && /^[\w.-]{1,24}$/.test(value) ? JSON.stringify(value) : kindOf(value);
}

export const anything: Check = () => undefined;

export const aText: Check = (value) =>
  typeof value === "string" && value.trim() !== "" ? undefined : "a string that is not empty";

export const aFlag: Check = (value) => (typeof value === "boolean" ? undefined : "true or false");

export const anObject: Check = (value) => (isObject(value) ? undefined : "an object");

/** A length of time: `Infinity` is none. */
export const milliseconds: Check = (value) =>
  typeof value === "number" && value >= 0 ? undefined : "milliseconds, 0 or more";

export const aCount: Check = (value) =>
  typeof value === "number" && (Number.isInteger(value) || value === Infinity) && value > 0
    ? undefined
    : "a whole number above 0";

/** Makes a check for one of a list of words. */
export function oneOf(words: readonly string[]): Check {
  const wanted = words.map((word) => JSON.stringify(word)).join(" or ");
  return (value) => (typeof value === "string" && words.includes(value) ? undefined : wanted);
}

/** Makes a check for a list whose items `check` takes. */
export function listOf(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return `an array, each item ${check(undefined) ?? "a value"}`;
    const wanted = value.map((item) => check(item)).find((problem) => problem !== undefined);
    return wanted && `an array, each item ${wanted}`;
  };
}

/** An object whose values are strings. */
export const texts: Check = (value) =>
  isObject(value) && Object.values(value).every((item) => item === undefined || typeof item === "string")
    ? undefined
    : "an object of strings";
