import { refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, postMessages, provider, startTestServer, type TestServer } from "../running-server.ts";
import { chromiumPath, launchChromium } from "./stage.ts";
import { keepScreenshot, openTab } from "./tab.ts";

const hours = (count: number): string => String(Math.floor(Date.now() / 1000) + count * 3_600);

/** What an account of Claude has in its answers. */
const unified = (): Record<string, string> => ({
  "anthropic-ratelimit-unified-status": "allowed",
  "anthropic-ratelimit-unified-5h-status": "allowed",
  "anthropic-ratelimit-unified-5h-reset": hours(2),
  "anthropic-ratelimit-unified-5h-utilization": "0.63",
  "anthropic-ratelimit-unified-7d-status": "allowed_warning",
  "anthropic-ratelimit-unified-7d-reset": hours(30),
  "anthropic-ratelimit-unified-7d-utilization": "0.91",
});

/** What a key of an API has, as Groq and OpenAI send it. */
const standard = {
  "x-ratelimit-limit-requests": "1000",
  "x-ratelimit-remaining-requests": "990",
  "x-ratelimit-reset-requests": "14m24s",
};

async function play(server: TestServer): Promise<void> {
  const key = { "x-api-key": "alice-key-000000001" };
  for (let index = 0; index < 24; index += 1) {
    const model = index % 4 === 0 ? "claude-haiku-4-5" : "claude-opus-4-5";
    await postMessages(
      server.url,
      { model, stream: true },
      index % 3 === 0 ? { "x-api-key": "bob-key-0000000001" } : key,
    );
  }
  await call(server.url, "/providers/openrouter/disable", {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": "ops-key-00000000001" },
    body: JSON.stringify({ for: "2h", reason: "maintenance" }),
  });
}

const rest = { models: ["*"], providers: ["*"], limits: {}, budgets: [], priority: 0 };
const clients = [
  { ...rest, name: "alice", role: "client", key: "alice-key-000000001" },
  { ...rest, name: "bob", role: "client", key: "bob-key-0000000001" },
  { ...rest, name: "ops", role: "operator", key: "ops-key-00000000001" },
] as const;

describe.skipIf(chromiumPath === undefined)(
  `quota windows on the page, in Chromium (at ${chromiumPath ?? "CHROMIUM_PATH: none found"})`,
  () => {
    let browser: Browser;
    beforeAll(async () => void (browser = await launchChromium()));
    afterAll(() => browser.close());

    it.each([
      ["en-US", "light", 1280],
      ["zh-CN", "light", 1280],
      ["en-US", "dark", 390],
    ] as const)("are bars with their use and their end (%s, %s, %d px)", async (locale, scheme, width) => {
      const usage = { inputTokens: 2_400, outputTokens: 610, cacheReadTokens: 18_000 };
      await using account = await startFakeUpstream({ dialect: "anthropic" });
      let served = 0;
      account.setDefault(() => {
        served += 1;
        return served > 20
          ? refuse(
              429,
              { message: "This request would exceed your account's rate limit" },
              { ...unified(), "retry-after": "600" },
            )
          : { ...text("A short answer", { usage }), headers: unified() };
      });
      await using kimi = await startFakeUpstream({
        dialect: "openai",
        defaultBehaviour: { ...text("Hi", { usage }), headers: standard },
      });
      const more = { bigModel: "kimi-k2", smallModel: "kimi-k2" } as const;
      await using server = await startTestServer(
        {
          providers: [
            provider("anthropic", account.url),
            provider("kimi", kimi.url, { ...more, type: "openai" }),
            provider("openrouter", kimi.url, { ...more, type: "openai" }),
          ],
        },
        { auth: { apiKeys: [], clients, exemptPaths: [] } },
      );
      await play(server);
      await using tab = await openTab(browser, `${server.url}/ui`, { locale, scheme, width });
      const { page, faults } = tab;
      await page.locator("#api-key").fill("ops-key-00000000001");
      await page.keyboard.press("Enter");
      const card = page.locator(".provider", { hasText: "anthropic" }).first();
      const bars = card.locator(".quotas li");
      await bars.nth(1).waitFor();
      const words = (await bars.allTextContents()).join("\n");
      expect(words).toMatch(/5h.*63 %/);
      expect(words).toMatch(/7d.*91 %/);
      expect(words).toMatch(/(?:anew in )?(?:1:5\d:\d\d|2:00:00)/);
      expect(await bars.first().locator("meter").getAttribute("aria-label")).toMatch(/63/);
      expect(await page.locator(".provider", { hasText: "kimi" }).first().locator(".quotas").textContent()).toMatch(
        /990/,
      );
      await page.locator("#usage-table tbody tr").first().waitFor();
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      expect(faults).toEqual(faults.filter((fault) => fault.includes("401")));
      const name = width < 600 ? "status-page.phone" : locale === "zh-CN" ? "status-page.zh-CN" : "status-page";
      await keepScreenshot(page, name, {
        fullPage: width >= 600,
        clip: { x: 0, y: 0, width, height: width < 600 ? 860 : 1_560 },
      });
    });
  },
);
