// Builds the documentation as a static site in `book/`: both languages, search, light and dark.
// VitePress is run by npx at a pinned version, so that neither a start nor the tests install it. A dead link fails the build.
// Usage: node scripts/build-book.mjs
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, posix, resolve } from "node:path";

const VITEPRESS = "vitepress@1.6.4";
const root = resolve(import.meta.dirname, "..");
const work = join(root, "book", "source");
const repository = JSON.parse(readFileSync(join(root, "packages/core/package.json"), "utf8")).homepage.replace(
  /\/tree\/.*$/,
  "",
);

/** Groups of pages, by their addresses, with their titles in both languages. */
const groups = [
  ["ccpb", "ccpb", /^[^/]+\.md$/],
  ["Documentation", "文档", /^docs\/[^/]+\.md$/],
  ["Recipes", "实用指南", /^docs\/recipes\//],
  ["Clients and providers", "客户端与服务商", /^docs\/doors\//],
  ["Packages", "软件包", /^packages\//],
  ["API", "API", /^docs\/api\//],
  ["Benchmarks", "基准测试", /^docs\/benchmarks\//],
  ["Decisions", "决策", /^docs\/decisions\//],
];
const folded = new Set(["API", "Benchmarks", "Decisions"]);

/** The words of the frame in Chinese; VitePress's own are English. */
const chineseFrame = {
  outline: { level: [2, 3], label: "本页内容" },
  docFooter: { prev: "上一页", next: "下一页" },
  darkModeSwitchLabel: "外观",
  lightModeSwitchTitle: "切换到浅色模式",
  darkModeSwitchTitle: "切换到深色模式",
  sidebarMenuLabel: "目录",
  returnToTopLabel: "返回顶部",
  langMenuLabel: "切换语言",
  skipToContentLabel: "跳到正文",
  notFound: { title: "没有这个页面", quote: "页面可能已移动或改名。", linkLabel: "返回首页", linkText: "返回首页" },
};

const chineseSearch = {
  button: { buttonText: "搜索", buttonAriaLabel: "搜索" },
  modal: {
    displayDetails: "显示详细列表",
    resetButtonTitle: "清空",
    backButtonTitle: "关闭搜索",
    noResultsText: "没有找到",
    footer: { selectText: "选择", navigateText: "切换", closeText: "关闭" },
  },
};

const pages = new Map(sourcePages().map((source) => [source, targetOf(source)]));
const dead = [];

rmSync(join(root, "book"), { recursive: true, force: true });
for (const [source, target] of pages) {
  const text = withLinks(source, readFileSync(join(root, source), "utf8"));
  mkdirSync(dirname(join(work, target)), { recursive: true });
  writeFileSync(join(work, target), text);
}
if (dead.length > 0) {
  process.stderr.write(`Dead links:\n${dead.join("\n")}\n`);
  process.exit(1);
}
cpSync(join(root, "docs/images"), join(work, "public/images"), { recursive: true });
mkdirSync(join(work, ".vitepress"));
writeFileSync(join(work, ".vitepress/config.mjs"), configText());

const npx = ["--yes", "--package", VITEPRESS];
const command = execFileSync("npx", [...npx, "-c", "command -v vitepress"], { encoding: "utf8" }).trim();
// The built pages import vue by name: without this link it is not found.
symlinkSync(resolve(dirname(command), ".."), join(work, "node_modules"), "junction");
execFileSync(process.execPath, [command, "build", work, "--outDir", join(root, "book", "site")], { stdio: "inherit" });

function sourcePages() {
  const docs = readdirSync(join(root, "docs"), { recursive: true })
    .map((name) => posix.join("docs", name.replaceAll("\\", "/")))
    .filter((name) => name.endsWith(".md"));
  const packages = ["core", "server", "redis", "ai-sdk", "otel"].map((name) => `packages/${name}/README.md`);
  return [...readdirSync(root).filter((name) => name.endsWith(".md") && name !== "AGENTS.md"), ...docs, ...packages];
}

/** `docs/quota.zh-CN.md` becomes `zh/docs/quota.md`, and a README the index of its folder. */
function targetOf(source) {
  const english = source.replace(/\.zh-CN\.md$/, ".md").replace(/README\.md$/, "index.md");
  return source.endsWith(".zh-CN.md") ? `zh/${english}` : english;
}

/** Rewrites the links of a page, code blocks left alone: to pages of the book, else to the repository's files. */
function withLinks(source, text) {
  // Comments, such as the marks around generated tables, would be shown: raw HTML is off.
  return text
    .replaceAll(/^<!--.*-->\n/gm, "")
    .split(/(^```[^]*?^```|`[^`\n]*`)/m)
    .map((part) =>
      part.startsWith("`") ? part : part.replace(/\]\(([^)\s]+)\)/g, (_, to) => `](${linkTo(source, to)})`),
    )
    .join("");
}

function linkTo(source, link) {
  if (/^(?:[a-z]+:|#)/.test(link)) return link;
  const [path = "", anchor] = link.split("#");
  const file = posix.join(posix.dirname(source), path).replace(/\/$/, "");
  const hash = anchor === undefined ? "" : `#${anchor}`;
  const page = pages.get(file) ?? pages.get(`${file}/README.md`);
  if (page !== undefined) return `/${page}${hash}`;
  if (!existsSync(join(root, file))) dead.push(`${source}: ${link}`);
  if (file.startsWith("docs/images/")) return file.replace("docs/images/", "/images/");
  return `${repository}/blob/main/${file}${hash}`;
}

/** The pages of one language; in Chinese those that exist in English alone follow, folded and marked. */
function sidebar(isChinese) {
  const all = [...pages].map(([source, target]) => ({ source, target, isChinese: target.startsWith("zh/") }));
  const mine = all.filter((page) => page.isChinese === isChinese);
  const alone = isChinese ? all.filter((page) => !page.isChinese && !pages.has(twinOf(page.source))) : [];
  const items = (from, pattern) =>
    from
      .filter(({ target }) => pattern.test(target.replace(/^zh\//, "")))
      // The page that leads to the others comes first.
      .toSorted((a, b) => Number(b.target.endsWith("index.md")) - Number(a.target.endsWith("index.md")))
      .map(({ source, target }) => ({ text: titleOf(source), link: `/${target}` }));
  const grouped = (from, isFolded) =>
    groups
      .map(([english, chinese, pattern]) => ({
        text: `${isChinese ? chinese : english}${from === alone ? "（英文）" : ""}`,
        collapsed: isFolded || folded.has(english),
        items: items(from, pattern),
      }))
      .filter((group) => group.items.length > 0);
  return [...grouped(mine, false), ...grouped(alone, true)];
}

/** The Chinese counterpart of an English page, whether it exists or not. */
function twinOf(source) {
  return source.replace(/\.md$/, ".zh-CN.md");
}

function titleOf(source) {
  return /^# (.*)$/m.exec(readFileSync(join(root, source), "utf8"))?.[1]?.replaceAll("`", "") ?? source;
}

function configText() {
  const locales = {
    root: { label: "English", lang: "en", themeConfig: { sidebar: sidebar(false) } },
    zh: {
      label: "简体中文",
      lang: "zh-CN",
      link: "/zh/",
      themeConfig: { ...chineseFrame, sidebar: sidebar(true) },
    },
  };
  const config = {
    title: "ccpb",
    ignoreDeadLinks: "localhostLinks",
    locales,
    themeConfig: {
      search: { provider: "local", options: { locales: { zh: { translations: chineseSearch } } } },
      outline: [2, 3],
    },
  };
  // Pages are Markdown for people, not Vue templates: "<name>" and "{{NAME}}" in them are text.
  return `const config = ${JSON.stringify(config)};
config.markdown = { html: false, config: (md) => {
  const text = md.renderer.rules.text;
  md.renderer.rules.text = (...all) => text(...all).replaceAll("{{", "&#123;&#123;");
} };
config.themeConfig.search.options.miniSearch = { options: { tokenize: ${String(tokenize)} } };
export default config;
`;
}

/**
 * Splits a text into the words that the search finds. Chinese has no spaces, so that a whole clause would be one word: each pair of characters is one
 * instead. It is copied into the built site, and so uses nothing of this file.
 */
function tokenize(text) {
  const words = text.split(/[\n\r\p{Z}\p{P}]+/u);
  const parts = words.flatMap((word) => word.match(/\p{Script=Han}+|[^\p{Script=Han}]+/gu) ?? []);
  return parts.flatMap((part) =>
    part.length > 1 && /^\p{Script=Han}/u.test(part)
      ? Array.from({ length: part.length - 1 }, (_, start) => part.slice(start, start + 2))
      : [part],
  );
}
