import type { Block } from "./message-blocks.ts";

interface Links {
  next: Block | undefined;
}

/** The blocks of an answer that are not closed, in their order. Every operation takes the same time, however many there are. */
export class BlockQueue implements Iterable<Block> {
  readonly #links = new Map<Block, Links>();
  readonly #shown = new Set<Block>();
  #shownAnswers = 0;
  #front: Block | undefined;
  #back: Block | undefined;

  /** The only block that can be open. */
  get front(): Block | undefined {
    return this.#front;
  }

  get back(): Block | undefined {
    return this.#back;
  }

  get size(): number {
    return this.#links.size;
  }

  /** True if one of the blocks has something to show. */
  get hasOutput(): boolean {
    return this.#shown.size > 0;
  }

  /** True if one of the blocks other than thinking has something to show. */
  get hasAnswer(): boolean {
    return this.#shownAnswers > 0;
  }

  *[Symbol.iterator](): Generator<Block, undefined> {
    for (let block = this.#front; block !== undefined; block = this.#links.get(block)?.next) yield block;
    return undefined;
  }

  some(test: (block: Block) => boolean): boolean {
    for (const block of this) if (test(block)) return true;
    return false;
  }

  /** Adds a block behind `after`, or at the end where there is no `after` or it has left the queue. */
  add(block: Block, after?: Block): void {
    const place = after === undefined ? undefined : this.#links.get(after);
    const before = place === undefined ? this.#back : after;
    const next = place?.next;
    this.#links.set(block, { next });
    const links = before && this.#links.get(before);
    if (links) links.next = block;
    else this.#front = block;
    if (next === undefined) this.#back = block;
    this.note(block);
  }

  /** To be called when a block may have got its first output. */
  note(block: Block): void {
    if (!block.hasOutput || !this.#links.has(block) || this.#shown.has(block)) return;
    this.#shown.add(block);
    if (block.type !== "thinking") this.#shownAnswers += 1;
  }

  /** Takes the first block away. */
  shift(): Block | undefined {
    const block = this.#front;
    if (block === undefined) return undefined;
    this.#front = this.#links.get(block)?.next;
    if (this.#front === undefined) this.#back = undefined;
    this.#links.delete(block);
    if (this.#shown.delete(block) && block.type !== "thinking") this.#shownAnswers -= 1;
    return block;
  }

  clear(): void {
    this.#links.clear();
    this.#shown.clear();
    this.#shownAnswers = 0;
    this.#front = undefined;
    this.#back = undefined;
  }
}
