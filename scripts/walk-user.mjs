// The path of a user: from the clone to Claude Code, through the failure of a provider, to what the server says of it.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandOf } from "./walk-shell.mjs";

const keys = { ANTHROPIC_API_KEY: "sk-ant-0123456789abcdef", OPENROUTER_API_KEY: "sk-or-0123456789abcdef" };

/** Returns the steps of a user, with two fake providers behind the entries that `ccpb init` writes. */
export async function userSteps(options, { startFakeUpstream, claudeCode }) {
  const { shell, isChinese } = options;
  const readme = isChinese ? "README.zh-CN.md" : "README.md";
  const recipe = isChinese ? "docs/recipes/claude-code.zh-CN.md" : "docs/recipes/claude-code.md";
  const answering = (dialect, text) => startFakeUpstream({ dialect, defaultBehaviour: claudeCode({ text }) });
  const of = (beginning) => commandOf(readme, beginning);
  const context = {
    ...options,
    first: await answering("anthropic", "Hello from the first."),
    second: await answering("openai", "Hello from the second."),
    of,
    shown: (does, beginning, rest) => ({
      does,
      from: `\`${beginning}\``,
      run: () => shell.run(of(beginning)),
      ...rest,
    }),
    prompt: (does, rest) => ({
      does,
      from: "`claude -p`",
      run: () => shell.run(commandOf(recipe, "claude -p")),
      ...rest,
    }),
  };
  return [...firstMinute(context), ...claudeCodeSteps(context), ...failureSteps(context)];
}

function firstMinute({ shell, repository, of, shown, first, second, folder }) {
  const file = join(folder, "ccpb/providers.yaml");
  return [
    {
      does: "clone",
      from: "`git clone`",
      run: () => shell.run(`${of("git clone").replace("<repository-url>", repository)} && ${of("cd ccpb")}`),
    },
    shown("start, with the demo", "npm start -- demo", {
      shows: /All 7 scenes/,
      result: "the installation, then seven scenes",
    }),
    shown("get the command", "npm install --global ./packages/server", { result: "`ccpb` is a command" }),
    shown("write a configuration", "ccpb init", {
      shows: /Wrote providers\.yaml/,
      result: "what to export, what to run next",
    }),
    {
      does: "set the keys (here also: lead both addresses to fake providers)",
      from: "`export …`",
      run: async () => {
        for (const [name, value] of Object.entries(keys))
          await shell.run(of(`export ${name}`).replace(/=.*/, `=${value}`));
        const text = readFileSync(file, "utf8").replace("https://api.anthropic.com", first.url);
        writeFileSync(file, text.replace("https://openrouter.ai/api/v1", second.url));
        return "";
      },
    },
    shown("ask each provider", "ccpb check --live", {
      shows: /✓ +anthropic.* answered[^]*✓ +openrouter.* answered/,
      result: "two ticks",
    }),
    {
      does: "start the server",
      from: "`ccpb`",
      run: () =>
        shell.run("ccpb > serve.log 2>&1 & until grep -q 'Listening on' serve.log; do sleep 0.1; done; cat serve.log"),
      shows: /2\/2 healthy/,
      result: "the banner, and what to export",
    },
  ];
}

function claudeCodeSteps({ shell, of, prompt }) {
  return [
    {
      does: "install Claude Code",
      from: "its own documents",
      run: () => shell.run("npm install --global --silent @anthropic-ai/claude-code && claude --version"),
      shows: /Claude Code/,
    },
    {
      does: "point Claude Code at the server",
      from: "`export …`",
      run: () => shell.run(`${of("export ANTHROPIC_BASE_URL")} && ${of("export ANTHROPIC_AUTH_TOKEN")}`),
    },
    prompt("one prompt", { shows: /Hello from the first/, result: "the first provider's answer" }),
  ];
}

function failureSteps({ shell, of, shown, prompt, first }) {
  return [
    { does: "the first provider goes down", from: "", run: () => first.goDown().then(() => "") },
    prompt("the next prompt", {
      shows: /Hello from the second/,
      result: "the second provider's answer, and no error before it",
    }),
    shown("see who serves", "ccpb status", {
      shows: /✗ +anthropic[^]*ECONNREFUSED/,
      result: "who is out, why, and for how long",
    }),
    shown("see who would be asked", "ccpb explain claude-opus-5", {
      shows: /openrouter/,
      result: "the order, and why the first is left out",
    }),
    shown("read the log", "grep ERROR", { shows: /ECONNREFUSED/, result: "the provider that left service, and why" }),
    shown("see the cost", "ccpb usage", { shows: /openrouter/, result: "tokens and cost by provider" }),
    {
      does: "open the status page",
      from: "the banner",
      run: () => shell.run("curl --silent http://127.0.0.1:8080/ui"),
      shows: /<html/,
      result: "the page",
    },
    {
      does: "the first provider is back: close its circuit",
      from: "`ccpb reload --reset`",
      run: () => first.comeUp().then(() => shell.run(of("ccpb reload --reset"))),
      result: "which file was read again",
    },
    prompt("a last prompt", { shows: /Hello from the first/, result: "the first provider's answer again" }),
  ];
}
