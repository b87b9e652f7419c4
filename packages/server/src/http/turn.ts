let end: Promise<void> | undefined;

/**
 * Resolves at the end of the current event-loop turn (`setImmediate`). Writing then batches responses, so that each
 * peer is woken once instead of once per response.
 */
export function endOfTurn(): Promise<void> {
  end ??= new Promise((resolve) => {
    setImmediate(() => {
      end = undefined;
      resolve();
    });
  });
  return end;
}
