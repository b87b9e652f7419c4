import { renderProblems, type LocatedProblem } from "../config/problems.ts";
import { readProblem } from "../config/read-problem.ts";
import { askServer, errorText } from "./ask-server.ts";
import { exitCodes } from "../base/exit-codes.ts";
import { complain, hasColor } from "./output.ts";
import { serverAddress, type ServerOptions } from "./server-address.ts";
import { visible, visibleJson } from "../base/visible-text.ts";

interface ReloadOptions extends ServerOptions {
  readonly reset?: boolean;
  readonly json?: boolean;
}

/** `ccpb reload`: has a running server read its configuration again. Answers 0, 2 for a configuration that it refuses, 3 where none answers. */
export async function reload(options: ReloadOptions): Promise<number> {
  const address = serverAddress(options);
  const answer = await askServer(address, "POST", `/providers/reload${options.reset === true ? "?reset=true" : ""}`);
  if (answer.type === "failure") return complain(answer.message, answer.code);
  const { status, data } = answer;
  if (options.json === true && (status === 200 || status === 422)) {
    process.stdout.write(`${visibleJson(JSON.stringify(data, null, 2))}\n`);
    return status === 200 ? exitCodes.ok : exitCodes.usage;
  }
  if (status === 422) {
    const problems = problemsOf(data["problems"], "error");
    process.stderr.write(rendered(problems));
    const text = problems.length === 0 ? `${errorText(data)}; ` : "";
    return complain(`${text}nothing was changed: the server goes on with its old configuration.`, exitCodes.usage);
  }
  if (status !== 200) return complain(`${address.url} answers ${status}: ${errorText(data)}`, exitCodes.failed);
  process.stdout.write(renderSummary(data));
  process.stderr.write(rendered(problemsOf(data["warnings"], "warning")));
  return exitCodes.ok;
}

function renderSummary(data: Readonly<Record<string, unknown>>): string {
  const changes = ["added", "removed", "changed", "kept"].flatMap((word) => {
    const names: unknown = data[word];
    return Array.isArray(names) && names.length > 0 ? [`  ${word.padEnd(8)} ${visible(names.join(", "))}`] : [];
  });
  const restart: unknown = data["restart_needed"];
  const needed =
    Array.isArray(restart) && restart.length > 0
      ? [`  takes effect after a restart: ${visible(restart.join(", "))}`]
      : [];
  return `${[visible(String(data["message"])), ...changes, ...needed].join("\n")}\n`;
}

function problemsOf(value: unknown, severity: LocatedProblem["severity"]): readonly LocatedProblem[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => readProblem(entry, severity) ?? []);
}

function rendered(problems: readonly LocatedProblem[]): string {
  return renderProblems(problems, { color: hasColor(process.stderr), cwd: process.cwd() });
}
