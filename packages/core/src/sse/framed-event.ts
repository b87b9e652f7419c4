/** Bytes that are looked at of a line's beginning; the name of a longer `event:` line is cut. */
export const headLength = 40;

/**
 * Facts about the lines of one event; valid until the next event is asked for. `end` is the offset in the chunk given
 * to `next` just after the event's blank line.
 */
export interface FramedEvent {
  /** The value of the last `event:` line (its first 33 characters), or an empty string. */
  readonly name: string;
  readonly hasData: boolean;
  /**
   * True if each line was a field or comment of SSE, of a known name or not, and the data begins with `{` and ends
   * with `}`.
   */
  readonly isSound: boolean;
  /** True if the data stands in one line. Data of several lines is JSON only when joined, so that its lines cannot be scanned one by one. */
  readonly isOneLine: boolean;
  /** A line was neither a field nor a comment of SSE. */
  readonly hasJunkLine: boolean;
  readonly end: number;
}

/** Facts of an event without lines. */
export const noEvent: FramedEvent = {
  name: "",
  hasData: false,
  isSound: true,
  isOneLine: true,
  hasJunkLine: false,
  end: 0,
};
