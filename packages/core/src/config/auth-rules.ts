import { authTypeOf, regionFault, regionOddity, tlsOf } from "./cloud-places.ts";
import { providerLabel } from "./label.ts";
import { errorAt, warningAt, type ConfigPath, type ConfigProblem } from "./problem.ts";
import type { ProviderView } from "./provider-view.ts";

/** Key of the file that each kind of credential needs. */
const keyOfType: Readonly<Record<string, string>> = {
  api_key: "auth_value",
  auth_token: "auth_value",
  command: "auth_command",
  file: "auth_file",
};

/** Keys that only mean something with one kind of credential. */
const typesOfKey: Readonly<Record<string, readonly string[]>> = {
  auth_value: ["api_key", "auth_token", "passthrough"],
  auth_command: ["command"],
  auth_file: ["file"],
  auth_header: ["api_key", "auth_token", "command", "file"],
  aws_profile: ["aws"],
};

/** Keys that only mean something for some types of provider. */
const providersOfKey: Readonly<Record<string, readonly string[]>> = {
  region: ["bedrock", "vertex", "anthropic"],
  project: ["vertex"],
  inference_profile: ["bedrock"],
};

interface Place {
  readonly view: ProviderView;
  readonly label: string;
  readonly at: (...keys: readonly string[]) => ConfigPath;
}

/** Finds contradictions between the keys of a provider about its credential and its address. */
export function authProblems(view: ProviderView, document: unknown): readonly ConfigProblem[] {
  const label = providerLabel(view.index, document);
  const place: Place = { view, label, at: (...keys) => ["providers", view.index, ...keys] };
  return [
    ...(view.isPassthrough ? passthroughProblems(place) : view.enabled ? credentialProblems(place) : []),
    ...(view.enabled
      ? [...placeProblems(place), ...keyProblems(place), ...commandProblems(place), ...tlsProblems(place)]
      : []),
  ];
}

function credentialProblems({ view, label, at }: Place): readonly ConfigProblem[] {
  const { section, type } = view;
  const authType = authTypeOf(section);
  const needed = keyOfType[authType];
  if (needed !== undefined && !(needed in section)) {
    return [errorAt(at(needed), "missing", `${label} has no ${needed}; add ${howToGive(needed, type)}`)];
  }
  if (authType === "aws" && type !== "bedrock" && type !== "anthropic") {
    const message = `${label}: auth_type: aws signs requests to AWS, which a provider of type ${type ?? "?"} is not; write api_key, or type: bedrock`;
    return [errorAt(at("auth_type"), "value", message)];
  }
  return [];
}

function howToGive(key: string, type: string | undefined): string {
  switch (key) {
    case "auth_command":
      return "auth_command: [program, argument] with the command that prints a token";
    case "auth_file":
      return "auth_file: PATH with the file that holds the key";
    default: {
      const other = type === "anthropic" ? ", or auth_type: passthrough" : "";
      return `auth_value: \${NAME} with the variable that holds the key${other}`;
    }
  }
}

function passthroughProblems({ view, label, at }: Place): readonly ConfigProblem[] {
  const { section, type } = view;
  const isByType = section["auth_type"] === "passthrough";
  if (type !== "anthropic" && type !== undefined) {
    const remedy = type === "bedrock" ? "aws" : type === "vertex" ? "google" : "api_key and an auth_value";
    const article = type === "openai" ? "an" : "a";
    const message = `${label}: passthrough forwards an Anthropic credential, and ${article} ${type} provider cannot use one; write auth_type: ${remedy}`;
    return [errorAt(at(isByType ? "auth_type" : "auth_value"), "value", message)];
  }
  if (!isByType) {
    const message = `${label}: auth_value: passthrough is read as auth_type: passthrough; write it so`;
    return [warningAt(at("auth_value"), "value", message)];
  }
  if (!("auth_value" in section) || section["auth_value"] === "passthrough") return [];
  const message = `${label}: auth_value is not used with auth_type: passthrough; remove it, or write auth_type: api_key`;
  return [warningAt(at("auth_value"), "key", message)];
}

function placeProblems({ view, label, at }: Place): readonly ConfigProblem[] {
  const { section, type } = view;
  const found: ConfigProblem[] = [];
  const isCloud = type === "bedrock" || type === "vertex";
  if (!("base_url" in section) && !(isCloud && "region" in section)) {
    const remedy = isCloud
      ? "add region, or base_url for another endpoint"
      : "add one, such as base_url: https://api.anthropic.com";
    found.push(
      errorAt(
        at(isCloud ? "region" : "base_url"),
        "missing",
        `${label} has no ${isCloud ? "region" : "base_url"}; ${remedy}`,
      ),
    );
  }
  const { region } = section;
  const oddity =
    typeof region === "string" && regionFault(region) === undefined ? regionOddity(type, region) : undefined;
  if (oddity !== undefined && !("base_url" in section)) {
    found.push(warningAt(at("region"), "value", `${label}: region ${oddity}`));
  }
  if (type !== "vertex") return found;
  for (const [key, example] of [
    ["project", "my-project-1234"],
    ["region", "global"],
  ] as const) {
    const isNamed = found.some((problem) => problem.path.at(-1) === key);
    if (key in section || isNamed) continue;
    const message = `${label} has no ${key}; add ${key}: ${example}: it is part of the address of a model at Vertex AI`;
    found.push(errorAt(at(key), "missing", message));
  }
  return found;
}

/** Every value of `auth_type`. Another one is a problem of its own. */
const authTypes: ReadonlySet<string> = new Set([...Object.values(typesOfKey).flat(), "google"]);

function keyProblems({ view, label, at }: Place): readonly ConfigProblem[] {
  const { section, type = "", isPassthrough } = view;
  const authType = authTypeOf(section);
  const found: ConfigProblem[] = [];
  if (type === "anthropic" && "region" in section && authType !== "aws") {
    const message = `${label}: region only means something with auth_type: aws here; remove it, or write type: bedrock for Claude at Amazon Bedrock`;
    found.push(warningAt(at("region"), "key", message));
  }
  for (const [key, types] of Object.entries(typesOfKey)) {
    if (!(key in section) || types.includes(authType) || !authTypes.has(authType)) continue;
    if (isPassthrough && key === "auth_value") continue;
    const message = `${label}: ${key} is not used with auth_type: ${authType}; remove it, or write auth_type: ${types[0] ?? ""}`;
    found.push(warningAt(at(key), "key", message));
  }
  for (const [key, types] of Object.entries(providersOfKey)) {
    if (!(key in section) || types.includes(type)) continue;
    const message = `${label}: ${key} only means something for providers of type ${types.join(", ")}; remove it`;
    found.push(warningAt(at(key), "key", message));
  }
  return found;
}

/** Matches a word that only a shell understands, such as a pipe. */
const shellWord = /^(?:\||\|\||&&?|;|[<>]{1,2}|2>&1)$|^\$\(/;

function commandProblems({ view, label, at }: Place): readonly ConfigProblem[] {
  const { auth_command: command } = view.section;
  if (!Array.isArray(command)) return [];
  const words = command.filter((word: unknown) => typeof word === "string");
  const [program = ""] = words;
  const place = words.findIndex((word, index) => index > 0 && shellWord.test(word));
  // A path may hold spaces; `gcloud auth print-access-token` as one word is the name of no program.
  const isLine = words.length === 1 && /^[\w.-]+\s+\S/.test(program);
  if (isLine) {
    const message = `${label}: auth_command is one word with spaces, which would be the name of the program; write each argument as an entry of its own`;
    return [warningAt(at("auth_command"), "key", message)];
  }
  if (place === -1 || /(?:^|[\\/])(?:\w*sh|cmd|powershell|pwsh)(?:\.exe)?$/i.test(program)) return [];
  const message = `${label}: auth_command is run without a shell, and its argument ${place} means something to a shell alone; write [sh, -c, "…"]`;
  return [warningAt(at("auth_command"), "key", message)];
}

function tlsProblems({ view, label, at }: Place): readonly ConfigProblem[] {
  const tls = tlsOf(view.section);
  const missing = "cert" in tls === "key" in tls ? undefined : "cert" in tls ? "key" : "cert";
  if (missing === undefined) return [];
  const other = missing === "key" ? "cert" : "key";
  const message = `${label}: tls.${other} is there and tls.${missing} is not; add tls.${missing}, since a client certificate needs both files`;
  return [errorAt(at("tls", missing), "missing", message)];
}
