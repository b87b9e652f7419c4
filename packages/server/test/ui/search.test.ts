import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { drop, paced, refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { postMessages, provider, startTestServer, type TestServer } from "../running-server.ts";
import { TemporaryFolder } from "../temporary-folder.ts";
import { chromiumPath, launchChromium } from "./stage.ts";
import { keepScreenshot, openTab, weakestContrast } from "./tab.ts";

const hostile = `<img src="https://evil.example/x" onerror="document.title='owned'">`;
const session = { "x-claude-code-session-id": "the-session" };

/** Writes a log of so many calls that ended a day ago, one a minute, as a server before this one has left it; the last asked for `lastModel`. */
function writeOldLog(path: string, count: number, lastModel: string): void {
  const endMs = Date.now() - 86_400_000;
  const lines = Array.from({ length: count }, (_, index) => {
    const isFailed = index % 50 === 0;
    const attempt = { attempt: 1, provider: "anthropic", upstream_model: "claude-opus-4-5", duration_ms: 900 };
    const failed = { outcome: "failed", status: 529, reason: "overloaded", words: "Overloaded", cooldown_s: 10 };
    return JSON.stringify({
      level: "INFO",
      timestamp: new Date(endMs - (count - index) * 60_000).toISOString(),
      event: "request_completed",
      request_id: `req_old_${index}`,
      model: index === count - 1 ? lastModel : index % 40 === 0 ? "claude-haiku-4-5" : "claude-opus-4-5",
      client: index % 3 === 0 ? "bob" : "alice",
      stream: true,
      status: isFailed ? 503 : 200,
      state: isFailed ? "error" : "complete",
      duration_ms: 1_200 + (index % 9) * 300,
      first_content_ms: isFailed ? undefined : 300 + (index % 7) * 40,
      input_tokens: 900,
      output_tokens: 300,
      attempts: [isFailed ? { ...attempt, ...failed } : { ...attempt, outcome: "complete", status: 200 }],
      message: "a call of yesterday",
    });
  });
  appendFileSync(path, `${lines.join("\n")}\n`);
}

interface Scene extends AsyncDisposable {
  readonly server: TestServer;
}

/** A server that was started anew on an old log, with calls of its own and three under way. */
async function setScene(lastModel = "claude-opus-5"): Promise<Scene> {
  const folder = new TemporaryFolder();
  const logFile = join(folder.path, "balancer.jsonl");
  writeOldLog(logFile, 450, lastModel);
  const first = await startFakeUpstream({ dialect: "anthropic" });
  const second = await startFakeUpstream({ dialect: "anthropic" });
  const server = await startTestServer(
    {
      providers: [provider("anthropic", first.url, { maxConcurrent: 3 }), provider("kimi", second.url)],
      settings: { queueTimeoutMs: 60_000 },
    },
    { logFile, logLevel: "INFO" },
  );
  first.script(text("Hi"), refuse(529, { message: "Overloaded in Frankfurt" }));
  await postMessages(server.url, { model: "claude-opus-4-5" }, { ...session, "x-claude-code-agent-id": "a" });
  await postMessages(server.url, { model: "claude-sonnet-4-5" }, session);
  first.setDefault(paced(text("four and more words in a row ".repeat(800)), 50));
  second.setDefault(drop("stall"));
  server.balancer.reset();
  const asked = [
    postMessages(server.url, { model: "claude-opus-4-5", stream: true }, session),
    postMessages(server.url, { model: "claude-haiku-4-5", stream: true }),
    postMessages(server.url, { model: "claude-opus-5", stream: true }),
  ].map((one) => one.catch(() => undefined));
  return {
    server,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await Promise.all(asked);
      for (const upstream of [first, second]) await upstream[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

describe.skipIf(chromiumPath === undefined)(
  `calls on the page, in Chromium (at ${chromiumPath ?? "CHROMIUM_PATH: none found"})`,
  () => {
    let browser: Browser;
    beforeAll(async () => void (browser = await launchChromium()));
    afterAll(() => browser.close());

    it("are there from before a restart, with their dates, can be searched to the oldest, and are shown as texts", async () => {
      await using scene = await setScene(hostile);
      await using tab = await openTab(browser, `${scene.server.url}/ui`);
      const { page, faults, origins } = tab;
      const rows = page.locator(".calls > li");
      await rows.nth(101).waitFor();
      expect(await rows.last().locator(".when").textContent()).toMatch(/^(?:\d{4}-)?\d\d-\d\d \d\d:\d\d:\d\d$/);
      expect(await page.locator(".calls").getByText(hostile).count()).toBe(1);
      await page.getByRole("button", { name: "Show more" }).click();
      await rows.nth(201).waitFor();
      const filter = page.getByLabel("Search the last 2,000 calls");
      await filter.fill("haiku bob");
      await expect.poll(() => page.locator("#calls-text").textContent()).toBe("4 of the last 452 calls fit");
      expect(await rows.count()).toBe(4);
      await filter.fill("");
      await page.getByLabel("How they ended").selectOption("failed");
      await expect.poll(() => page.locator("#calls-text").textContent()).toBe("9 of the last 452 calls fit");
      await page.getByLabel("How they ended").selectOption("all");
      await filter.fill("frankfurt");
      await expect.poll(() => rows.count()).toBe(1);
      await filter.fill("nothing like this");
      await page.getByText("No call fits.").waitFor();
      expect(await page.locator("img").count()).toBe(0);
      expect([faults, [...origins]]).toEqual([[], [scene.server.url]]);
    });

    it("say what they do while they are under way, and about how fast", async () => {
      await using scene = await setScene();
      await using tab = await openTab(browser, `${scene.server.url}/ui`);
      const live = tab.page.locator(".calls > li:has(.glyph.live) .path");
      await expect
        .poll(() => live.allTextContents(), { timeout: 30_000 })
        .toEqual(
          expect.arrayContaining([expect.stringMatching(/^anthropic ?answering · ≈ [1-9]\d* tokens\/s$/)]) as unknown,
        );
    });

    it("have their session and client blocked and let in again from the page, by those who may", async () => {
      await using scene = await setScene();
      await using tab = await openTab(browser, `${scene.server.url}/ui`);
      const { page } = tab;
      await page.locator("#usage-table tbody tr").first().waitFor();
      await page.getByLabel("Search the last 2,000 calls").fill("sonnet");
      await expect.poll(() => page.locator(".calls > li").count()).toBe(1);
      await page.locator(".calls summary").focus();
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: /^Block session [0-9a-f]{16}$/ }).click();
      await page.getByRole("dialog").getByLabel("How long").selectOption({ label: "10 minutes" });
      await page.getByRole("dialog").getByRole("button", { name: "Block" }).click();
      await page.locator("#controls-list li", { hasText: "session" }).waitFor();
      const asked = (): Promise<{ status: number; body: string }> =>
        postMessages(scene.server.url, { model: "claude-opus-4-5" }, session);
      expect(await asked()).toMatchObject({
        status: 400,
        body: expect.stringContaining("blocked by an operator") as unknown,
      });
      await page
        .getByRole("button", { name: /^Unblock session [0-9a-f]{16}$/ })
        .first()
        .click();
      await page.getByRole("dialog").getByRole("button", { name: "Unblock" }).click();
      await expect.poll(() => page.locator("#controls").isVisible()).toBe(false);
      expect(scene.server.lines("control")).toMatchObject([
        { action: "block", via: "page", for_ms: 600_000 },
        { action: "unblock", via: "page" },
      ]);
    });

    it.each([
      ["en-US", "light", 1280],
      ["en-US", "dark", 390],
      ["zh-CN", "dark", 1280],
      ["zh-CN", "light", 390],
    ] as const)("and the end of the log fit the screen (%s, %s, %d px)", async (locale, scheme, width) => {
      await using scene = await setScene();
      await using tab = await openTab(browser, `${scene.server.url}/ui`, { locale, scheme, width });
      const { page, faults } = tab;
      await page.locator(".calls > li").nth(101).waitFor();
      await page.locator("#log > summary").focus();
      await page.keyboard.press("Enter");
      await page.locator("#log-lines li").nth(20).waitFor();
      const lines = page.locator("#log-lines li");
      expect(await lines.getByText("claude-opus-4-5 → anthropic ✓").first().isVisible()).toBe(true);
      await page.locator("#log-level").selectOption("WARNING");
      await expect.poll(() => lines.count()).toBe(2);
      expect(await lines.getByText("Overloaded in Frankfurt").count()).toBe(2);
      await page.locator(".calls summary").nth(4).click();
      await page.locator(".calls summary").nth(4).scrollIntoViewIfNeeded();
      // The page gives the details of a call the width of the row.
      const details = page.locator(".calls details[open] .attempts li > :last-child");
      for (const one of await details.all()) expect((await one.boundingBox())?.width ?? 0).toBeGreaterThan(width / 2);
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      expect(await page.evaluate(weakestContrast)).toBeGreaterThanOrEqual(4.5);
      expect(faults).toEqual([]);
      await page.locator("#calls-title").evaluate("(title) => title.scrollIntoView()");
      const language = locale === "zh-CN" ? ".zh-CN" : "";
      await keepScreenshot(page, width < 600 ? `calls-${locale}-${scheme}-${width}` : `status-page.calls${language}`);
      await page.evaluate("scrollTo(0, document.body.scrollHeight)");
      await keepScreenshot(page, `log-${locale}-${scheme}-${width}`);
    });
  },
);
