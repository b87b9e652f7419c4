import { isDeepStrictEqual } from "node:util";

type Members = Readonly<Record<string, unknown>>;

/** What an open item has shown so far. */
interface OpenItem {
  readonly index: number;
  readonly id: unknown;
  readonly type: unknown;
  /** The part that is open: its place, and the text that its deltas make up. */
  part: { readonly key: string; text: string; isDone: boolean } | undefined;
  readonly parts: string[];
  args: string;
  argsDone: string | undefined;
}

const terminals = new Set(["response.completed", "response.incomplete", "response.failed"]);

/** Checks a Responses stream against the grammar of the API; returns what is wrong with it. A stream without an end is legal up to there. */
export function checkResponsesStream(events: readonly Members[]): readonly string[] {
  const problems: string[] = [];
  const done: Members[] = [];
  const ids = new Set<unknown>();
  let open: OpenItem | undefined;
  let isOver = false;
  let hasError = false;
  for (const [at, event] of events.entries()) {
    const type = String(event["type"]);
    const note = (problem: string): void => void problems.push(`event ${at} (${type}): ${problem}`);
    if (event["sequence_number"] !== at) note(`sequence_number ${String(event["sequence_number"])}`);
    if (isOver) note("behind the end");
    if (hasError && type !== "response.failed") note("behind an error");
    if (at === 0 && type !== "response.created") note("not response.created");
    if (at === 1 && type !== "response.in_progress") note("not response.in_progress");
    if (at > 1 && (type === "response.created" || type === "response.in_progress")) note("twice");
    const item = event["item"] as Members | undefined;
    if (type === "error") hasError = true;
    else if (type === "response.output_item.added") {
      if (open) note("while another item is open");
      if (event["output_index"] !== done.length) note("an index that does not follow");
      if (ids.has(item?.["id"])) note("an id that was used before");
      ids.add(item?.["id"]);
      open = {
        index: done.length,
        id: item?.["id"],
        type: item?.["type"],
        part: undefined,
        parts: [],
        args: "",
        argsDone: undefined,
      };
    } else if (type === "response.output_item.done") {
      if (!open) note("no item is open");
      else problems.push(...checkDone(open, event, item ?? {}).map((problem) => `event ${at} (${type}): ${problem}`));
      done.push(item ?? {});
      open = undefined;
    } else if (terminals.has(type)) {
      isOver = true;
      const response = event["response"] as Members;
      if (type !== `response.${String(response["status"])}`) note(`status ${String(response["status"])}`);
      if (open && type !== "response.failed") note("while an item is open");
      if (!isDeepStrictEqual(response["output"], done)) note("an output that is not the items of the stream");
    } else if (at > 1) problems.push(...checkInner(open, event).map((problem) => `event ${at} (${type}): ${problem}`));
  }
  return problems;
}

function checkInner(open: OpenItem | undefined, event: Members): readonly string[] {
  if (!open) return ["no item is open"];
  if (event["item_id"] !== open.id || event["output_index"] !== open.index) return ["not of the open item"];
  const type = String(event["type"]);
  const key = String(event["content_index"] ?? event["summary_index"]);
  const { part } = open;
  if (type.endsWith("part.added")) {
    open.part = { key, text: "", isDone: false };
    return part ? ["while a part is open"] : key === String(open.parts.length) ? [] : ["an index that does not follow"];
  }
  if (type.endsWith("part.done")) {
    open.part = undefined;
    open.parts.push(part?.text ?? "");
    const whole = event["part"] as Members;
    const isSame = (whole["text"] ?? whole["refusal"]) === part?.text;
    return part?.isDone === true && isSame ? [] : ["a part that was not ended, or has another text"];
  }
  if (type.includes("arguments.") || type.includes("custom_tool_call_input.")) {
    if (type.endsWith(".delta")) open.args += String(event["delta"]);
    else open.argsDone = String(event["arguments"] ?? event["input"]);
    return open.argsDone === undefined || open.argsDone === open.args ? [] : ["arguments that are not their pieces"];
  }
  if (type.startsWith("response.web_search_call.")) return open.type === "web_search_call" ? [] : ["of another item"];
  if (!part || part.key !== key) return ["no such part is open"];
  if (type.endsWith(".annotation.added")) return [];
  if (type.endsWith(".delta")) {
    part.text += String(event["delta"]);
    return part.isDone || event["delta"] === "" ? ["a delta that says nothing, or behind the end of its part"] : [];
  }
  part.isDone = true;
  return (event["text"] ?? event["refusal"]) === part.text ? [] : ["a text that is not its pieces"];
}

function checkDone(open: OpenItem, event: Members, item: Members): readonly string[] {
  const problems: string[] = [];
  if (event["output_index"] !== open.index || item["id"] !== open.id || item["type"] !== open.type)
    problems.push("of another item");
  if (open.part) problems.push("while a part is open");
  if (item["status"] === "in_progress") problems.push("an item in progress");
  const texts = (item["content"] ?? item["summary"]) as readonly Members[] | undefined;
  if (
    texts &&
    !isDeepStrictEqual(
      texts.map((part) => part["text"] ?? part["refusal"]),
      open.parts,
    )
  )
    problems.push("parts that were not streamed");
  if (item["type"] === "function_call" && item["arguments"] !== open.argsDone)
    problems.push("arguments that were not streamed");
  if (item["type"] === "custom_tool_call" && item["input"] !== open.argsDone)
    problems.push("an input that was not streamed");
  return problems;
}
