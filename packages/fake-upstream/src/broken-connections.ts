import type { Behaviour, HttpBehaviour, Place } from "./behaviour.ts";
import { cut, drop, errorWithin, inserted, raw } from "./behaviours.ts";
import { malformedHttp } from "./not-answers.ts";

/** Connections that end before a response, or carry no valid HTTP, by what is wrong. */
export const connectionFaults: Readonly<Record<string, Behaviour>> = {
  "a reset before any byte": drop("reset"),
  "a close before any byte": drop("fin"),
  "a reset after a while": drop("reset", 30),
  "a reset within the head": raw("HTTP/1.1 200 OK\r\ncontent-", "reset"),
  "a close within the head": raw("HTTP/1.1 200 OK\r\ncontent-", "fin"),
  "a close right after the head": raw("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n", "fin"),
  "a reset right after the head": raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "reset"),
  ...malformedHttp,
};

/** Returns every way in which a streamed answer can break at the given places, by what is wrong. */
export function brokenStreams(
  behaviour: HttpBehaviour,
  places: readonly (Place & string)[],
): Record<string, HttpBehaviour> {
  const breaks: Record<string, HttpBehaviour> = {};
  for (const at of places) {
    for (const by of ["reset", "fin", "end", "stall"] as const) breaks[`${by} ${at}`] = cut(behaviour, at, by);
    breaks[`an error event ${at}`] = errorWithin(behaviour, at, { message: "Overloaded" });
    breaks[`HTML ${at}`] = cut(inserted(behaviour, at, "<html>502 Bad Gateway</html>\n\n"), at, "end");
    breaks[`junk ${at} and silence`] = cut(inserted(behaviour, at, "upstream connect error\n\n"), at, "stall");
    breaks[`data that is no JSON ${at}`] = cut(inserted(behaviour, at, "data: oops\n\n"), at, "stall");
    breaks[`binary ${at}`] = cut(inserted(behaviour, at, Buffer.from([0xff, 0, 0x1f, 10, 10])), at, "fin");
  }
  return breaks;
}
