interface Node<Value> {
  readonly path: readonly string[];
  value: Value | undefined;
  readonly below: Map<string, Node<Value>>;
}

/**
 * Largest number of rows of one metric. Labels are names of the configuration and fixed words, but statuses are an
 * upstream's.
 */
const maxRows = 5_000;
const other = "other";

/** Values by a row of labels. A tree of maps, because the labels of a row are known strings, and one joined from them would be made and hashed anew each time. */
export class LabelTree<Value> {
  readonly #root: Node<Value> = { path: [], value: undefined, below: new Map() };
  readonly #make: () => Value;
  readonly #rows: Node<Value>[] = [];

  /** `make`: the value of a row that is new. */
  constructor(make: () => Value) {
    this.#make = make;
  }

  /** The value of a row. Beyond 5,000 rows, further ones are counted together in a row of `other`. */
  at(labels: readonly string[]): Value {
    if (this.#rows.length >= maxRows && this.#find(labels)?.value === undefined)
      return this.#at(labels.map(() => other));
    return this.#at(labels);
  }

  #find(labels: readonly string[]): Node<Value> | undefined {
    let node: Node<Value> | undefined = this.#root;
    for (const label of labels) node = node?.below.get(label);
    return node;
  }

  #at(labels: readonly string[]): Value {
    let node = this.#root;
    for (const label of labels) node = node.below.get(label) ?? this.#grow(node, label);
    if (node.value === undefined) {
      node.value = this.#make();
      this.#rows.push(node);
    }
    return node.value;
  }

  /** Every row with its value, in the order in which they came. */
  entries(): (readonly [labels: readonly string[], value: Value])[] {
    return this.#rows.map(({ path, value }) => [path, value as Value]); // rows have one
  }

  #grow(parent: Node<Value>, label: string): Node<Value> {
    const node: Node<Value> = { path: [...parent.path, label], value: undefined, below: new Map() };
    parent.below.set(label, node);
    return node;
  }
}
