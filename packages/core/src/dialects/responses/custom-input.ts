import { isObject, parseJson } from "../../base/json.ts";

const opening = '{"input":"';
const maxHeadLength = 200; // the opening, and white space in it

/**
 * Reads the text of a custom tool out of the arguments of the function that stands for it, while they arrive: `{"input":"…"}` in pieces. Arguments of
 * another form are held until they are whole.
 */
export class CustomInput {
  readonly #pieces: string[] = [];
  readonly #said: string[] = [];
  /** Text that was not read yet: the beginning of the arguments, or an escape that is cut. */
  #rest = "";
  #state: "before" | "inside" | "behind" | "other" = "before";

  /** Takes the next piece of the arguments, and returns the text that it adds; `""` for none. */
  push(json: string): string {
    this.#pieces.push(json);
    if (this.#state === "behind" || this.#state === "other") return "";
    this.#rest += json;
    if (this.#state === "before") this.#begin();
    return this.#state === "inside" ? this.#say(this.#read()) : "";
  }

  /** Returns the text that is missing at the end of the arguments. Text that was sent before cannot be taken back, so nothing is added to it. */
  end(): string {
    const isStreamed = this.#state === "inside" || this.#state === "behind";
    this.#state = "behind";
    return isStreamed ? "" : this.#say(customText(this.#pieces.join("")));
  }

  /** The whole text as it was given out. */
  get text(): string {
    return this.#said.join("");
  }

  #say(text: string): string {
    if (text !== "") this.#said.push(text);
    return text;
  }

  #begin(): void {
    let at = 0;
    for (const expected of opening) {
      while (isSpace(this.#rest[at])) at += 1;
      if (at >= this.#rest.length) {
        if (at > maxHeadLength) this.#state = "other";
        return;
      }
      if (this.#rest[at] !== expected) {
        this.#state = "other";
        return;
      }
      at += 1;
    }
    this.#state = "inside";
    this.#rest = this.#rest.slice(at);
  }

  #read(): string {
    const json = this.#rest;
    let text = "";
    let at = 0;
    for (let start = 0; this.#state === "inside"; start = at) {
      while (at < json.length && json[at] !== '"' && json[at] !== "\\") at += 1;
      text += json.slice(start, at);
      if (json[at] === '"') this.#state = "behind";
      if (json[at] !== "\\") break;
      const escape = json.slice(at, at + (json[at + 1] === "u" ? 6 : 2));
      if (escape.length < 2 || (escape[1] === "u" && escape.length < 6)) break;
      const character = parseJson(`"${escape}"`);
      // Text after an invalid escape cannot be decoded.
      if (typeof character !== "string") this.#state = "behind";
      else text += character;
      at += escape.length;
    }
    this.#rest = this.#state === "inside" ? json.slice(at) : "";
    return text;
  }
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\n" || character === "\t" || character === "\r";
}

/** Returns the text that a custom tool is called with: the member `input` of its arguments, or what the model wrote instead. */
export function customText(json: string): string {
  const parsed = parseJson(json);
  if (!isObject(parsed)) return typeof parsed === "string" ? parsed : json;
  if (typeof parsed["input"] === "string") return parsed["input"];
  const texts = Object.values(parsed).filter((value) => typeof value === "string");
  return texts.length === 1 && texts[0] !== undefined ? texts[0] : json === "{}" ? "" : json;
}
