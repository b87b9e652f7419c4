import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { expect, it } from "vitest";
import { limitHandshakes } from "./handshake-deadline.ts";

const pem = (name: string): Buffer => readFileSync(new URL(`../../test/fixtures/${name}`, import.meta.url));

it("a connection whose TLS handshake is not over in time is closed, however its bytes come; one that is over stays", async () => {
  const server = createServer({ cert: pem("first.cert.pem"), key: pem("first.key.pem") });
  limitHandshakes(server, 3_000);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const good = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(good, "secureConnect");
  const bad: Socket[] = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
  for (const socket of bad) socket.on("error", () => undefined);
  const closed = bad.map((socket) => new Promise((resolve) => socket.on("close", resolve)));
  // The beginning of a ClientHello of 256 bytes that never ends: each byte would restart a timeout of inactivity.
  const hello = [0x16, 0x03, 0x01, 0x01, 0x00, 0x01];
  const trickle = setInterval(() => bad[1]?.write(Buffer.from([hello.shift() ?? 0])), 10);
  await Promise.all(closed);
  clearInterval(trickle);
  expect(good.destroyed).toBe(false);
  good.destroy();
  server.close();
});
