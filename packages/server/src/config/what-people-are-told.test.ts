import { describe, expect, it } from "vitest";
import { good, remedy, saidOf } from "../../test/told-problems.ts";

type Said = readonly [place: string, message: string];

/** Lines below a good file, and what is said of them. */
const added: readonly (readonly [lines: string, ...said: Said[]])[] = [
  ["    weight: -1\n", ["9:13", 'provider "anthropic": weight is -1; write more than 0']],
  ["    weight: 0\n", ["9:13", 'provider "anthropic": weight is 0; write more than 0']],
  ["    max_concurrent: 0\n", ["9:21", 'provider "anthropic": max_concurrent is 0; write at least 1']],
  [
    "    max_concurrent: 2.5\n",
    ["9:21", 'provider "anthropic": max_concurrent must be a whole number, not 2.5; write 3'],
  ],
  [
    "    headers: {content-length: 5}\n",
    ["9:15", 'provider "anthropic": headers: the key "content-length" is set by ccpb itself; remove it'],
  ],
  [
    "    headers: {x-one: 5}\n",
    ["9:22", 'provider "anthropic": headers.x-one must be a text, and YAML reads this as a number; put it in quotes'],
  ],
  [
    '    headers: {x-one: "中文"}\n',
    [
      "9:22",
      'provider "anthropic": headers.x-one holds a character that no header can carry (U+4E2D); write the value on one line, without it',
    ],
  ],
  [
    '    headers: {"x one": a}\n',
    [
      "9:15",
      'provider "anthropic": headers: the key "x one" is not a header name; names are letters, digits and hyphens',
    ],
  ],
  ["    enabled: no\n", ["9:14", 'provider "anthropic": enabled must be true or false, not "no"; write false']],
  ['    enabled: "false"\n', ["9:14", 'provider "anthropic": enabled must be true or false, not "false"; write false']],
  ['    models: {"*opus*": }\n', ["9:14", 'provider "anthropic": models["*opus*"] has no value; write one']],
  [
    '    models: {"": x}\n',
    ["9:14", 'provider "anthropic": models: the key "" is empty; write a value or remove the key'],
  ],
  ["    timeouts: {connect: -1}\n", ["9:25", 'provider "anthropic": timeouts.connect is -1; write more than 0']],
  ["    timeouts: {idle: 0}\n", ["9:22", 'provider "anthropic": timeouts.idle is 0; write more than 0']],
  [
    "    timeouts: {idle: 30s}\n",
    ["9:22", 'provider "anthropic": timeouts.idle must be a number, not the text "30s"; write 30'],
  ],
  [
    "    dialect: response\n",
    ["9:5", 'provider "anthropic": dialect only means something for openai providers; remove it'],
    ["9:14", 'provider "anthropic": dialect is "response"; did you mean responses? Write auto, chat or responses'],
  ],
  [
    "    region: us-east-1\n",
    [
      "9:5",
      'provider "anthropic": region only means something with auth_type: aws here; remove it, or write type: bedrock for Claude at Amazon Bedrock',
    ],
  ],
  [
    "    profile: {imges: false}\n",
    ["9:15", '"imges" is no key in profile of provider "anthropic"; did you mean images?'],
  ],
  [
    "    tls: {cert: a.pem}\n",
    [
      "9:5",
      'provider "anthropic": tls.cert is there and tls.key is not; add tls.key, since a client certificate needs both files',
    ],
  ],
  [
    "    forward_headers: [cookie]\n",
    [
      "9:23",
      'provider "anthropic": forward_headers[0] carries a credential; remove it, and use auth_type: passthrough for the client\'s own',
    ],
  ],
  [
    "    forward_headers: x-a\n",
    [
      "9:22",
      'provider "anthropic": forward_headers must be a list, not "x-a"; write each entry on a line of its own after "- "',
    ],
  ],
  [
    "settings:\n  host: http://127.0.0.1\n",
    ["10:9", "settings.host is a URL or path; write the address alone, such as 127.0.0.1"],
  ],
  [
    'settings:\n  host: "*"\n',
    ["10:9", 'settings.host is "*", which is no host name or IP address; write one such as 127.0.0.1'],
  ],
  [
    "settings:\n  host: my.server.lan\n",
    [
      "10:9",
      'settings.host "my.server.lan" lets other machines use your keys, and there is no key in settings.auth.api_keys or clients; add one of at least 16 characters, or write host: 127.0.0.1',
    ],
  ],
  ["settings:\n  port: 80.5\n", ["10:9", "settings.port must be a whole number, not 80.5; write 81"]],
  ["settings:\n  port: 8,080\n", ["10:9", 'settings.port must be a number, not "8,080"; write one such as 8080']],
  [
    "settings:\n  log_level: 10\n",
    ["10:14", "settings.log_level is 10; write DEBUG, INFO, WARNING, ERROR or CRITICAL"],
  ],
  [
    "settings:\n  log_file: null\n",
    ["10:13", "settings.log_file has no value; write one such as logs/balancer.jsonl, or remove the key"],
  ],
  [
    "settings:\n  log_color: always\n",
    ["10:14", 'settings.log_color must be true or false, not "always"; write one of them, or remove the key'],
  ],
  [
    "settings:\n  selection_strategy: roundrobin\n",
    [
      "10:23",
      'settings.selection_strategy is "roundrobin"; did you mean round_robin? Write priority, round_robin, weighted, random, least_latency, least_busy or drain_soonest',
    ],
  ],
  [
    "settings:\n  selection_strategy: failover\n",
    [
      "10:23",
      'settings.selection_strategy is "failover"; write priority, round_robin, weighted, random, least_latency, least_busy or drain_soonest',
    ],
  ],
  ["settings:\n  session_affinity: true\n", ["10:21", "settings.session_affinity is true; write off or session"]],
  ["settings:\n  stream_failure: retry\n", ["10:19", 'settings.stream_failure is "retry"; write auto, error or abort']],
  [
    "settings:\n  failure_cooldown: 1m\n",
    ["10:21", 'settings.failure_cooldown must be a number, not the text "1m"; write 60'],
  ],
  ["settings:\n  failure_cooldown: -1\n", ["10:21", "settings.failure_cooldown is -1; write at least 0"]],
  ["settings:\n  unhealthy_threshold: 0\n", ["10:24", "settings.unhealthy_threshold is 0; write at least 1"]],
  [
    "settings:\n  unhealthy_http_codes: [999]\n",
    ["10:26", "settings.unhealthy_http_codes[0] is 999; write at most 599"],
  ],
  [
    'settings:\n  unhealthy_response_body_patterns: ["(a+)+$"]\n',
    [
      "10:38",
      "settings.unhealthy_response_body_patterns[0] is not a regular expression that can be used (it can take too long: one repetition lies in another, or two such as .* can share a text; bound them, as in .{0,40}); correct or remove it",
    ],
  ],
  [
    'settings:\n  unhealthy_response_body_patterns: ["("]\n',
    [
      "10:38",
      "settings.unhealthy_response_body_patterns[0] is not a regular expression that can be used (Unterminated group); correct or remove it",
    ],
  ],
  [
    "settings:\n  error_rules: [{}]\n",
    ["10:17", "settings.error_rules[0] has no action; add action: stop or failover"],
    ["10:17", "settings.error_rules[0] has neither status nor match and would catch every failure; add one of them"],
  ],
  [
    "settings:\n  error_rules: [{status: 529, action: retry}]\n",
    ["10:39", 'settings.error_rules[0].action is "retry"; write stop or failover'],
  ],
  [
    "settings:\n  error_rules: [{status: 5x, action: stop}]\n",
    ["10:26", 'settings.error_rules[0].status is "5x"; write a status such as 529, or a class such as "5xx"'],
  ],
  [
    'settings:\n  error_rules: [{match: "/(/", action: stop}]\n',
    [
      "10:25",
      "settings.error_rules[0].match is not a regular expression that can be used (Unterminated group); correct it, or write a plain text without slashes",
    ],
  ],
  [
    "settings:\n  auth: [a]\n",
    ["10:9", "settings.auth must be a section of keys, not a list; write them indented, one a line"],
  ],
  [
    'settings:\n  auth: {api_keys: ["${NOPE}"]}\n',
    ["10:21", "settings.auth.api_keys[0]: the environment variable NOPE is not set; set it"],
  ],
  [
    "settings:\n  auth: {api_keys: [short]}\n",
    ["10:21", "settings.auth.api_keys[0] has 5 characters; write at least 16, as openssl rand -hex 16 makes them"],
  ],
  [
    "settings:\n  auth: {enabled: true}\n",
    [
      "10:3",
      "settings.auth is enabled but has no key; add api_keys with one of at least 16 characters, or write enabled: false",
    ],
  ],
  [
    "settings:\n  allowed_hosts: [http://a.b]\n",
    ["10:19", "settings.allowed_hosts[0] is a URL or path; write the address alone, such as ccpb.example.com"],
  ],
  [
    'settings:\n  allowed_hosts: ["*"]\n',
    ["10:19", "settings.allowed_hosts[0] holds a *; names are compared whole, write each of them"],
  ],
  [
    "settings:\n  allowed_hosts: a.b\n",
    ["10:18", 'settings.allowed_hosts must be a list, not "a.b"; write each entry on a line of its own after "- "'],
  ],
  [
    "settings:\n  tls: true\n",
    ["10:8", "settings.tls must be a section of keys, not true; write them indented, one a line"],
  ],
  ["settings:\n  workers: 0\n", ["10:12", "settings.workers is 0; write at least 1"]],
  ["settings:\n  workers: max\n", ["10:12", 'settings.workers is "max"; write a number such as 4, or auto']],
  ["settings:\n  max_connections: 0\n", ["10:20", "settings.max_connections is 0; write at least 1"]],
  ["settings:\n  max_body_memory: 0\n", ["10:20", "settings.max_body_memory is 0; write at least 34"]],
  ["settings:\n  drain_timeout: -1\n", ["10:18", "settings.drain_timeout is -1; write at least 0"]],
  [
    "settings:\n  usage_folder: 5\n",
    ["10:17", "settings.usage_folder must be a text, and YAML reads this as a number; put it in quotes"],
  ],
  [
    "settings:\n  prices: {model: a}\n",
    [
      "10:11",
      'settings.prices must be a list, not a section of keys; write each entry on a line of its own after "- "',
    ],
  ],
  [
    "settings:\n  prices: [{model: a, input: -1, output: 1}]\n",
    ["10:30", "settings.prices[0].input is -1; write at least 0"],
  ],
  [
    "settings:\n  prices: [{model: a, input: 1, output: 1, currency: dollars}]\n",
    ["10:54", "settings.prices[0].currency must be a currency of three capitals; write one such as USD or CNY"],
  ],
  [
    "settings:\n  prices: [{model: a, input: 1}]\n",
    ["10:12", "settings.prices[0] has no output; add one, such as output: 3"],
  ],
  [
    "settings:\n  shared_state: redis://x\n",
    ["10:17", 'settings.shared_state must be a section of keys, not "redis://x"; write them indented, one a line'],
  ],
  [
    "settings:\n  shared_state: {redis: http://x}\n",
    [
      "10:25",
      "settings.shared_state.redis begins with neither redis:// nor rediss://; write redis://[user:password@]host[:port][/database]",
    ],
  ],
  [
    "settings:\n  early_headers: yes\n",
    ["10:18", 'settings.early_headers must be a number, not "yes"; write one such as 20'],
  ],
  [
    "settings:\n  failover_http_codes: [500]\n",
    [
      "10:3",
      "settings.failover_http_codes is ignored (error_rules or unhealthy_http_codes can add to what fails over); remove it",
    ],
  ],
  [
    "model_routes: [a]\n",
    ["9:15", "model_routes must be a section of keys, not a list; write them indented, one a line"],
  ],
  [
    'model_routes:\n  "*": anthropic\n',
    ["10:8", 'model_routes["*"] must be a list, not "anthropic"; write each entry on a line of its own after "- "'],
  ],
  ['model_routes:\n  "*": []\n', ["10:8", 'model_routes["*"] is empty; write at least one entry']],
  [
    'model_routes:\n  "*":\n    - provider: anthropic\n',
    ["11:7", 'model_routes["*"][0] has no model; add one, such as model: passthrough'],
  ],
  [
    'model_routes:\n  "*":\n    - {provider: anthropic, model: passthrough, priority: high}\n',
    ["11:59", 'model_routes["*"][0].priority must be a number, not "high"; write one such as 1'],
  ],
  [
    'model_routes:\n  "*":\n    provider: anthropic\n    model: passthrough\n',
    [
      "10:3",
      'model_routes["*"] must be a list, not a section of keys; write each entry on a line of its own after "- "',
    ],
  ],
  [
    "  settings:\n    port: 1\n",
    ["9:3", "this line is indented differently from the lines that it belongs to; align it with them"],
  ],
];

/** A line of a good file, what stands in its place, and what is said of that. */
const replaced: readonly (readonly [line: string, by: string, ...said: Said[]])[] = [
  [
    "auth_type: api_key",
    "auth_type: bearer",
    ["5:16", 'provider "anthropic": auth_type is "bearer"; write auth_token, which sends Authorization: Bearer'],
  ],
  [
    "auth_type: api_key",
    "auth_type: oauth",
    [
      "5:16",
      'provider "anthropic": auth_type is oauth, which ccpb does not do; write passthrough to forward the login of Claude Code itself',
    ],
  ],
  [
    "auth_value: sk-ant-0123456789abcdef",
    "auth_value: []",
    ["6:17", 'provider "anthropic": auth_value is empty; write at least one entry'],
  ],
  [
    "auth_value: sk-ant-0123456789abcdef",
    "auth_value: [sk-a-0123456789, sk-a-0123456789]",
    ["6:5", 'provider "anthropic": auth_value holds the same key twice; it counts once'],
  ],
  [
    "auth_value: sk-ant-0123456789abcdef",
    "auth_value: 12345678901234567890",
    ["6:17", 'provider "anthropic": auth_value must be a text, and YAML reads this as a number; put it in quotes'],
  ],
  [
    "auth_value: sk-ant-0123456789abcdef",
    'auth_value: "sk-ant\\n"',
    ["6:17", 'provider "anthropic": auth_value begins or ends with a space or line break; take it out'],
  ],
  [
    "auth_value: sk-ant-0123456789abcdef",
    "auth_value: Bearer sk-ant-0123456789abcdef",
    [
      "6:17",
      'provider "anthropic": auth_value begins with the word Bearer; leave it out, ccpb adds it where it belongs',
    ],
  ],
  [
    "auth_value: sk-ant-0123456789abcdef",
    "auth_value: 我的密钥",
    [
      "6:17",
      'provider "anthropic": auth_value holds a character that no key has and no header can carry (U+6211, character 1); write the key anew',
    ],
  ],
  [
    "auth_value: sk-ant-0123456789abcdef",
    'auth_value: " sk-ant-0123456789abcdef "',
    ["6:17", 'provider "anthropic": auth_value begins or ends with a space or line break; take it out'],
  ],
  [
    "auth_value: sk-ant-0123456789abcdef",
    "auth_value: $ANTHROPIC_API_KEY",
    [
      "6:17",
      'provider "anthropic": auth_value looks like the name of a variable, as other programs write it, and is sent as it stands; write ${NAME} for its value',
    ],
  ],
  [
    "auth_value: sk-ant-0123456789abcdef",
    'auth_value: "%ANTHROPIC_API_KEY%"',
    [
      "6:17",
      'provider "anthropic": auth_value looks like the name of a variable, as other programs write it, and is sent as it stands; write ${NAME} for its value',
    ],
  ],
  [
    "auth_value: sk-ant-0123456789abcdef",
    'auth_value: "{{ANTHROPIC_API_KEY}}"',
    [
      "6:17",
      'provider "anthropic": auth_value looks like the name of a variable, as other programs write it, and is sent as it stands; write ${NAME} for its value',
    ],
  ],
  [
    "auth_value: sk-ant-0123456789abcdef",
    "auth_value: env:ANTHROPIC_API_KEY",
    [
      "6:17",
      'provider "anthropic": auth_value looks like the name of a variable, as other programs write it, and is sent as it stands; write ${NAME} for its value',
    ],
  ],
  [
    "auth_value: sk-ant-0123456789abcdef",
    "auth_value: os.environ/ANTHROPIC_API_KEY",
    [
      "6:17",
      'provider "anthropic": auth_value looks like the name of a variable, as other programs write it, and is sent as it stands; write ${NAME} for its value',
    ],
  ],
  [
    "auth_value: sk-ant-0123456789abcdef",
    "auth_value: ${}",
    [
      "6:17",
      'provider "anthropic": auth_value has a ${…} that is neither ${NAME} nor ${NAME:-default}; write $${ for a plain ${',
    ],
  ],
  [
    "auth_value: sk-ant-0123456789abcdef",
    "auth_value: ${a b}",
    [
      "6:17",
      'provider "anthropic": auth_value has a ${…} that is neither ${NAME} nor ${NAME:-default}; write $${ for a plain ${',
    ],
  ],
  [
    "auth_value: sk-ant-0123456789abcdef",
    "auth_value: ${anthropic_key}",
    [
      "6:17",
      'provider "anthropic": auth_value: the environment variable anthropic_key is not set; set it, or disable the provider with enabled: false',
    ],
  ],
  [
    "auth_type: api_key",
    "auth_type: passthrough",
    [
      "6:5",
      'provider "anthropic": auth_value is not used with auth_type: passthrough; remove it, or write auth_type: api_key',
    ],
  ],
  [
    "base_url: https://api.anthropic.com",
    "base_url: https://api.anthropic.com/v1/messages",
    [
      "4:15",
      'provider "anthropic": base_url ends in /v1/messages, which ccpb adds itself for type: anthropic; write https://api.anthropic.com',
    ],
  ],
  [
    "base_url: https://api.anthropic.com",
    "base_url: https://api.anthropic.com/v1",
    ["4:15", 'provider "anthropic": base_url ends in /v1, and ccpb adds /v1/messages; write https://api.anthropic.com'],
  ],
  [
    "base_url: https://api.anthropic.com",
    "base_url: ws://api.anthropic.com",
    ["4:15", 'provider "anthropic": base_url must begin with https:// or http://; write https://api.example.com'],
  ],
  [
    "base_url: https://api.anthropic.com",
    "base_url: https://api.anthropic.com:99999",
    ["4:15", 'provider "anthropic": base_url has a port above 65535; write the right one'],
  ],
  [
    "base_url: https://api.anthropic.com",
    "base_url: https://api.anthropic.com?key=1",
    [
      "4:15",
      'provider "anthropic": base_url holds a query (?…); write the URL without it, headers can carry extra values',
    ],
  ],
  [
    "base_url: https://api.anthropic.com",
    'base_url: "https://api.anthropic.com#x"',
    ["4:15", 'provider "anthropic": base_url holds a fragment (#…); write the URL without it'],
  ],
  [
    "base_url: https://api.anthropic.com",
    'base_url: "https://api.anthropic .com"',
    ["4:15", 'provider "anthropic": base_url holds a space; write the URL without it'],
  ],
  [
    "base_url: https://api.anthropic.com",
    "base_url: https:\\\\api.anthropic.com",
    ["4:15", 'provider "anthropic": base_url holds a backslash; write / instead'],
  ],
  [
    "base_url: https://api.anthropic.com",
    'base_url: "[a](https://api.anthropic.com)"',
    ["4:15", 'provider "anthropic": base_url must begin with https:// or http://; write "https://api.anthropic.com"'],
  ],
  [
    "base_url: https://api.anthropic.com",
    "base_url: <https://api.anthropic.com>",
    ["4:15", 'provider "anthropic": base_url must begin with https:// or http://; write "https://api.anthropic.com"'],
  ],
  [
    "base_url: https://api.anthropic.com",
    "base_url: [https://api.anthropic.com]",
    ["4:15", 'provider "anthropic": base_url must be a text, not a list; write one such as https://api.anthropic.com'],
  ],
  [
    "base_url: https://api.anthropic.com",
    "base_url: 8080",
    ["4:15", 'provider "anthropic": base_url must be a text, and YAML reads this as a number; put it in quotes'],
  ],
  [
    "base_url: https://api.anthropic.com",
    "base_url: http://127.0.0.1:8080",
    [
      "4:15",
      'provider "anthropic": base_url is the address that ccpb itself listens on; write the address of the provider',
    ],
  ],
  [
    "base_url: https://api.anthropic.com",
    "base_url: http://localhost:8080/v1",
    [
      "4:15",
      'provider "anthropic": base_url ends in /v1, and ccpb adds /v1/messages; leave /v1 out unless the path really has it twice',
    ],
  ],
  [
    "type: anthropic",
    "type: claude",
    [
      "3:11",
      'provider "anthropic": type is "claude", and type is the API, not the vendor; write openai (Chat Completions or Responses), anthropic (Messages), bedrock or vertex',
    ],
  ],
  [
    "type: anthropic",
    "type: OpenAI",
    ["3:11", 'provider "anthropic": type is "OpenAI"; did you mean openai? Write anthropic, openai, bedrock or vertex'],
  ],
  [
    "type: anthropic",
    "type: azure",
    [
      "3:11",
      'provider "anthropic": type is "azure", and type is the API, not the vendor; write openai (Chat Completions or Responses), anthropic (Messages), bedrock or vertex',
    ],
  ],
  [
    "- name: anthropic",
    '- name: ""',
    ["2:11", "provider 1: name is empty; write a name, it appears in logs and in /providers"],
  ],
  [
    "- name: anthropic",
    '- name: "a\\nb"',
    ["2:11", 'provider "a\\nb": name holds a control character or line break; write the name on one line'],
  ],
  [
    "big_model: passthrough",
    "big_model: [a]",
    ["7:16", 'provider "anthropic": big_model must be a text, not a list; write one such as claude-opus-5'],
  ],
  [
    "big_model: passthrough",
    "big_model: Passthrough",
    [
      "7:16",
      'provider "anthropic": big_model is sent as a model of that name; write passthrough, in small letters and one word, to keep the client\'s name',
    ],
  ],
  [
    "big_model: passthrough",
    "big_model: pass-through",
    [
      "7:16",
      'provider "anthropic": big_model is sent as a model of that name; write passthrough, in small letters and one word, to keep the client\'s name',
    ],
  ],
  [
    "big_model: passthrough",
    'big_model: " claude "',
    ["7:16", 'provider "anthropic": big_model begins or ends with a space; write "claude"'],
  ],
];

/** Whole files, and what is said of them. */
const whole: readonly (readonly [file: string, ...said: Said[]])[] = [
  [
    "providers:\n  - anthropic\n",
    ["2:5", 'provider 1 must be a section of keys, not "anthropic"; write them indented, one a line'],
  ],
  [
    "providers:\n  anthropic:\n    type: anthropic\n",
    ["1:1", 'providers must be a list, not a section of keys; write each entry on a line of its own after "- "'],
  ],
  ["providers:\n", ["1:1", "providers has no value; add at least one provider below it"]],
  ["providers: []\n", ["1:1", "providers is empty; add at least one"]],
  [
    "providers:\n  -\n",
    ["2:4", "provider 1 has no keys; write its name, type, base_url and auth_value, or remove the dash"],
  ],
  [
    "[providers]\nname = 1\n",
    [
      "2:1",
      "YAML cannot read this; look for a quote, bracket or colon that is missing or too many here or in the line above",
    ],
  ],
  [
    "ANTHROPIC_API_KEY=sk-ant\n",
    [
      "1:1",
      "the configuration must be a section with the key providers, not lines of the form NAME=value, as of an env file or of TOML; see providers.example.yaml",
    ],
  ],
  [
    "<!DOCTYPE html>\n<html></html>\n",
    ["1:1", "the configuration must be a section with the key providers, not a web page; see providers.example.yaml"],
  ],
  [
    "providers:\n  - {name: b, type: bedrock}\n",
    ["2:5", 'provider "b" has no region; add region, or base_url for another endpoint'],
  ],
  [
    "providers:\n  - {name: b, type: vertex, region: global}\n",
    [
      "2:5",
      'provider "b" has no project; add project: my-project-1234: it is part of the address of a model at Vertex AI',
    ],
  ],
  [
    "providers:\n  - {name: b, type: vertex, project: a}\n",
    ["2:5", 'provider "b" has no region; add region, or base_url for another endpoint'],
  ],
  ["provider:\n  - name: a\n", ["1:1", '"provider" is no key at the top of the file; did you mean providers?']],
];

describe("a wrong configuration", () => {
  it.each(added.map(([lines, ...said]) => ({ lines, said })))(
    "with $lines is told what, where and what to write",
    ({ lines, said }) => {
      expect(saidOf(good + lines)).toEqual(said);
    },
  );

  it.each(replaced.map(([line, by, ...said]) => ({ line, by, said })))(
    "with $by is told what, where and what to write",
    ({ line, by, said }) => {
      expect(good).toContain(`${line}\n`);
      expect(saidOf(good.replace(line, () => by))).toEqual(said);
    },
  );

  it.each(whole.map(([file, ...said]) => ({ file, said })))(
    "$file is told what, where and what to write",
    ({ file, said }) => {
      expect(saidOf(file)).toEqual(said);
    },
  );

  it("with an auth_file that is not there is told so, and can be used once it is", () => {
    const [[place, message] = ["", ""]] = saidOf(
      good.replace("auth_type: api_key", "auth_type: file").replace(/auth_value.*/, "auth_file: nowhere.txt"),
    );
    expect(place).toBe("6:16");
    expect(message).toMatch(/^provider "anthropic": auth_file: .*nowhere\.txt does not exist.*correct the path/);
  });

  it("is told with a remedy in every message, and a place", () => {
    const all = [...added, ...replaced, ...whole].flatMap((row) => row.filter((cell) => typeof cell !== "string"));
    expect(all.length).toBeGreaterThan(100);
    expect(all.map(([, message]) => message).filter((message) => !remedy.test(message))).toEqual([]);
    expect(all.filter(([place]) => !/^\d+:\d+$/.test(place))).toEqual([]);
  });
});
