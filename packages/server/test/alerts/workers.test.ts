import { refuse, startFakeUpstream } from "@ccpb/fake-upstream";
import { beforeAll, expect, it } from "vitest";
import { buildBinary, providersYaml } from "../cli/ccpb-process.ts";
import { ask, WorkersStage } from "../cluster/stage.ts";
import { startReceiver } from "./webhook-receiver.ts";

beforeAll(buildBinary);
it("with workers, the primary tells each alert once", async () => {
  await using receiver = await startReceiver();
  await using upstream = await startFakeUpstream({ dialect: "anthropic" });
  upstream.setDefault(refuse(401));
  const hook = `{url: ${receiver.url}, secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw}`;
  await using stage = await WorkersStage.start(providersYaml(upstream.url, `  webhooks: [${hook}]\n`));
  await ask(stage.url, 6);
  const messages = await receiver.until(3);
  stage.write("providers: [{name: broken}]\n");
  const all = await receiver.until(4);
  const types = messages.map(({ body }) => (JSON.parse(body) as { type: string }).type);
  expect([...types].sort()).toEqual(["config.rejected", "credential.refused", "provider.down", "providers.all_down"]);
  expect(all).toHaveLength(4);
  expect(await stage.stop()).toBe(0);
  expect(receiver.messages).toHaveLength(4);
});
