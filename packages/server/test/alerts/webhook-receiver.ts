import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";

/** One message as a receiver got it. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
}

/** A receiver of webhooks over a real socket. `answer` says the status of the next answers; `hang` never answers. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly messages: readonly Received[];
  /** Resolves when so many messages have come, or rejects after a minute. */
  until(count: number): Promise<readonly Received[]>;
}

export async function startReceiver(answer: (index: number) => number | "hang" = () => 204): Promise<Receiver> {
  const messages: Received[] = [];
  let onMessage = (): void => undefined;
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      const status = answer(messages.length);
      messages.push({ headers: request.headers, body, path: request.url ?? "" });
      if (status !== "hang") response.writeHead(status, { location: "/elsewhere" }).end("thank you");
      onMessage();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks/T0123456789/secret-part-of-the-path`,
    messages,
    until: (count) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error(`${messages.length} of ${count} messages: ${JSON.stringify(messages)}`)),
          60_000,
        );
        onMessage = () => {
          if (messages.length < count) return;
          clearTimeout(late);
          resolve(messages);
        };
        onMessage();
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
