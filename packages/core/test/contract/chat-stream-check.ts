type Json = Readonly<Record<string, unknown>>;

/** The frames of a Chat stream: what stands behind `data: `. */
export function chatFrames(wire: string): readonly string[] {
  return wire
    .split("\n\n")
    .filter((frame) => frame.startsWith("data: "))
    .map((frame) => frame.slice("data: ".length));
}

/** What is wrong with a Chat Completions stream by the grammar of OpenAI's API; empty where nothing is. */
export function checkChatStream(wire: string, includeUsage: boolean): readonly string[] {
  const problems: string[] = [];
  if (wire !== "" && !wire.endsWith("\n\n")) problems.push("the last frame has no end");
  for (const frame of wire.split("\n\n"))
    if (frame !== "" && !frame.startsWith("data: ") && !frame.startsWith(":")) problems.push(`a frame is ${frame}`);
  const checker = new ChatChecker(includeUsage);
  for (const data of chatFrames(wire)) {
    const problem = checker.frame(data);
    if (problem !== undefined) problems.push(problem);
  }
  return problems;
}

class ChatChecker {
  readonly #includeUsage: boolean;
  readonly #arguments: string[] = [];
  readonly #ids = new Set<unknown>();
  #hasRole = false;
  #finish: unknown;
  #hasUsage = false;
  #isOver = false;

  constructor(includeUsage: boolean) {
    this.#includeUsage = includeUsage;
  }

  frame(data: string): string | undefined {
    if (this.#isOver) return `something after the end: ${data.slice(0, 100)}`;
    if (data === "[DONE]") return this.#done();
    const chunk = JSON.parse(data) as Json;
    if ("error" in chunk) {
      this.#isOver = true;
      return typeof (chunk["error"] as Json)["message"] === "string" ? undefined : "an error without a message";
    }
    if (chunk["object"] !== "chat.completion.chunk" || typeof chunk["id"] !== "string")
      return "a chunk without its head";
    const choices = chunk["choices"] as readonly Json[];
    if (choices.length === 0) return this.#usage(chunk["usage"]);
    return this.#choice(choices[0] as Json);
  }

  #done(): string | undefined {
    this.#isOver = true;
    if (this.#finish === undefined) return "[DONE] without a finish reason";
    return this.#includeUsage === this.#hasUsage ? undefined : "the usage chunk is missing, or was not asked for";
  }

  #usage(usage: unknown): string | undefined {
    const counts = usage as Json;
    if (this.#finish === undefined || this.#hasUsage) return "usage out of place";
    this.#hasUsage = true;
    const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = counts;
    return Number(prompt) + Number(completion) === total && Number.isInteger(total)
      ? undefined
      : "counts do not add up";
  }

  #choice({ delta, finish_reason: reason }: Json): string | undefined {
    if (this.#finish !== undefined) return "a choice after the finish reason";
    const members = delta as Json;
    if (!this.#hasRole && members["role"] !== "assistant") return "the role does not come first";
    if (this.#hasRole && "role" in members) return "the role comes twice";
    this.#hasRole = true;
    for (const call of (members["tool_calls"] ?? []) as readonly Json[]) {
      const problem = this.#call(call);
      if (problem !== undefined) return problem;
    }
    if (reason === null) return undefined;
    this.#finish = reason;
    if (reason === "tool_calls" && this.#arguments.length === 0) return "tool_calls without a call";
    const isJson = (text: string): boolean => {
      try {
        JSON.parse(text);
        return true;
      } catch {
        return false;
      }
    };
    return reason === "length" || this.#arguments.every((text) => isJson(text))
      ? undefined
      : "arguments that are no JSON";
  }

  #call({ index, id, function: called }: Json): string | undefined {
    const at = Number(index);
    const { name, arguments: more } = called as Json;
    if (at < this.#arguments.length) {
      this.#arguments[at] += String(more);
      return id === undefined && name === undefined ? undefined : "an id or a name comes twice";
    }
    if (at !== this.#arguments.length) return `call ${at} comes before call ${this.#arguments.length}`;
    this.#arguments.push(String(more));
    if (typeof id !== "string" || typeof name !== "string" || id === "" || name === "")
      return "a call without id or name";
    return this.#ids.has(id) || !this.#ids.add(id) ? `the id ${id} comes twice` : undefined;
  }
}
