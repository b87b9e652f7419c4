// What @ccpb/server needs beside the public entries. It may change in any release; nothing else should import it.
export { type BodyFlow, type ByteSink, pour } from "../base/poured-body.ts";
