/** An input that once took more than linear time, or looks as if it could: what is done with it, and how large it is made. */
export interface LinearCase {
  readonly name: string;
  /** Argument of `prepare` whose input takes some tens of milliseconds to handle: a number of items or characters. */
  readonly size: number;
  /** Makes an input of that size, which is not timed, and returns what is timed. */
  readonly prepare: (size: number) => () => unknown;
}

/** `count` values, each made of its index. */
export function many<Value>(count: number, make: (index: number) => Value): Value[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
