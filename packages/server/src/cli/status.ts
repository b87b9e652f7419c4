import { createColors } from "picocolors";
import { askServer, errorText } from "./ask-server.ts";
import { exitCodes } from "./exit-codes.ts";
import { complain, hasColor, widthOf } from "./output.ts";
import { readProviders, type ListedProvider, type ProviderList } from "./provider-list.ts";
import { serverAddress, type ServerOptions } from "./server-address.ts";
import { renderTable, type TableCell } from "./text-table.ts";

interface StatusOptions extends ServerOptions {
  readonly json?: boolean;
}

/** `ccpb status`: the providers of a running server. Answers 0 when one can serve, 1 when none can, 3 when no server answers. */
export async function status(options: StatusOptions): Promise<number> {
  const address = serverAddress(options);
  const answer = await askServer(address, "GET", "/providers");
  if (answer.type === "failure") return complain(answer.message, answer.code);
  const { data } = answer;
  const list = readProviders(data);
  if (list === undefined) {
    const why = answer.status === 200 ? "that is no list of providers" : errorText(data);
    return complain(`${address.url} answers ${answer.status}: ${why}`, exitCodes.failed);
  }
  process.stdout.write(
    options.json === true ? `${JSON.stringify(data, null, 2)}\n` : renderStatus(address.url, list, process.stdout),
  );
  return list.healthy > 0 ? exitCodes.ok : exitCodes.failed;
}

function renderStatus(url: string, list: ProviderList, stream: NodeJS.WriteStream): string {
  const colors = createColors(hasColor(stream));
  const count = list.providers.length;
  const head = `${list.healthy} of ${count} ${count === 1 ? "provider" : "providers"} can serve at ${url}`;
  const next = list.current === null ? "New requests are answered with 503." : `New requests go to ${list.current}.`;
  const titles = ["", "PROVIDER", "STATE", "BACK IN", "REQUESTS", "FAILED", "FIRST", "WHY"];
  const right = new Set(["BACK IN", "REQUESTS", "FAILED", "FIRST"]);
  const header = titles.map((text): TableCell => ({
    text,
    paint: colors.dim,
    ...(right.has(text) && { align: "right" }),
  }));
  const rows = list.providers.flatMap((provider) => providerRows(provider, colors));
  return `${colors.bold(head)}\n${next}\n\n${renderTable([header, ...rows], widthOf(stream))}`;
}

function providerRows(provider: ListedProvider, colors: ReturnType<typeof createColors>): TableCell[][] {
  const paint = provider.healthy ? colors.green : provider.state === "disabled" ? colors.dim : colors.red;
  const first = provider.firstContentMs === null ? "" : `${(provider.firstContentMs / 1000).toFixed(1)} s`;
  const row: TableCell[] = [
    { text: provider.healthy ? "✓" : "✗", paint },
    { text: provider.name },
    { text: provider.state, paint },
    { text: countdown(provider.cooldownSeconds), align: "right" },
    { text: String(provider.requests), align: "right" },
    { text: String(provider.failed), align: "right" },
    { text: first, align: "right" },
    { text: provider.reason ?? "", paint: colors.dim },
  ];
  const parts = provider.parts
    .filter(({ state }) => state !== "closed")
    .map((part): TableCell[] => [
      { text: "" },
      { text: `  ${part.label}`, paint: colors.dim },
      { text: part.state, paint: part.state === "open" ? colors.red : colors.yellow },
      { text: countdown(part.cooldownSeconds), align: "right" },
      { text: "" },
      { text: "" },
      { text: "" },
      { text: part.reason ?? "", paint: colors.dim },
    ]);
  return [row, ...parts];
}

/** Seconds as `m:ss` or `h:mm:ss`, rounded up; empty for none. */
function countdown(seconds: number): string {
  if (seconds <= 0) return "";
  const whole = Math.ceil(seconds);
  const two = (number: number): string => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
