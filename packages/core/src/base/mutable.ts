/**
 * Type of a value that is built member by member before it is returned, which is cheaper than spreading optional
 * members.
 */
export type Mutable<T> = { -readonly [name in keyof T]: T[name] };
