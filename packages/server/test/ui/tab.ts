import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";

/** A page of the browser. */
export interface Tab extends AsyncDisposable {
  readonly page: Page;
  /** What the browser complained of: errors of script, policy and network. */
  readonly faults: string[];
  /** How often the page asked for its state. */
  readonly asked: () => number;
  /** The origins that the page sent requests to. */
  readonly origins: ReadonlySet<string>;
}

/** Opens a page of its own, with nothing stored. */
export async function openTab(
  browser: Browser,
  url: string,
  {
    scheme = "light",
    width = 1400,
    locale = "en-US",
  }: { readonly scheme?: "light" | "dark"; readonly width?: number; readonly locale?: string } = {},
): Promise<Tab> {
  const context: BrowserContext = await browser.newContext({
    colorScheme: scheme,
    locale,
    viewport: { width, height: width < 600 ? 780 : 900 },
  });
  const page = await context.newPage();
  const faults: string[] = [];
  const origins = new Set<string>();
  let asked = 0;
  page.on("console", (message) => message.type() === "error" && faults.push(message.text()));
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("request", (request) => (asked += Number(request.url().endsWith("/ui/state"))));
  page.on("request", (request) => request.url().startsWith("data:") || origins.add(new URL(request.url()).origin));
  await page.goto(url);
  return { page, faults, asked: () => asked, origins, [Symbol.asyncDispose]: () => context.close() };
}

/** Writes what a page shows into the folder that `CCPB_SCREENSHOTS` names; does nothing without it. */
export async function keepScreenshot(
  page: Page,
  name: string,
  options: Parameters<Page["screenshot"]>[0] = {},
): Promise<void> {
  const folder = process.env["CCPB_SCREENSHOTS"];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ ...options, path: join(folder, `${name}.png`) });
}

/** Runs in the page: what its browser says when another tab is in front, which Chromium without a screen never does by itself. */
export const setHidden = (isHidden: boolean): string =>
  `Object.defineProperty(document, "hidden", { configurable: true, get: () => ${isHidden} }); document.dispatchEvent(new Event("visibilitychange"));`;

/** Runs in the page: the lowest contrast ratio (WCAG 2) of a text to what is behind it. */
export const weakestContrast: string = `(() => {
  const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => { paint.clearRect(0, 0, 1, 1); paint.fillStyle = color; paint.fillRect(0, 0, 1, 1); return [...paint.getImageData(0, 0, 1, 1).data]; };
  const over = (top, under) => top.slice(0, 3).map((value, index) => value * top[3] / 255 + under[index] * (1 - top[3] / 255));
  const light = (rgb) => { const [r, g, b] = rgb.map((value) => { const part = value / 255; return part <= .03928 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
  const behind = (element) => { const chain = []; for (let at = element; at; at = at.parentElement) chain.unshift(rgba(getComputedStyle(at).backgroundColor)); return chain.reduce((under, top) => over(top, under), [255, 255, 255]); };
  let weakest = 21;
  for (const element of document.querySelectorAll("body *")) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== "");
    if (!hasText || element.closest(".off, svg, [hidden], noscript, script") || element.getClientRects().length === 0) continue;
    const back = behind(element);
    const front = over(rgba(getComputedStyle(element).color), back);
    const [high, low] = [light(front), light(back)].sort((a, b) => b - a);
    weakest = Math.min(weakest, (high + .05) / (low + .05));
  }
  return weakest;
})()`;
