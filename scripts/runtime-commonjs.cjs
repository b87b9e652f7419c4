// Embeds the built @ccpb/core in a CommonJS program: every entry by `require`, and a translated request. Run in each runtime by scripts/check-runtimes.mjs.
const path = require("node:path");

const dist = path.resolve(__dirname, "../packages/core/dist");
const { Balancer, CcpbError, createFetch, fetchTransport } = require(`${dist}/index.js`);
const { messagesToChat } = require(`${dist}/translate/index.js`);
for (const entry of ["config", "protocol", "sse", "tokens", "vendors", "testing"]) require(`${dist}/${entry}/index.js`);

const auth = { type: "api_key", keys: ["key"] };
const one = { name: "one", type: "anthropic", baseUrl: "http://one.test", auth, bigModel: "m", smallModel: "m" };
const balancer = new Balancer({ providers: [one] });
const down = createFetch(
  balancer,
  fetchTransport(() => Promise.reject(new TypeError("fetch failed", { cause: new Error("refused") }))),
);
const messages = [{ role: "user", content: "Hi" }];
const question = { model: "claude-opus-5", max_tokens: 9, messages };
const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(question) };

async function run() {
  const { body } = messagesToChat(question, { model: "m" });
  if (body.model !== "m") throw new Error("the translated request is not as it should be");
  const response = await down("http://any/v1/messages", init);
  if (response.status !== 503) throw new Error(`a call that no provider serves ends with ${response.status}`);
  const missing = (() => {
    try {
      return createFetch(balancer);
    } catch (error) {
      return error;
    }
  })();
  if (!(missing instanceof TypeError)) throw new Error("a missing transport is no TypeError");
  if (!(CcpbError.prototype instanceof Error)) throw new Error("CcpbError is no Error");
  console.log("ok");
}

void run();
