import { expect, test } from "vitest";
import { redactSecrets } from "./redact.ts";

test.each([
  "sk-ant-api03-abcDEF123456_x",
  "sk-proj-abcDEF123456",
  "sk-or-v1-0123456789abcdef",
  "xai-abcDEF123456",
  "gsk_abcDEF123456",
  "pplx-abcDEF123456",
  "hf_abcDEFghijkl",
  "nvapi-abcDEF_123456",
  "fw_abcDEF123456",
  "csk-abcdef123456",
  "r8_abcDEF123456",
  "tgp_v1_abcDEF123456",
  "ghp_abcDEF1234567890",
  "github_pat_11ABCDEFG_abcdef",
  "glpat-abcDEF123456",
  "AKIAIOSFODNN7EXAMPLE",
  "ASIAIOSFODNN7EXAMPLE",
  "ya29.a0AfH6SMBx-y_z",
  "AIzaSyA1234567890abcdef",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
  "xoxb-1234567890-abcdef",
  "0123456789abcdef0123456789abcdef.AbCdEfGh12345678",
  "bce-v3/ALTAK-abc/def0123",
])("a key by its own form: %s", (key) => {
  for (const text of [`key ${key} is invalid`, `"${key}"`, `(${key})`, `[${key}] no`, `url?x=${key}&y=1`]) {
    expect(redactSecrets(text)).not.toContain(key);
    expect(redactSecrets(text)).toContain("[redacted]");
  }
});

test.each([
  ["Authorization: Bearer abc.def-1", "abc.def-1"],
  ["authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"],
  ["x-api-key: hunter2hunter2", "hunter2hunter2"],
  ['{"x-api-key":"hunter2hunter2"}', "hunter2hunter2"],
  ["x-goog-api-key=hunter2hunter2", "hunter2hunter2"],
  ["aws_secret_access_key=wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI/K7MDENG"],
  ["cookie: session=hunter2; other=hunter3", "hunter3"],
  ["GET https://host/v1?key=secret1&x=1", "secret1"],
  ["https://user:pass-word@host/v1", "pass-word"],
  ["-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----", "MIIE"],
])("a value by its name: %s", (text, secret) => {
  expect(redactSecrets(text)).not.toContain(secret);
  expect(redactSecrets(text)).toContain("[redacted]");
});

test.each([
  "request req_011CeCGmBjaWkq37Sf5iU7so failed",
  "Invalid API key: please check",
  "messages.1.content.0: Invalid `signature` in `thinking` block",
  "max_tokens: 128000 > 64000",
  "The model `claude-opus-5-5` does not exist",
  "trace 0123456789abcdef0123456789abcdef",
])("what is no secret stays: %s", (text) => {
  expect(redactSecrets(text)).toBe(text);
});

test.each([
  "eyJ-",
  "sk-",
  "Bearer ",
  "cookie:",
  "api_key= ",
  "://a:",
  "AIza",
  "-----BEGIN ",
  "password=",
  "x-api-key: ",
])("a megabyte of %s is read in linear time", (piece) => {
  const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
  expect(redactSecrets(text).length).toBeGreaterThan(0);
});

test.each([
  "eyJ",
  "sk-",
  "AIza",
  "bce-v3/",
  "Bearer ",
  "x-api-key: ",
  "cookie: ",
  "-----BEGIN PRIVATE KEY",
  "://a:",
  "?key=",
])("a run of ten million characters behind %s throws nothing, and stays redacted", (start) => {
  const clean = redactSecrets(`${start}${"a".repeat(10_000_000)}`);
  expect(clean.length).toBeLessThan(1_100_000);
});
