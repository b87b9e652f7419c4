// The path of a contributor: from the clone to a commit with a new vendor, its quirk, its test, its recording and its changeset.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandOf } from "./walk-shell.mjs";

const row = '    ["https://api.nebula.test/v1", "nebula-2", { midSystem: "system", reasoningHistory: "drop" }],\n';

const vendor = `import type { VendorGuide } from "./guide.ts";
import type { Vendor } from "./vendor.ts";

export const nebula: Vendor = {
  name: "Nebula",
  hosts: [
    // "unknown role order: system" (docs.nebula.test/errors).
    { host: /(?:^|\\.)nebula\\.test(?::|$)/, profile: { midSystem: "system", reasoningHistory: "drop" } },
  ],
};

export const nebulaGuide: VendorGuide = {
  vendor: nebula,
  evidence: { date: "2026-11-29", hosts: "docs.nebula.test/errors" },
  presets: [
    {
      id: "nebula",
      title: { en: "Nebula", zh: "Nebula" },
      type: "openai",
      baseUrl: "https://api.nebula.test/v1",
      auth: "api_key",
      keys: ["NEBULA_API_KEY"],
      bigModel: "nebula-2",
      smallModel: "nebula-2-mini",
      models: "https://docs.nebula.test/models",
    },
  ],
};
`;

const recording = `${[
  { delta: { role: "assistant", reasoning_content: "Two and two." }, finish_reason: null },
  { delta: { content: "Four." }, finish_reason: null },
  { delta: {}, finish_reason: "stop" },
]
  .map((choice) => ({ id: "n1", object: "chat.completion.chunk", created: 1, model: "nebula-2", choices: [choice] }))
  .map((chunk) => `data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, ...chunk.choices[0] }] })}\n\n`)
  .join("")}data: [DONE]\n\n`;

const indexRow = {
  id: "own/openai-chat/nebula--thinking",
  says: "Nebula: reasoning_content before content",
  req: null,
  res: "openai-chat/nebula--thinking.res.sse",
  dialect: "openai-chat",
  vendor: "nebula",
  model: "nebula-2",
  stream: true,
  status: 200,
  shows: ["block:thinking", "block:text", "finish:stop"],
};

const changeset = `---
"@ccpb/core": minor
---

Nebula is known: system turns in mid-conversation, no reasoning in the history.
`;

/** Returns the steps of a contributor. `isQuick` leaves out lint and types, which take most of the time. */
export function contributorSteps({ shell, folder, isChinese, repository }, isQuick) {
  const page = isChinese ? "CONTRIBUTING.zh-CN.md" : "CONTRIBUTING.md";
  const readme = isChinese ? "README.zh-CN.md" : "README.md";
  const core = join(folder, "ccpb/packages/core");
  const of = (beginning, document = page) => commandOf(document, beginning);
  const context = {
    shell,
    folder,
    core,
    of,
    test: of("npx vitest run packages/core/src/policy").replace(/packages\/.*/, "packages/core/src/vendors"),
    shown: (does, beginning, rest) => ({
      does,
      from: `\`${beginning}\``,
      run: () => shell.run(of(beginning)),
      ...rest,
    }),
    /** Changes a file of core; throws where the change finds nothing to change. */
    edit: (path, change) => {
      const text = readFileSync(join(core, path), "utf8");
      const changed = change(text);
      if (changed === text) throw new Error(`${path} is not as the page says`);
      writeFileSync(join(core, path), changed);
    },
  };
  // Changesets compare with `main`, which the clone of a checkout of another branch does not have.
  const withMain = "{ git rev-parse --quiet --verify main || git branch main; }";
  const clone = of("git clone", readme).replace("<repository-url>", repository);
  return [
    { does: "clone", from: "`git clone`", run: () => shell.run(`${clone} && ${of("cd ccpb", readme)} && ${withMain}`) },
    context.shown("install, and run one test file", "npm test --", {
      shows: /passed/,
      result: "the installation, then the test",
    }),
    ...quirkSteps(context),
    ...pageSteps(context),
    context.shown("format", "npx pnpm@10.34.9 run format", { shows: /Finished/ }),
    ...(isQuick ? [] : [context.shown("lint", "npx pnpm@10.34.9 run lint", { shows: /correct format/ })]),
    ...(isQuick ? [] : [context.shown("check types", "npx pnpm@10.34.9 run types", {})]),
    ...commitSteps(context),
  ];
}

function quirkSteps({ shell, core, edit, test }) {
  return [
    {
      does: "write the test that fails: a row of a table",
      from: "the recipe, 1",
      run: () => {
        const first = '    ["https://api.openai.com/v1", "gpt-5.4", {';
        edit("src/vendors/profile.test.ts", (text) => text.replace(first, row + first));
        return shell.run(test, { code: 1 });
      },
      shows: /knows https:\/\/api\.nebula\.test/,
      result: "the test fails, by its name",
    },
    {
      does: "write the vendor's file and its lines in `vendors.ts`",
      from: "the recipe, 2 and 3",
      run: () => {
        writeFileSync(join(core, "src/vendors/nebula.ts"), vendor);
        edit("src/vendors/vendors.ts", (text) =>
          text
            .replace("import { ollama,", 'import { nebula, nebulaGuide } from "./nebula.ts";\n$&')
            .replace("  ollama,\n", "  nebula,\n$&")
            .replace("  ollamaGuide,\n", "  nebulaGuide,\n$&"),
        );
        return shell.run(test);
      },
      shows: /passed/,
      result: "the test passes",
    },
    {
      does: "write its recording",
      from: "the recipe of a recording",
      run: () => {
        writeFileSync(join(core, "test/recordings/openai-chat/nebula--thinking.res.sse"), recording);
        edit("test/recordings/INDEX.json", (text) => text.replace(/\n\]\s*$/, `,\n${JSON.stringify(indexRow)}\n]\n`));
        return "";
      },
    },
  ];
}

function pageSteps({ shell, of, shown }) {
  const pages = ["node scripts/write-vendor-doc.mjs", "node scripts/write-provider-recipes.mjs"];
  return [
    {
      does: "renew the generated pages",
      from: "the recipe, 5",
      run: () => shell.run(`${pages.map((page) => of(page)).join(" && ")} && git status --short`),
      shows: /docs\/vendors\.md/,
      result: "three pages have changed",
    },
    shown("run the tests around it", "npx vitest run packages/core/src/vendors", {
      shows: /passed/,
      result: "they pass, on the recording too",
    }),
  ];
}

function commitSteps({ shell, folder, of }) {
  return [
    {
      does: "write the changeset",
      from: "the page",
      run: () => {
        writeFileSync(join(folder, "ccpb/.changeset/nebula.md"), changeset);
        return shell.run(of("npx pnpm@10.34.9 exec changeset status"));
      },
      shows: /@ccpb\/core/,
      result: "which versions follow",
    },
    {
      does: "commit",
      from: "the page",
      run: () => {
        appendFileSync(join(folder, "home/.gitconfig"), "[user]\nname = A Stranger\nemail = stranger@example.com\n");
        return shell.run("git add --all && git commit --quiet --message 'feat(core): know Nebula' && git status");
      },
      shows: /working tree clean/,
    },
  ];
}
