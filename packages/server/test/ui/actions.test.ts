import { refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, postMessages, provider, startTestServer } from "../running-server.ts";
import { chromiumPath, launchChromium, play, setStage } from "./stage.ts";
import { keepScreenshot, openTab, weakestContrast } from "./tab.ts";

const hostile = `<img src="https://evil.example/x" onerror="document.title='owned'">`;

describe.skipIf(chromiumPath === undefined)(
  `the page as operators use it, in Chromium (at ${chromiumPath ?? "CHROMIUM_PATH: none found"})`,
  () => {
    let browser: Browser;
    beforeAll(async () => void (browser = await launchChromium()));
    afterAll(() => browser.close());

    it("disables a key for an hour by keyboard, shows it, and takes it back; the log has both, with the reason", async () => {
      await using stage = await setStage();
      await using tab = await openTab(browser, `${stage.server.url}/ui`);
      const { page, faults, origins } = tab;
      await page.getByRole("button", { name: "Disable anthropic_official" }).focus();
      await page.keyboard.press("Enter");
      const dialog = page.getByRole("dialog");
      await dialog.getByLabel("What").selectOption({ label: "key 2" });
      await dialog.getByLabel("How long").selectOption({ label: "1 hour" });
      await dialog.getByLabel("Why").fill("invoice");
      await page.keyboard.press("Enter");
      await page.getByText("key 2 of anthropic_official is disabled for 1 h.").waitFor();
      expect(stage.server.balancer.holds()).toMatchObject([{ provider: "anthropic_official", keyIndex: 1 }]);
      const held = page.locator("#controls-list li");
      await held.getByText(/back in (?:5\d:\d\d|1:00:00)/).waitFor();
      expect(await held.textContent()).toContain("anthropic_official · key 2 disabled · by local · invoice");
      await held.getByRole("button").click();
      await dialog.getByRole("button", { name: "Enable" }).click();
      await expect.poll(() => page.locator("#controls").isVisible()).toBe(false);
      expect(stage.server.lines("control")).toMatchObject([
        { action: "disable", via: "page", key: 2, for_ms: 3_600_000, reason: "invoice" },
        { action: "enable", via: "page", key: 2 },
      ]);
      expect([faults, [...origins]]).toEqual([[], [stage.server.url]]);
    });

    it("disables, drains, resets and tests a provider, asks before each, and does nothing when that is cancelled", async () => {
      await using stage = await setStage();
      await play(stage);
      await using tab = await openTab(browser, `${stage.server.url}/ui`);
      const { page } = tab;
      const card = page.locator(".provider", { hasText: "anthropic_official" });
      const act = async (name: string): Promise<void> => {
        await card.getByRole("button", { name }).click();
        await page.getByRole("dialog").getByRole("button", { name, exact: true }).click();
      };
      await card.getByText("Cooling down").waitFor();
      await card.getByRole("button", { name: "Reset" }).click();
      await page.keyboard.press("Escape");
      expect(stage.server.lines("control")).toEqual([]);
      await act("Reset");
      await card.getByText("Healthy").waitFor();
      stage.preferred.script(text("Hi"), refuse(401, { message: "The key was revoked in spring" }));
      await act("Test");
      await page.getByText("The key was revoked in spring").waitFor();
      await act("Drain");
      await card.getByText("Draining").waitFor();
      await act("Enable");
      await card.getByText("Healthy").waitFor();
      await act("Disable");
      await card.getByText("Disabled by an operator").waitFor();
      expect(await page.locator("h1").textContent()).toBe("1 of 2 providers can serve; new requests go to 月之暗面");
      const actions = stage.server.lines("control").map(({ action }) => action);
      expect(actions).toEqual(["reset", "test", "drain", "enable", "disable"]);
    });

    it("shows thirty providers in order as rows that open, none of them healthy, on a screen and on a phone", async () => {
      await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(401) });
      const names = Array.from({ length: 30 }, (_, index) => `provider-${index + 1}`);
      await using server = await startTestServer({ providers: names.map((name) => provider(name, upstream.url)) });
      for (const model of ["claude-opus-4-5", "claude-haiku-4-5", "claude-opus-5"])
        await postMessages(server.url, { model });
      for (const name of names.slice(3)) server.balancer.hold({ provider: name }, "disabled");
      for (const width of [1400, 360]) {
        await using tab = await openTab(browser, `${server.url}/ui`, { width });
        const { page, faults } = tab;
        await page.locator(".provider summary").nth(29).waitFor();
        expect(await page.locator("h1").textContent()).toBe("No provider can serve: requests are answered with 503");
        expect(await page.locator(".provider .name").allTextContents()).toEqual(names);
        expect(await page.locator(".provider .rank").last().textContent()).toBe("30");
        // No name is broken for its tag.
        for (const one of await page.locator(".provider .name").all())
          expect((await one.boundingBox())?.height ?? 0).toBeLessThan(40);
        await page.locator(".provider summary").nth(4).focus();
        await page.keyboard.press("Enter");
        await page.locator(".provider details[open]").getByRole("button", { name: "Test provider-5" }).waitFor();
        // It stays open while the page is told of changes.
        await postMessages(server.url);
        await page.waitForTimeout(1_700);
        expect(await page.locator(".provider details[open]").count()).toBe(1);
        expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
        expect(faults).toEqual([]);
        await keepScreenshot(page, `thirty-providers-${width}`);
      }
    });

    it("speaks Chinese where the browser does, and the other language at a press of a button, for good", async () => {
      await using stage = await setStage();
      await play(stage);
      await using tab = await openTab(browser, `${stage.server.url}/ui`, { locale: "zh-CN" });
      const { page, faults } = tab;
      await page.getByRole("heading", { name: "用量 自" }).waitFor();
      expect(await page.locator("h1").textContent()).toBe("2 家服务商中有 1 家可用；新请求发往 月之暗面");
      expect(await page.evaluate("document.documentElement.lang")).toBe("zh-CN");
      expect(await page.evaluate(englishLeft)).toEqual([]);
      await page.getByRole("button", { name: "停用 月之暗面" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "停用", exact: true }).click();
      await page.getByText("‖ 由运维人员停用").waitFor();
      await page.getByRole("button", { name: "English" }).click();
      await page.getByText("‖ Disabled by an operator").waitFor();
      await page.reload();
      await page.getByRole("heading", { name: "Usage" }).waitFor();
      expect(faults).toEqual([]);
    });

    it("shows hostile names and texts as texts, and asks no other server for anything", async () => {
      await using upstream = await startFakeUpstream({
        dialect: "anthropic",
        defaultBehaviour: refuse(401, { message: hostile }, { "request-id": hostile }),
      });
      await using server = await startTestServer({
        providers: [provider(hostile, upstream.url, { bigModel: hostile }), provider(`"><b>b`, upstream.url)],
      });
      await postMessages(server.url, { model: `claude-opus-${hostile}` });
      const path = `/providers/${encodeURIComponent(hostile)}/disable`;
      const sent = { method: "POST", headers: { "content-type": "application/json" } };
      await call(server.url, path, { ...sent, body: JSON.stringify({ reason: hostile, model: hostile }) });
      await using tab = await openTab(browser, `${server.url}/ui`);
      const { page, faults, origins } = tab;
      await page.getByRole("heading", { level: 3, name: hostile }).waitFor();
      await page.locator(".calls summary").first().click();
      await page.getByLabel("By", { exact: true }).selectOption("model");
      await page.getByRole("button", { name: "Test" }).first().click();
      await page.getByRole("dialog").getByRole("button", { name: "Test" }).click();
      await page.locator("#said").getByText("evil.example").waitFor();
      expect(await page.locator("#controls-list").textContent()).toContain(hostile);
      expect(await page.locator("img, b > b").count()).toBe(0);
      expect(await page.title()).not.toBe("owned");
      expect([faults, [...origins]]).toEqual([[], [server.url]]);
    });

    it("shows the sums of GET /usage", async () => {
      await using stage = await setStage();
      await play(stage);
      const { groups, total } = (await call(stage.server.url, "/usage?by=model&since=24h")).json();
      await using tab = await openTab(browser, `${stage.server.url}/ui`);
      await tab.page.getByLabel("By", { exact: true }).selectOption("model");
      await tab.page.getByLabel("Since", { exact: true }).selectOption("24h");
      await tab.page.locator("#usage-table tbody th", { hasText: groups[0].name }).waitFor();
      expect(await rowsOf(tab.page)).toEqual([...groups, { ...total, name: "total" }].map(shown));
    });

    it("finds calls by what is typed, says who would serve a model, and gives a monitor no buttons", async () => {
      const settings = {
        role: "monitor",
        models: ["*"],
        providers: ["*"],
        limits: {},
        budgets: [],
        priority: 0,
      } as const;
      const clients = [{ ...settings, name: "wall", key: "a-key-of-the-wall" }];
      await using stage = await setStage({ auth: { apiKeys: ["a-key-of-operators"], clients, exemptPaths: [] } });
      await play(stage, { "x-api-key": "a-key-of-operators" });
      await using tab = await openTab(browser, `${stage.server.url}/ui`);
      const { page } = tab;
      await page.getByLabel("API key").fill("a-key-of-the-wall");
      await page.keyboard.press("Enter");
      await page.locator(".calls > li").nth(29).waitFor();
      expect(await page.locator("[data-act]").count()).toBe(0);
      await page.getByLabel("Search the last 2,000 calls").fill("月之暗面 opus");
      await expect.poll(() => page.locator(".calls > li").count()).toBe(1);
      await page.getByLabel("Model", { exact: true }).fill("claude-opus-5");
      await page.keyboard.press("Enter");
      await page.locator("#explained li").first().waitFor();
      expect(await page.locator("#explained").textContent()).toContain("spare is disabled");
    });

    it.each([
      ["light", 1400],
      ["dark", 1400],
      ["light", 360],
      ["dark", 360],
    ] as const)("fits in Chinese in %s at %d px with something held and the question open", async (scheme, width) => {
      await using stage = await setStage();
      await play(stage);
      stage.server.balancer.hold({ provider: "月之暗面" }, "draining");
      await using tab = await openTab(browser, `${stage.server.url}/ui`, { scheme, width, locale: "zh-CN" });
      const { page, faults } = tab;
      await page.locator("#usage-table tbody tr").first().waitFor();
      await page.getByRole("button", { name: "测试 月之暗面" }).click();
      await keepScreenshot(page, `question-${scheme}-${width}`);
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      expect(await page.evaluate(weakestContrast)).toBeGreaterThanOrEqual(4.5);
      expect(faults).toEqual([]);
    });
  },
);

const whole = new Intl.NumberFormat("en-US");

function shown(
  sum: Record<string, number | string> & { cost: Record<string, number>; unpriced_calls: number },
): string[] {
  const cost = sum.cost["USD"];
  const priced = cost === undefined ? "unknown" : `$${cost.toFixed(cost < 1 ? 4 : 2)}`;
  const numbers = ["calls", "failures", "input_tokens", "cache_read_tokens", "cache_creation_tokens", "output_tokens"];
  return [
    String(sum["name"]),
    ...numbers.map((name) => whole.format(Number(sum[name]))),
    cost !== undefined && sum.unpriced_calls > 0 ? `${priced} + ${sum.unpriced_calls} calls unknown` : priced,
  ];
}

async function rowsOf(page: Page): Promise<string[][]> {
  const rows = await page.locator("#usage-table tbody tr, #usage-table tfoot tr").all();
  return Promise.all(rows.map((row) => row.locator("th, td").allTextContents()));
}

/** Runs in the page: the texts of its own that are left in English; names and what vendors say are not its own. */
const englishLeft = `[...document.querySelectorAll("h1, h2, label, option, button, dt, th, thead th, .tag, figcaption b, .columns span")]
  .map((element) => element.textContent.replace(/ccpb|claude-[\\w-]*|anthropic_official|spare|English|Token|token|API|priority|local|ID|DEBUG|INFO|WARNING|ERROR/g, ""))
  .filter((text) => /[A-Za-z]{3}/.test(text))`;
