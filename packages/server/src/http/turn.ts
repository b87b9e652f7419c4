let end: Promise<void> | undefined;

/**
 * Resolves when everything that has arrived by now was read. Whoever writes then writes together with all others: the first write wakes the peer,
 * where each by itself, amid the reading, would wake it again, which costs more than the writing.
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
