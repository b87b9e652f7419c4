import { createColors } from "picocolors";
import { exitCodes } from "../base/exit-codes.ts";
import { visible, visibleJson } from "../base/visible-text.ts";
import { readSpan } from "../control/parse-command.ts";
import { askServer, errorText } from "./ask-server.ts";
import { complain, hasColor, widthOf } from "./output.ts";
import { serverAddress, type ServerOptions } from "./server-address.ts";
import { renderTable, type TableCell } from "./text-table.ts";
import { isObject } from "../base/json-object.ts";

interface ControlOptions extends ServerOptions {
  readonly key?: string;
  readonly model?: string;
  readonly for?: string;
  readonly reason?: string;
  readonly session?: string;
  readonly json?: boolean;
}

/** Names the target of a control command and the action. */
interface Act {
  readonly kind: "providers" | "clients" | "sessions";
  readonly name: string;
  readonly action: string;
}

// A provider may take a minute to answer a test.
const patienceMs = 75_000;

/**
 * `ccpb disable`, `drain`, `enable`, `reset` and `test`: steers a running server. Answers 0, 1 where the server refuses or a test fails, 2 for a bad
 * command line, 3 where no server answers.
 */
export async function control({ kind, name, action }: Act, options: ControlOptions): Promise<number> {
  const { key, model, for: span, reason } = options;
  if (key !== undefined && !/^[1-9]\d{0,5}$/.test(key)) {
    return complain(`--key is ${quoted(key)}; write the key's place in the configuration, from 1`, exitCodes.usage);
  }
  if (span !== undefined && readSpan(span) === undefined) {
    return complain(`--for is ${quoted(span)}; write 90s, 10m, 2h or 7d, of 30d at most`, exitCodes.usage);
  }
  const address = serverAddress(options);
  const body = {
    ...(key !== undefined && { key: Number(key) }),
    ...(model !== undefined && { model }),
    ...(span !== undefined && { for: span }),
    ...(reason !== undefined && { reason }),
  };
  const path = `/${kind}/${encodeURIComponent(name)}/${action}`;
  const answer = await askServer(address, "POST", path, { body, ...(action === "test" && { patienceMs }) });
  if (answer.type === "failure") return complain(answer.message, answer.code);
  const { status, data } = answer;
  if (status !== 200) return complain(`${address.url} refuses: ${visible(errorText(data))}`, exitCodes.failed);
  if (options.json === true) process.stdout.write(`${visibleJson(JSON.stringify(data, null, 2))}\n`);
  else process.stdout.write(rendered(data));
  if (typeof data["warning"] === "string") process.stderr.write(`${visible(data["warning"])}\n`);
  return data["status"] === "failed" ? exitCodes.failed : exitCodes.ok;
}

/** `ccpb block` and `unblock`: of a client by name, or of a session. */
export async function controlClient(
  client: string | undefined,
  action: string,
  options: ControlOptions,
): Promise<number> {
  const { session } = options;
  if ((client === undefined) === (session === undefined)) {
    return complain(`name a client or, with --session, a session: ${action} alice`, exitCodes.usage);
  }
  if (session !== undefined) return control({ kind: "sessions", name: session, action }, options);
  return control({ kind: "clients", name: client ?? "", action }, options);
}

function rendered(data: Readonly<Record<string, unknown>>): string {
  const results = Array.isArray(data["results"]) ? data["results"].filter((one) => isObject(one)) : undefined;
  if (results === undefined || results.length < 2) return `${visible(String(data["message"]))}\n`;
  return renderTable(
    results.map((result) => resultRow(result)),
    widthOf(process.stdout),
  );
}

function resultRow({ key, model, outcome, duration_ms: ms, detail }: Readonly<Record<string, unknown>>): TableCell[] {
  const colors = createColors(hasColor(process.stdout));
  const hasFailed = outcome === "failed";
  return [
    hasFailed ? { text: "✗", paint: colors.red } : { text: "✓", paint: colors.green },
    { text: typeof key === "number" ? `key ${key}` : "" },
    { text: String(model) },
    { text: typeof ms === "number" ? `${ms} ms` : "", align: "right" },
    { text: hasFailed ? String(detail) : String(outcome), paint: hasFailed ? colors.red : colors.dim },
  ];
}

function quoted(text: string): string {
  return visible(JSON.stringify(text.slice(0, 100)));
}
