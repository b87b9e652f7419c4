/** What is put together member by member before it is given out: cheaper than spreading what may be absent. */
export type Mutable<T> = { -readonly [name in keyof T]: T[name] };
