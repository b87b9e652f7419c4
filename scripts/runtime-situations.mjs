// Embeds the built @ccpb/core in one way, with upstreams on loopback: runtime-situations.mjs driver|transport|fetch|sdks|translators
// Prints one line and ends with 0, or throws. Run in each runtime by scripts/check-runtimes.mjs.
import { createServer } from "node:http";

const dist = new URL("../packages/core/dist/", import.meta.url);
const load = (entry) => import(new URL(`${entry}index.js`, dist).href);
const core = await load("");
const translate = await load("translate/");

function must(condition, what) {
  if (!condition) throw new Error(`${what} is not as it should be`);
}

const words = "Grüße, 世界";
const question = { model: "claude-opus-5", max_tokens: 9, messages: [{ role: "user", content: "Hi" }] };
const chunk = (value) => ({
  id: "c",
  object: "chat.completion.chunk",
  created: 1,
  model: "m",
  choices: [{ index: 0, ...value }],
});
const chatStream = [
  chunk({ delta: { role: "assistant", content: "" } }),
  chunk({ delta: { content: words } }),
  chunk({ delta: {}, finish_reason: "stop" }),
];
const events = (all) => all.map((data) => `data: ${JSON.stringify(data)}\n\n`).join("");
const chatWhole = {
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: words }, finish_reason: "stop" }],
};

/** Two providers: `down` refuses, `up` answers in Chat Completions; `cut` answers half and closes the connection. */
const upstream = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (text) => (body += text));
  request.on("end", () => {
    if (request.url.startsWith("/down/"))
      return void response.writeHead(529, { "content-type": "application/json" }).end("{}");
    const { stream } = JSON.parse(body);
    response.writeHead(200, { "content-type": stream ? "text/event-stream" : "application/json" });
    if (!stream) return void response.end(JSON.stringify(chatWhole));
    const bytes = new TextEncoder().encode(`${events(chatStream)}data: [DONE]\n\n`);
    const isCut = request.url.startsWith("/cut/");
    // Apart in the middle of a character.
    const at = bytes.indexOf(0xc3) + 1;
    response.write(bytes.subarray(0, at));
    setTimeout(() => {
      if (!isCut) return void response.end(bytes.subarray(at));
      response.write(bytes.subarray(at, at + 90));
      setTimeout(() => response.destroy(), 20);
    }, 5);
  });
});
await new Promise((resolve) => upstream.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${upstream.address().port}`;

const auth = { type: "api_key", keys: ["key"] };
const provider = (name, type) => ({ name, type, baseUrl: `${url}/${name}`, auth, bigModel: "m", smallModel: "m" });
const twoProviders = () => new core.Balancer({ providers: [provider("down", "anthropic"), provider("up", "openai")] });

/** The least transport of one's own. */
async function ownTransport(request, { signal }) {
  const { method, url: address, headers, body } = request;
  const response = await fetch(address, {
    method,
    headers,
    body: body instanceof Uint8Array ? body : await new Blob(body).text(),
    signal,
  });
  return { status: response.status, headers: Object.fromEntries(response.headers), body: response.body };
}

async function textOf(body) {
  if (body instanceof Uint8Array) return new TextDecoder().decode(body);
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of body) text += decoder.decode(bytes, { stream: true });
  return text;
}

const situations = {
  /** `open`, `next` and `report`, and nothing of ccpb's that asks. */
  async driver() {
    const asked = [];
    let answer;
    for (const attempt of twoProviders().open(question)) {
      asked.push(attempt.provider);
      const reply = await ownTransport(attempt.request, {});
      const head = attempt.report({ type: "response", status: reply.status, headers: reply.headers });
      if (head.type !== "continue") {
        await reply.body?.cancel();
        continue;
      }
      const reader = attempt.reader();
      for await (const bytes of reply.body) {
        const out = reader.push(bytes);
        if (out) answer = JSON.parse(new TextDecoder().decode(out));
      }
      const rest = reader.end();
      if (rest) answer = JSON.parse(new TextDecoder().decode(rest));
      attempt.report({ type: "content" });
      attempt.report({ type: "complete" });
      break;
    }
    must(asked.join() === "down,up", "the order of attempts");
    must(answer?.content[0].text === words, "the answer");
  },
  /** `send` over a transport of one's own: failover, a stream, and the end of one that broke. */
  async transport() {
    const reply = await core.send(twoProviders().open({ ...question, stream: true }), ownTransport);
    const text = await textOf(reply.body);
    must(reply.provider === "up" && reply.attempts === 2, "the failover");
    must(text.includes(words) && text.includes("message_stop"), "the stream");
    const cut = new core.Balancer({ providers: [provider("cut", "openai")] });
    const broken = await core.send(cut.open({ ...question, stream: true }), ownTransport);
    const half = await textOf(broken.body);
    must(half.includes("event: error") && !half.includes("message_stop"), "the end of a broken stream");
  },
  /** `createFetch` for clients of all three APIs. */
  async fetch() {
    const ask = core.createFetch(twoProviders(), core.fetchTransport(fetch));
    const post = (path, body) =>
      ask(`http://any${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const { model, messages } = question;
    const asked = {
      "/v1/messages": question,
      "/v1/chat/completions": { model, messages },
      "/v1/responses": { model, input: "Hi" },
    };
    for (const [path, body] of Object.entries(asked)) {
      const whole = await (await post(path, body)).text();
      const streamed = await (await post(path, { ...body, stream: true })).text();
      must(whole.includes(words) && streamed.includes(words), path);
      must(/message_stop|\[DONE\]|response\.completed/.test(streamed), `the end at ${path}`);
    }
    must((await ask("http://any/v1/models")).status === 200, "the list of models");
  },
  /** The official SDKs with a balancer inside. */
  async sdks() {
    const { default: Anthropic } = await import("@anthropic-ai/sdk");
    const { default: OpenAI } = await import("openai");
    const options = {
      apiKey: "unused",
      maxRetries: 0,
      fetch: core.createFetch(twoProviders(), core.fetchTransport(fetch)),
    };
    const anthropic = new Anthropic(options);
    must((await anthropic.messages.create(question)).content[0].text === words, "messages.create");
    must((await anthropic.messages.stream(question).finalText()) === words, "messages.stream");
    const openai = new OpenAI(options);
    const { model, messages } = question;
    const completion = await openai.chat.completions.create({ model, messages });
    must(completion.choices[0].message.content === words, "chat.completions.create");
    must(
      (await openai.chat.completions.stream({ model, messages }).finalContent()) === words,
      "chat.completions.stream",
    );
    must((await openai.responses.create({ model, input: "Hi" })).output_text === words, "responses.create");
    const final = await openai.responses.stream({ model, input: "Hi" }).finalResponse();
    must(final.output_text === words, "responses.stream");
  },
  /** The translators alone: requests, whole answers, streams and byte streams. */
  async translators() {
    const { body, context } = translate.messagesToChat({ ...question, stream: true }, { model: "m" });
    must(body.model === "m" && body.messages.at(-1).content === "Hi", "the request");
    must(translate.fromChatCompletion(chatWhole, context).message.content[0].text === words, "the whole answer");
    const source = async () => (await fetch(`${url}/up/chat`, { method: "POST", body: '{"stream":true}' })).body;
    const types = [];
    for await (const { type } of translate.fromChatStream(await source(), context)) types.push(type);
    must(types[0] === "message_start" && types.at(-1) === "message_stop", "the stream");
    const piped = (await source()).pipeThrough(translate.fromChatStreamTransform(context));
    must((await textOf(piped)).includes(words), "the TransformStream");
    const read = translate.responsesToMessages({ model: "m", input: "Hi" });
    must(read.request.messages.length === 1, "a request of Responses");
  },
};

const [name] = process.argv.slice(2);
const situation = situations[name];
if (!situation) throw new Error(`Usage: runtime-situations.mjs ${Object.keys(situations).join("|")}`);
await situation();
upstream.close();
upstream.closeAllConnections?.();
console.log("ok");
