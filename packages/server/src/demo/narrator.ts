import type { Writable } from "node:stream";
import { createColors } from "picocolors";

const width = 78;
const indent = "   ";

/** Writes the demo's lines for people: never wider than 78 columns, colours only where they are wanted. */
export class Narrator {
  readonly #output: Writable;
  readonly #colors: ReturnType<typeof createColors>;
  #speaker = "";
  #column = 0;
  #word = "";

  constructor(output: Writable, hasColors: boolean) {
    this.#output = output;
    this.#colors = createColors(hasColors);
  }

  title(words: string): void {
    this.#line(this.#colors.bold(words));
  }

  blank(): void {
    this.#line("");
  }

  headline(words: string): void {
    this.blank();
    this.#line(this.#colors.bold(words));
  }

  /** A remark, wrapped. */
  say(words: string): void {
    for (const line of wrap(words, width - indent.length)) this.#line(`${indent}${line}`);
  }

  ask(question: string): void {
    this.#line(`${indent}${this.#colors.cyan("you")}   ${this.#colors.dim("│")} ${question}`);
  }

  /** Begins what a provider says; `speak` goes on, `pause` ends it. */
  begin(speaker: string): void {
    this.#speaker = speaker;
    this.#start();
  }

  /** The next piece of a streamed text, written as far as whole words are there. */
  speak(piece: string): void {
    for (const character of piece) {
      if (character !== " ") {
        this.#word += character;
        continue;
      }
      this.#writeWord();
      this.#word = " ";
    }
  }

  pause(): void {
    this.#writeWord();
    this.#output.write("\n");
  }

  /** Something that waits, ticking on one line. */
  tick(words: string): void {
    this.#output.write(words);
  }

  passed(words: string): void {
    this.#verdict(this.#colors.green("✓"), words);
  }

  failed(words: string): void {
    this.#verdict(this.#colors.red("✗"), words);
  }

  #verdict(mark: string, words: string): void {
    wrap(words, width - indent.length).forEach((line, index) => this.#line(` ${index === 0 ? mark : " "} ${line}`));
  }

  #start(): void {
    const { green, dim } = this.#colors;
    this.#output.write(`${indent}${green(this.#speaker.padEnd(5))} ${dim("│")} `);
    this.#column = indent.length + 8;
  }

  #writeWord(): void {
    const fits = this.#column + this.#word.length <= width;
    if (!fits) {
      this.#output.write("\n");
      this.#start();
    }
    const word = fits ? this.#word : this.#word.trimStart();
    this.#output.write(word);
    this.#column += word.length;
    this.#word = "";
  }

  #line(text: string): void {
    this.#output.write(`${text}\n`);
  }
}

/** Breaks a text at its spaces; a longer word stands alone. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
