// What @ccpb/core must do in any runtime, with the built package and upstreams on loopback: failover before the first content, a translated stream, a
// whole answer through createFetch, the 503, and the file format. Prints one line and ends with 0, or throws. Run by scripts/check-runtimes.mjs.
import { createServer } from "node:http";

const dist = new URL("../packages/core/dist/", import.meta.url);
const load = (entry) => import(new URL(`${entry}index.js`, dist).href);
const { Balancer, createFetch, fetchTransport, respond, toResponse } = await load("");
const { toChatRequest, translateChatStream } = await load("translate/");
const { parseConfig } = await load("config/");
const { estimateTokens } = await load("tokens/");
const { VirtualClock, scriptedTransport } = await load("testing/");

function must(condition, what) {
  if (!condition) throw new Error(`${what} is not as it should be`);
}

const chunk = (value) => `data: ${JSON.stringify({ id: "c", choices: [{ index: 0, ...value }] })}\n\n`;
const chat = `${chunk({ delta: { content: "Grüße, 世界" } })}${chunk({ delta: {}, finish_reason: "stop" })}data: [DONE]\n\n`;

const upstream = createServer((request, response) => {
  request.resume().on("end", () => {
    const isDown = request.url.startsWith("/down/");
    response.writeHead(isDown ? 500 : 200, { "content-type": isDown ? "application/json" : "text/event-stream" });
    const bytes = new TextEncoder().encode(isDown ? "{}" : chat);
    // Apart in the middle of a character.
    response.write(bytes.subarray(0, 70));
    setTimeout(() => response.end(bytes.subarray(70)), 5);
  });
});
await new Promise((resolve) => upstream.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${upstream.address().port}`;

const provider = (name, type) => ({
  name,
  type,
  baseUrl: `${url}/${name}`,
  auth: { type: "api_key", keys: ["key"] },
  bigModel: "m",
  smallModel: "m",
});
const question = { model: "claude-opus-5", max_tokens: 9, messages: [{ role: "user", content: "Hi" }] };
const post = (body) => ({
  method: "POST",
  body: JSON.stringify(body),
  headers: { "content-type": "application/json" },
});

const balancer = new Balancer({ providers: [provider("down", "anthropic"), provider("up", "openai")] });
const ask = createFetch(balancer, fetchTransport(fetch));
const streamed = await ask("http://any/v1/messages", post({ ...question, stream: true }));
const events = await streamed.text();
must(
  streamed.headers.get("x-ccpb-provider") === "up" && streamed.headers.get("x-ccpb-attempts") === "2",
  "the failover",
);
must(events.includes('"text":"Grüße, 世界"') && events.endsWith('"message_stop"}\n\n'), "the translated stream");
must(balancer.status().providers[0].state === "open", "the circuit");
const whole = await (await ask("http://any/v1/messages", post(question))).json();
must(whole.content[0].text === "Grüße, 世界" && whole.stop_reason === "end_turn", "the whole answer");

const { context } = toChatRequest({ ...question, stream: true }, { model: "m" });
const types = [];
for await (const { type } of translateChatStream((await fetch(`${url}/up`)).body, context)) types.push(type);
must(types[0] === "message_start" && types.at(-1) === "message_stop", "the translator alone");

const alone = new Balancer({ providers: [provider("down", "anthropic")] });
const request = { ...post(question), url: "/v1/messages", body: new TextEncoder().encode(JSON.stringify(question)) };
const refused = toResponse(await respond(alone, request, fetchTransport(fetch)));
must(refused.status === 503 && Number(refused.headers.get("retry-after")) > 0, "the 503");

const parsed = parseConfig({ providers: [{ name: "a" }] }, { env: {} });
must(!parsed.ok && parsed.problems.length > 0, "the refusal of a bad configuration");
must(estimateTokens(question) > 0, "the estimate");
const clock = new VirtualClock();
const { transport, requests } = scriptedTransport(clock, () => ({ status: 500 }));
const late = await respond(new Balancer({ providers: [provider("x", "anthropic")] }, { clock }), request, transport);
must(late.status === 503 && requests.length > 0, "virtual time");

upstream.close();
upstream.closeAllConnections?.();
console.log("ok");
