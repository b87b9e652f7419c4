// The least that a Node proxy can do: raw body in, model name spliced, raw answer out, the next upstream after a failure. It checks nothing.
// Usage: bare-proxy.js PORT UPSTREAM_MODEL KEY ORIGIN...
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { type Dispatcher, Pool } from "undici";

const [port, model = "", key = "", ...origins] = process.argv.slice(2);
const upstreams = origins.map((origin) => ({ pool: new Pool(origin, { connections: null }), coolUntil: 0 }));

createServer({ noDelay: true }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => forward(request, response, spliced(chunks), 0));
}).listen(Number(port), "127.0.0.1");

function spliced(chunks: Buffer[]): Buffer {
  const [first = Buffer.alloc(0), ...others] = chunks;
  const at = first.indexOf('"model":"') + 9;
  return Buffer.concat([first.subarray(0, at), Buffer.from(model), first.subarray(first.indexOf('"', at)), ...others]);
}

function forward(request: IncomingMessage, response: ServerResponse, body: Buffer, from: number): void {
  const index = upstreams.findIndex((each, i) => i >= from && each.coolUntil <= performance.now());
  const upstream = upstreams[index];
  if (upstream === undefined) return void response.writeHead(503).end();
  const { host: _host, connection: _connection, "content-length": _length, ...headers } = request.headers;
  headers["x-api-key"] = key;
  const failover = (): void => {
    upstream.coolUntil = performance.now() + 60_000;
    forward(request, response, body, index + 1);
  };
  let controller: Dispatcher.DispatchController | undefined;
  let isFailed = false;
  response.on("drain", () => controller?.resume());
  response.on("close", () => response.writableFinished || controller?.abort(new Error("client gone")));
  upstream.pool.dispatch(
    { path: request.url ?? "/", method: "POST", headers, body },
    {
      onRequestStart: (started) => (controller = started),
      onResponseStart: (_controller, status, { connection: _connection, "transfer-encoding": _encoding, ...rest }) => {
        isFailed = status >= 500;
        if (isFailed) failover();
        else response.writeHead(status, rest);
      },
      onResponseData: (_controller, chunk) => isFailed || response.write(chunk) || controller?.pause(),
      onResponseEnd: () => isFailed || response.end(),
      onResponseError: () => (response.headersSent ? response.destroy() : failover()),
    },
  );
}
