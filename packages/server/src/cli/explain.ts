import { homedir } from "node:os";
import { Balancer } from "@ccpb/core";
import { createColors } from "picocolors";
import { loadConfig } from "../config/config-file.ts";
import { explanationView, type ExplainedCandidateView, type ExplanationView } from "../views/explanation-view.ts";
import { askServer, errorText } from "./ask-server.ts";
import { exitCodes } from "../base/exit-codes.ts";
import { complain, hasColor, widthOf } from "./output.ts";
import { readExplanation } from "./read-explanation.ts";
import { namedUrl, serverAddress, type ServerAddress, type ServerOptions } from "./server-address.ts";
import { hostText, nextRequestText, waitingText } from "./state-sentences.ts";
import { renderTable, type TableCell } from "./text-table.ts";
import { visible, visibleJson } from "../base/visible-text.ts";

interface ExplainOptions extends ServerOptions {
  readonly json?: boolean;
  readonly offline?: boolean;
}

/** An explanation, and where it comes from: the URL of a running server, or null for the configuration alone. */
interface Explained {
  readonly view: ExplanationView;
  readonly url: string | null;
}

type Answer = Explained | { readonly complaint: string; readonly code: number };

// The server that the configuration names may not run at all; one that is named must answer.
const guessPatienceMs = 2_000;

/**
 * `ccpb explain MODEL`: who would be asked for a model. A running server knows what its providers' health is now; where none answers, and none was
 * named, the configuration alone decides, all providers healthy. Answers 1 where no provider covers the model, 3 where none can serve it now or where a named
 * server does not answer.
 */
export async function explain(model: string, options: ExplainOptions): Promise<number> {
  const answer = await find(model, options);
  if ("complaint" in answer) return complain(answer.complaint, answer.code);
  const { view, url } = answer;
  process.stdout.write(
    options.json === true
      ? `${visibleJson(JSON.stringify(view, null, 2))}\n`
      : renderExplanation(view, url, process.stdout),
  );
  if (view.next_request === null) return exitCodes.failed;
  return view.next_request.outcome === "served" ? exitCodes.ok : exitCodes.unreachable;
}

async function find(model: string, options: ExplainOptions): Promise<Answer> {
  if (options.offline === true) return byConfiguration(model, options);
  if (namedUrl(options) !== undefined) return byServer(model, serverAddress(options));
  const address = configuredAddress(options);
  const answer = address && (await byServer(model, address, guessPatienceMs));
  return answer && "view" in answer ? answer : byConfiguration(model, options);
}

/**
 * Reads from the configuration where a server listens; undefined if it does not say so, which `byConfiguration`
 * explains better.
 */
function configuredAddress(options: ExplainOptions): ServerAddress | undefined {
  try {
    return serverAddress(options);
  } catch {
    return undefined;
  }
}

async function byServer(model: string, address: ServerAddress, patienceMs?: number): Promise<Answer> {
  const path = `/providers/explain?model=${encodeURIComponent(model)}`;
  const answer = await askServer(address, "GET", path, patienceMs === undefined ? {} : { patienceMs });
  if (answer.type === "failure") return { complaint: answer.message, code: answer.code };
  const view = answer.status === 200 ? readExplanation(answer.data) : undefined;
  if (view) return { view, url: address.url };
  return { complaint: `${address.url} answers ${answer.status}: ${errorText(answer.data)}`, code: exitCodes.failed };
}

function byConfiguration(model: string, { config }: ExplainOptions): Explained {
  const loaded = loadConfig({
    cwd: process.cwd(),
    env: process.env,
    home: homedir(),
    ...(config !== undefined && { configPath: config }),
  });
  using balancer = new Balancer(loaded.config);
  return { view: explanationView(balancer.explain(model)), url: null };
}

function renderExplanation(
  { model, candidates, others, next_request: next, waiting, host_suspicion: suspicion }: ExplanationView,
  url: string | null,
  stream: NodeJS.WriteStream,
): string {
  const colors = createColors(hasColor(stream));
  const source = url === null ? "by the configuration alone, all of them healthy" : `now, at ${visible(url)}`;
  const rows = [
    ...candidates.map((candidate, index): TableCell[] => [
      { text: String(index + 1), align: "right" },
      { text: nameOf(candidate, candidates), paint: painterOf(candidate, index, colors) },
      { text: candidate.upstream_model },
      { text: candidate.why, paint: colors.dim },
    ]),
    ...others.map(({ provider, why }): TableCell[] => [
      { text: "–", align: "right", paint: colors.dim },
      { text: provider, paint: colors.dim },
      { text: "" },
      { text: why, paint: colors.dim },
    ]),
  ];
  const notes = [...(suspicion === null ? [] : [hostText(suspicion.next_try_in)]), ...waitingText(waiting)];
  return `${[headOf(next, visible(model), source), ...notes].join("\n")}\n\n${renderTable(rows, widthOf(stream))}`;
}

function headOf(next: ExplanationView["next_request"], model: string, source: string): string {
  if (next === null) return `No provider is asked for ${model}: requests for it are answered with 404.`;
  if (next.outcome === "served") return `A request for ${model} is asked of these, in this order (${source}):`;
  const text = nextRequestText({ ...next, waitsFor: next.waits_for, inSeconds: next.in });
  return `No provider can serve ${model} at once (${source}). ${text}`;
}

function painterOf(
  { standing }: ExplainedCandidateView,
  index: number,
  colors: ReturnType<typeof createColors>,
): (text: string) => string {
  if (standing === "open") return colors.red;
  return index === 0 ? colors.green : (text) => text;
}

function nameOf({ provider, key }: ExplainedCandidateView, all: readonly ExplainedCandidateView[]): string {
  const hasSeveral = all.some((other) => other.provider === provider && other.key !== key);
  return hasSeveral ? `${provider} (key ${key})` : provider;
}
