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
  return ["README.md", "README.zh-CN.md", "CONTRIBUTING.md", "SECURITY.md", ...docs, ...packages];
}

/** `docs/quota.zh-CN.md` becomes `zh/docs/quota.md`, and a README the index of its folder. */
function targetOf(source) {
  const english = source.replace(/\.zh-CN\.md$/, ".md").replace(/README\.md$/, "index.md");
  return source.endsWith(".zh-CN.md") ? `zh/${english}` : english;
}

/** Rewrites the links of a page, code blocks left alone: to pages of the book, else to the repository's files. */
function withLinks(source, text) {
  return text
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

function sidebar(prefix) {
  const groups = [
    ["", /^[^/]+\.md$/],
    ["docs", /^docs\/[^/]+\.md$/],
    ["recipes", /^docs\/recipes\//],
    ["clients", /^docs\/doors\//],
    ["packages", /^packages\//],
    ["api", /^docs\/api\//],
    ["benchmarks", /^docs\/benchmarks\//],
    ["decisions", /^docs\/decisions\//],
  ];
  const mine = [...pages].filter(([, target]) => target.startsWith("zh/") === (prefix !== ""));
  return groups
    .map(([text, pattern]) => ({
      text: text === "" ? "ccpb" : text,
      collapsed: text === "decisions" || text === "api" || text === "benchmarks",
      items: mine
        .filter(([, target]) => pattern.test(target.slice(prefix.length)))
        .map(([source, target]) => ({ text: titleOf(source), link: `/${target}` })),
    }))
    .filter((group) => group.items.length > 0);
}

function titleOf(source) {
  return /^# (.*)$/m.exec(readFileSync(join(root, source), "utf8"))?.[1]?.replaceAll("`", "") ?? source;
}

function configText() {
  const locales = {
    root: { label: "English", lang: "en", themeConfig: { sidebar: sidebar("") } },
    zh: { label: "简体中文", lang: "zh-CN", link: "/zh/", themeConfig: { sidebar: sidebar("zh/") } },
  };
  const config = {
    title: "ccpb",
    ignoreDeadLinks: "localhostLinks",
    locales,
    themeConfig: { search: { provider: "local" }, outline: [2, 3] },
  };
  // Pages are Markdown for people, not Vue templates: "<name>" and "{{NAME}}" in them are text.
  return `const config = ${JSON.stringify(config)};
config.markdown = { html: false, config: (md) => {
  const text = md.renderer.rules.text;
  md.renderer.rules.text = (...all) => text(...all).replaceAll("{{", "&#123;&#123;");
} };
export default config;
`;
}
