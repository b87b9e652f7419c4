import { drop, refuse, startFakeUpstream, text } from "@ccpb/fake-upstream";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call, postMessages, provider, startTestServer } from "../running-server.ts";
import { chromiumPath, launchChromium, play, setStage } from "./stage.ts";
import { keepScreenshot, openTab, setHidden, type Tab, weakestContrast } from "./tab.ts";

describe("/ui without a browser", () => {
  it("is one file that may run its own script and style only, and talks to this server only", async () => {
    await using stage = await setStage();
    const page = await call(stage.server.url, "/ui");
    expect(page.status).toBe(200);
    expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
    const policy = String(page.headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'sha256-[\w+/=]{44}';/);
    expect(policy).toMatch(/style-src 'sha256-[\w+/=]{44}';/);
    expect(policy).not.toContain("unsafe");
    expect(page.body).not.toMatch(/(?:src|href)="(?!data:|\/providers")/);
    const urls = [...page.body.matchAll(/https?:\/\/[^"'\s<]+/g)].map(([url]) => url);
    expect(urls.filter((url) => !url.startsWith("http://www.w3.org/"))).toEqual([]);
  });

  it("shows the open shell without a key where keys are configured, and its data only with one", async () => {
    await using stage = await setStage({
      auth: { apiKeys: ["a-key-for-this-server"], exemptPaths: [] },
    });
    const { url } = stage.server;
    expect((await call(url, "/ui")).status).toBe(200);
    expect((await call(url, "/ui/state")).status).toBe(401);
    expect((await call(url, "/ui", { method: "POST" })).status).toBe(401);
    expect((await call(url, "/ui/state", { headers: { "x-api-key": "a-key-for-this-server" } })).status).toBe(200);
    expect((await call(url, "/ui", { headers: { host: "evil.example" } })).status).toBe(403);
    const embedded = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" };
    expect((await call(url, "/ui", { headers: embedded })).status).toBe(403);
  });

  it("tells of calls without prompts, answers or secrets, and of a hundred at most", async () => {
    await using stage = await setStage();
    const { url } = stage.server;
    for (let index = 0; index < 105; index++) await postMessages(url, { system: "the-prompt" });
    const { body, headers, json } = await call(url, "/ui/state");
    expect(headers["cache-control"]).toBe("no-store");
    expect(body).not.toMatch(/the-prompt|sk-first|sk-test|Hello/);
    const { calls, providers } = json();
    expect(calls).toHaveLength(100);
    expect(calls[0]).toMatchObject({ state: "complete", status: 200, model: "claude-opus-5-5" });
    expect(calls[0].attempts).toMatchObject([{ number: 1, provider: "anthropic_official", outcome: "complete" }]);
    expect(providers.map(({ name }: { name: string }) => name)).toEqual(["anthropic_official", "月之暗面", "spare"]);
  });
});

/** How often the page asks for its state in so many milliseconds; it asks every second where it is seen. */
async function askedWithin({ page, asked }: Tab, ms: number): Promise<number> {
  const before = asked();
  await page.waitForTimeout(ms);
  return asked() - before;
}

/** Runs a script in the page; its value is how often the page asked for its state before the script was done. */
const countingRequests = (script: string): string => `(() => {
  const { fetch } = window;
  let count = 0;
  window.fetch = (...all) => {
    if (String(all[0]).endsWith("ui/state")) count += 1;
    return fetch(...all);
  };
  ${script}
  window.fetch = fetch;
  return count;
})()`;

describe.skipIf(chromiumPath === undefined)(
  `/ui in Chromium (at ${chromiumPath ?? "CHROMIUM_PATH: none found"})`,
  () => {
    let browser: Browser;
    beforeAll(async () => void (browser = await launchChromium()));
    afterAll(() => browser.close());

    it("shows circuits with a countdown, the calls with their attempts, and one that is under way", async () => {
      await using stage = await setStage();
      await play(stage);
      stage.standby.setDefault(drop("stall"));
      const pending = postMessages(stage.server.url, { model: "claude-opus-4-5" }).catch(() => undefined);
      await using tab = await openTab(browser, `${stage.server.url}/ui`);
      const { page, faults } = tab;
      const preferred = page.locator(".provider", { hasText: "anthropic_official" });
      await preferred.getByText("Cooling down").waitFor();
      const countdown = preferred.locator(".cool strong");
      const before = await countdown.textContent();
      expect(before).toMatch(/^[0-6]:\d\d$/);
      await expect.poll(() => countdown.textContent(), { timeout: 30_000 }).not.toBe(before);
      expect(await preferred.textContent()).toContain("Key 1, claude-opus-4-5");
      expect(await page.locator("h1").textContent()).toBe("1 of 2 providers can serve; new requests go to 月之暗面");
      expect(await page.locator(".provider", { hasText: "spare" }).textContent()).toContain("Disabled");
      expect(await page.getByRole("img", { name: /^Time to first content of the last 30 calls: median/ }).count()).toBe(
        1,
      );
      expect(await page.getByRole("img", { name: /^Tokens of the last 30 calls: .* output/ }).count()).toBe(1);
      const live = page.locator(".calls > li").first();
      await live.locator(".glyph.live").waitFor();
      const elapsed = await live.locator(".took").textContent();
      await expect.poll(() => live.locator(".took").textContent(), { timeout: 30_000 }).not.toBe(elapsed);
      await page.locator(".calls summary").nth(2).focus();
      await page.keyboard.press("Enter");
      const attempts = page.locator(".calls details[open] .attempts");
      expect(await attempts.textContent()).toMatch(/anthropic_official.*failed \(500\).*月之暗面.*answered/s);
      expect(await live.locator(".glyph").getAttribute("class")).toContain("live");
      await stage.server.server.close(0);
      await pending;
      await page.getByRole("alert").getByText("The server is unreachable").waitFor({ timeout: 60_000 });
      expect(await page.locator("#pulse").textContent()).toBe("unreachable");
      expect(await attempts.count()).toBe(1);
      expect(faults.filter((fault) => !fault.includes("ERR_CONNECTION_REFUSED"))).toEqual([]);
    });

    it("shows a provider that cools as neither probed nor next, and the last one that failed a call in red", async () => {
      await using first = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(529) });
      await using second = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: refuse(529) });
      await using server = await startTestServer({
        providers: [provider("first", first.url), provider("second", second.url)],
        settings: { lastResort: false, failureCooldownMs: 300_000 },
      });
      await postMessages(server.url);
      await using tab = await openTab(browser, `${server.url}/ui`);
      const { page } = tab;
      const cards = page.locator(".provider");
      await cards.first().getByText("Cooling down").waitFor();
      expect(await page.locator(".providers").textContent()).not.toMatch(/next in line|Probing/);
      const path = page.locator(".calls .path");
      expect(await path.textContent()).toBe("firstsecondanswered 503");
      const colors = await path
        .locator("span")
        .evaluateAll((spans) => spans.map((span) => getComputedStyle(span).color));
      expect(colors[1]).toBe(colors[0]);
      expect(colors[2]).not.toBe(colors[0]);
      // When the cooldown is over nothing probes it: the next request will.
      server.balancer.skipTime(600_000);
      await cards.first().getByText("To be tried").waitFor();
      expect(await page.locator(".providers").textContent()).not.toContain("Probing");
    });

    it("has axes whose labels differ, and whole numbers of tokens, however small what they show", async () => {
      const usage = { inputTokens: 1, outputTokens: 1 };
      await using upstream = await startFakeUpstream({ dialect: "anthropic", defaultBehaviour: text("Hi", { usage }) });
      await using server = await startTestServer({ providers: [provider("only", upstream.url)] });
      await postMessages(server.url);
      await using tab = await openTab(browser, `${server.url}/ui`);
      for (const chart of ["#first-chart", "#token-chart"]) {
        const label = tab.page.locator(`${chart} .label`);
        await label.nth(2).waitFor();
        const labels = await label.allTextContents();
        expect(new Set(labels).size).toBe(3);
        expect(labels.join(" ")).not.toContain(".");
      }
    });

    it("asks for a key where the server does, refuses a wrong one, and keeps the right one for the tab", async () => {
      const key = "a-key-for-this-server";
      await using stage = await setStage({ auth: { apiKeys: [key], exemptPaths: [] } });
      await using tab = await openTab(browser, `${stage.server.url}/ui`);
      const { page } = tab;
      const field = page.getByLabel("API key");
      await field.waitFor();
      expect(await page.locator("main").isVisible()).toBe(false);
      await field.fill("wrong");
      await page.keyboard.press("Enter");
      await page.getByText("does not accept this key").waitFor();
      await field.fill(key);
      await page.keyboard.press("Enter");
      await page.locator(".provider").first().waitFor();
      await page.reload();
      await page.locator(".provider").first().waitFor();
      expect(await field.isVisible()).toBe(false);
      await page.getByRole("button", { name: "Forget key" }).click();
      await field.waitFor();
      expect(await page.evaluate("sessionStorage.length + localStorage.length + document.cookie.length")).toBe(0);
    });

    it("stops asking while nobody can see it, and asks at once when it is looked at again", async () => {
      await using stage = await setStage();
      await using tab = await openTab(browser, `${stage.server.url}/ui`);
      const { page, asked } = tab;
      await page.locator(".provider").first().waitFor();
      await page.evaluate(setHidden(true));
      // A request that was under way when the page was hidden may be told of late.
      await expect.poll(() => askedWithin(tab, 2_500)).toBe(0);
      const count = asked();
      expect(await page.evaluate(countingRequests(setHidden(false)))).toBe(1);
      await expect.poll(asked, { timeout: 30_000 }).toBeGreaterThan(count + 1);
    });

    it("can be used by keyboard alone: every control is reached, shows where one is, and does its work by Enter", async () => {
      await using stage = await setStage();
      await play(stage);
      await using tab = await openTab(browser, `${stage.server.url}/ui`);
      const { page } = tab;
      await page.locator(".calls summary").first().waitFor();
      const reached: string[] = [];
      for (let step = 0; step < 40 && !reached.includes("SUMMARY"); step += 1) {
        await page.keyboard.press("Tab");
        reached.push(String(await page.evaluate("document.activeElement.id || document.activeElement.tagName")));
        expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).not.toBe("none");
      }
      expect(reached[0]).toBe("pause");
      expect(reached).toContain("SUMMARY");
      await page.locator(".calls summary").first().focus();
      await page.keyboard.press("Enter");
      await page.locator(".calls details[open] .attempts").waitFor();
      await page.keyboard.press("Enter");
      await expect.poll(() => page.locator(".calls details[open]").count()).toBe(0);
    });

    it("stops asking while it is paused, and goes on by keyboard", async () => {
      await using stage = await setStage();
      await using tab = await openTab(browser, `${stage.server.url}/ui`);
      const { page, asked } = tab;
      await page.locator(".provider").first().waitFor();
      await page.keyboard.press("Tab");
      expect(await page.evaluate("document.activeElement.id")).toBe("pause");
      await page.keyboard.press("Enter");
      await page.getByText("paused").waitFor();
      await expect.poll(() => askedWithin(tab, 2_000)).toBe(0);
      const count = asked();
      await page.keyboard.press("Enter");
      await expect.poll(asked).toBeGreaterThan(count);
    });

    it.each([
      ["light", 1400],
      ["dark", 1400],
      ["light", 360],
      ["dark", 360],
    ] as const)("fits in %s at %d px, with contrast enough to read", async (scheme, width) => {
      await using stage = await setStage();
      await play(stage);
      stage.standby.setDefault(drop("stall"));
      void postMessages(stage.server.url, { model: "claude-opus-4-5", stream: true }).catch(() => undefined);
      await using tab = await openTab(browser, `${stage.server.url}/ui`, { scheme, width });
      const { page, faults } = tab;
      await page.locator(".glyph.live").waitFor();
      expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
      expect(await page.evaluate(weakestContrast)).toBeGreaterThanOrEqual(4.5);
      expect(faults).toEqual([]);
      await keepScreenshot(page, `${scheme}-${width}`);
      await page.locator(".calls summary").nth(2).click();
      await keepScreenshot(page, `${scheme}-${width}-full`, { fullPage: true });
    });
  },
);
