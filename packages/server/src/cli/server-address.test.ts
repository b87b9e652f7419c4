import { describe, expect, it, test } from "vitest";
import { TemporaryFolder } from "../../test/temporary-folder.ts";
import { ConfigError } from "../config/problems.ts";
import { serverAddress } from "./server-address.ts";

test.each([
  ["http://127.0.0.1:8080", "http://127.0.0.1:8080"],
  ["http://127.0.0.1:8080/", "http://127.0.0.1:8080"],
  ["127.0.0.1:8080", "http://127.0.0.1:8080"],
  ["localhost:8080", "http://localhost:8080"],
  ["ccpb.example.com", "http://ccpb.example.com"],
  ["https://ccpb.example.com/behind/a/proxy/", "https://ccpb.example.com/behind/a/proxy"],
  ["http://127.0.0.1:8080/ui", "http://127.0.0.1:8080"],
  ["https://ccpb.example.com/behind/ui/", "https://ccpb.example.com/behind"],
])("--url %s is the server at %s", (url, read) => {
  expect(serverAddress({ url }).url).toBe(read);
});

test.each(["", "nonsense", "ftp://127.0.0.1", "http://", "a server", "http://[::1", "localhost:port"])(
  "--url %j is a mistake of the command line",
  (url) => {
    expect(() => serverAddress({ url })).toThrow(
      expect.objectContaining({
        code: "configuration",
        message: expect.stringContaining("--url is no URL of a server"),
      }),
    );
  },
);

const variable = "${CCPB_TEST_UNSET_VARIABLE}";
const provider = `  - {name: a, type: anthropic, base_url: https://a.example, auth_value: "${variable}"}
`;
const operator = "operator-0123456789";

/** Answers with the server that a configuration with these settings names. */
function configured(settings: string): ReturnType<typeof serverAddress> {
  using folder = new TemporaryFolder();
  return serverAddress({ config: folder.write("providers.yaml", `providers:\n${provider}settings:\n${settings}`) });
}

describe("the server of a configuration is found in a shell", () => {
  it.each([
    ["without the key of a provider", "  port: 8081\n", undefined],
    [
      "without the keys of clients, and an operator's key is used",
      `  port: 8081\n  auth:\n    clients:\n      - {name: a, key: "${variable}"}\n      - {name: ops, key: ${operator}, role: operator}\n`,
      operator,
    ],
    [
      "without the operator's key",
      `  port: 8081\n  auth: {clients: [{name: ops, key: "${variable}", role: operator}]}\n`,
      undefined,
    ],
    ["without api_keys", `  port: 8081\n  auth: {api_keys: ["${variable}"]}\n`, undefined],
    ["that knows api_keys", `  port: 8081\n  auth: {api_keys: [${operator}]}\n`, operator],
    [
      "with hashes of keys alone",
      `  port: 8081\n  auth: {clients: [{name: ops, key_sha256: "${"0a".repeat(32)}", role: operator}]}\n`,
      undefined,
    ],
    [
      "where a role is wrong",
      `  port: 8081\n  auth: {clients: [{name: a, key: ${operator}, role: boss}]}\n`,
      undefined,
    ],
    ["where another setting is wrong", `  port: 8081\n  log_level: LOUD\n  webhooks: 3\n`, undefined],
    [
      "that listens for others, without its keys",
      `  host: 0.0.0.0\n  port: 8081\n  auth: {api_keys: ["${variable}"]}\n`,
      undefined,
    ],
  ])("%s", (_where, settings, apiKey) => {
    expect(configured(settings)).toEqual({
      url: "http://127.0.0.1:8081",
      ...(apiKey !== undefined && { apiKey }),
    });
  });

  it.each([
    ["  port: x\n", "4:9", /settings.port must be a number/],
    ["  host: a/b\n", "4:9", /settings.host is a URL or path/],
  ])(
    "but not where %j leaves open where it listens, which is told with its place alone",
    (settings, place, message) => {
      const error = (() => {
        try {
          return configured(settings);
        } catch (thrown) {
          return thrown;
        }
      })();
      if (!(error instanceof ConfigError)) throw error;
      expect(error.problems.map(({ line, column, severity }) => [`${line}:${column}`, severity])).toEqual([
        [place, "error"],
      ]);
      expect(error.problems[0]?.message).toMatch(message);
    },
  );
});
