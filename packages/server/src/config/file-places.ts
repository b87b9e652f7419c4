import { basename, dirname, isAbsolute, sep } from "node:path";
import type { ProviderConfig } from "@ccpb/core";
import type { ConfigPath, ConfigProblem } from "@ccpb/core/config";
import { monthOfUsageFile } from "../base/usage-file-name.ts";
import { appendFault, type FileFault, folderFault, isSameFile, programFault, readFault } from "./file-faults.ts";
import type { ServerSettings } from "./server-settings.ts";

/** The parts of a configuration that name files, with absolute paths. */
export interface FileNames {
  readonly providers: readonly ProviderConfig[];
  readonly server: Pick<ServerSettings, "logFile" | "usageFolder" | "tls" | "configPath">;
  /** The settings that are written: which key names the log, and the variable that does so instead of the file, if one does. */
  readonly written: {
    readonly log?: { readonly key: string; readonly source?: string };
    readonly usage?: boolean;
  };
}

/** One file or folder that a configuration names. */
interface FilePlace {
  readonly path: ConfigPath;
  readonly label: string;
  readonly file: string;
  readonly source?: string;
  /** Finds what is wrong with it; absent where something else looks at it, or where nothing names it in so many words. */
  readonly fault?: (file: string) => FileFault | undefined;
  /** Consequence of a fault; present where a server can run with it. */
  readonly meanwhile?: string;
}

/**
 * Finds the faults of the files and folders that a configuration names: of each by itself, and of one that a server writes to and that has another use.
 * Reads and writes nothing.
 */
export function fileProblems(names: FileNames): readonly ConfigProblem[] {
  const { server } = names;
  const read = [...ownFiles(names), ...names.providers.flatMap(providerFiles)];
  const log = server.logFile === null ? undefined : logPlace(server.logFile, names);
  const usage = server.usageFolder === null ? undefined : usagePlace(server.usageFolder, names);
  return [
    ...[...read, ...(log ? [log] : []), ...(usage ? [usage] : [])].flatMap(problemOf),
    ...(log ? read.flatMap((other) => sharedProblem(log, other)) : []),
    ...(log && usage ? ledgerProblem(log, usage) : []),
  ];
}

function logPlace(file: string, { written }: FileNames): FilePlace {
  const { key = "log_file", ...source } = written.log ?? {};
  const place = { path: ["settings", key], label: `settings.${key}`, file, ...source };
  // The default is below the folder that a command is run in, which need not be the server's.
  if (written.log === undefined) return place;
  return { ...place, fault: appendFault, meanwhile: "log lines are lost until then" };
}

function usagePlace(file: string, { written }: FileNames): FilePlace {
  const place = { path: ["settings", "usage_folder"], label: "settings.usage_folder", file };
  if (written.usage !== true) return place;
  return { ...place, fault: folderFault, meanwhile: "usage is kept in memory until then" };
}

function ownFiles({ server: { tls, configPath } }: FileNames): readonly FilePlace[] {
  return [
    ...(configPath === null ? [] : [{ path: [], label: "the configuration itself", file: configPath }]),
    ...(tls === undefined
      ? []
      : (["cert", "key"] as const).map((name) => ({
          path: ["settings", "tls", name],
          label: `settings.tls.${name}`,
          file: tls[name],
          fault: readFault,
        }))),
  ];
}

function providerFiles({ name, auth, tls = {}, enabled = true }: ProviderConfig, index: number): readonly FilePlace[] {
  const place = (key: string, file: string): FilePlace => ({
    path: ["providers", index, ...key.split(".")],
    label: `provider "${name}": ${key}`,
    file,
  });
  const found = (["ca", "cert", "key"] as const).flatMap((key) => {
    const file = tls[key];
    // `readTlsOptions` looks at them and at their content.
    return file === undefined ? [] : [place(`tls.${key}`, file)];
  });
  if (auth.type !== "renewed") return found;
  const { source } = auth;
  if (source.type === "file") {
    // A secret may be mounted later, so that a start need not wait for it.
    const meanwhile = "requests fail until it is there: correct the path, or write the key into it";
    return [...found, { ...place("auth_file", source.file), ...(enabled && { fault: readFault, meanwhile }) }];
  }
  const program = source.type === "command" ? (source.command[0] ?? "") : "";
  if (!enabled || !(isAbsolute(program) || program.startsWith("~/"))) return found;
  const fault = program.startsWith("~/") ? homeFault : programFault;
  return [...found, { ...place("auth_command", program), fault, meanwhile: "requests fail until then" }];
}

function homeFault(): FileFault {
  return { text: "is run without a shell, which alone knows what ~ stands for; write the whole path", mayChange: true };
}

function problemOf({ path, label, file, source, fault, meanwhile }: FilePlace): readonly ConfigProblem[] {
  const found = fault?.(file);
  if (found === undefined) return [];
  // A server runs without a log, a ledger or the credential of one provider.
  const isWarning = meanwhile !== undefined && (found.mayChange || path[0] === "providers");
  return [
    {
      path,
      target: "value",
      message: `${label}: ${file} ${found.text}${isWarning ? `; ${meanwhile}` : ""}`,
      severity: isWarning ? "warning" : "error",
      ...(source !== undefined && { source }),
    },
  ];
}

/** Finds out whether the log, or a file that its rotation replaces, is a file that something else reads. */
function sharedProblem(log: FilePlace, other: FilePlace): readonly ConfigProblem[] {
  if (isSameFile(log.file, other.file)) {
    return [clash(log, `${log.file} is also ${other.label}, and log lines would be added to it; name another file`)];
  }
  const isRotated = other.file.startsWith(`${log.file}.`) && /^\d+$/.test(other.file.slice(log.file.length + 1));
  if (!isRotated) return [];
  return [
    clash(log, `its rotated file ${other.file} is also ${other.label}, and would be replaced; name another file`),
  ];
}

/** Finds out whether log and ledger stand in each other's way. */
function ledgerProblem(log: FilePlace, usage: FilePlace): readonly ConfigProblem[] {
  const ledger = `the folder of the ledger, ${usage.file} (settings.usage_folder)`;
  if (isSameFile(log.file, usage.file)) return [clash(log, `${log.file} is also ${ledger}; name another file`)];
  if (usage.file.startsWith(`${log.file}${sep}`)) {
    return [clash(log, `${log.file} is to be a folder for ${ledger}; name another file`)];
  }
  if (!isSameFile(dirname(log.file), usage.file)) return [];
  const name = basename(log.file);
  if (monthOfUsageFile(name) === undefined && name !== "usage.id") return [];
  return [clash(log, `${log.file} is a file of the ledger, which is in its folder; name another file`)];
}

function clash({ path, label, source }: FilePlace, text: string): ConfigProblem {
  return {
    path,
    target: "value",
    message: `${label}: ${text}`,
    severity: "error",
    ...(source !== undefined && { source }),
  };
}
