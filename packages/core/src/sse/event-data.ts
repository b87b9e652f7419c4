/** Returns the data of one event of an event stream: its `data:` lines without the field's name, joined with line feeds. */
export function eventData(event: string): string {
  const lines = event.split(/\r\n|\n|\r/);
  return lines
    .filter((line) => line === "data" || line.startsWith("data:"))
    .map((line) => line.slice(line.startsWith("data: ") ? 6 : 5))
    .join("\n");
}

/** Returns where the first `data:` line of an event begins, 0 where there is none: lines of other names may hold a bracket too. */
export function dataLine(event: Uint8Array): number {
  for (let at = 0; at < event.length; at += 1) {
    const isLineStart = at === 0 || event[at - 1] === 0x0a || event[at - 1] === 0x0d;
    if (isLineStart && [0x64, 0x61, 0x74, 0x61, 0x3a].every((byte, index) => event[at + index] === byte)) return at;
  }
  return 0;
}
