import { expect, test } from "vitest";
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
