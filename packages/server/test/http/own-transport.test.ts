import { describe, expect, it } from "vitest";
import { delta, opening } from "../../../core/test/message-events.ts";
import { messagesBody, openSocket, provider, startTestServer, until } from "../running-server.ts";

describe("a transport of one's own", () => {
  it.each(["reads nothing", "waits"])(
    "whose bodies cannot be cancelled harms nobody when a client that %s leaves",
    async (state) => {
      let asked = 0;
      const next = (): Promise<IteratorResult<Uint8Array>> => {
        asked += 1;
        if (asked > 1 && state === "waits") return new Promise(() => undefined);
        const text = asked === 1 ? opening + delta("a") : delta("x".repeat(100_000));
        return Promise.resolve({ done: false, value: Buffer.from(text) });
      };
      const leave = (): never => {
        throw new Error("it cannot be cancelled");
      };
      const body = { [Symbol.asyncIterator]: () => ({ next, return: leave }) };
      const transport = () => Promise.resolve({ status: 200, headers: {}, body });
      await using server = await startTestServer(
        { providers: [provider("one", "http://127.0.0.1:9")] },
        {},
        { transport },
      );
      const socket = await openSocket(server.port);
      socket.pause();
      const request = messagesBody({ stream: true });
      socket.write(
        `POST /v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(request)}\r\n\r\n${request}`,
      );
      await until(() => asked > 1);
      socket.destroy();
      await until(() => server.lines("request_completed").length === 1);
      expect(server.lines("server_error")).toEqual([]);
      expect(await server.server.close(1_000)).toBe(0);
    },
  );
});
