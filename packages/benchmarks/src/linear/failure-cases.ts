import { readErrorBody, readErrorValue } from "../../../core/src/failures/error-text.ts";
import { readFailure } from "../../../core/src/failures/failure.ts";
import { overflowMessage } from "../../../core/src/failures/limits.ts";
import { messagesErrorOf } from "../../../core/src/failures/messages-error.ts";
import { redactSecrets } from "../../../core/src/failures/redact.ts";
import type { AttemptFacts } from "../../../core/src/policy/attempt-facts.ts";
import { classify } from "../../../core/src/policy/classify.ts";
import type { LinearCase } from "./linear-case.ts";

/** Texts that make an expression look at the same characters again and again, by what it would be in search of. */
const texts: Readonly<Record<string, string>> = {
  "parts of tokens": "eyJ-",
  "prefixes of keys": "sk-",
  "headers of keys": "x-api-key: ",
  "schemes of authorization": "Bearer ",
  "users of addresses": "://a:",
  "starts of private keys": "-----BEGIN PRIVATE KEY ",
  digits: "1",
  "numbers with commas": "1,",
  "counts of tokens": "1 tokens ",
  "waits to retry": "retry in 1s ",
  "words for money": "no credit ",
  "words for a model": "model model_id ",
  "labels of relays": "Error: ",
  quotes: "'a ",
  apostrophes: "a'a ",
  "opening brackets": "({[",
  "white space": " ",
  "Chinese words for money": "余额",
  "Chinese words for length": "上下文超过",
  "prompts that are too long": "prompt tokens exceed ",
  "paths of the request": "messages.0.",
  "tags of pages": "<a ",
};

const facts: AttemptFacts = {
  providerType: "openai",
  dialect: "chat",
  stream: true,
  hasContent: false,
  hasThinking: true,
  asksForThinking: true,
  isDialectOpen: true,
  maxTokens: 128_000,
  retried: new Set(),
  wallNowMs: 1_800_000_000_000,
};

/** Bodies of failing replies by where the text stands in them. */
const bodies: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  JSON: (text) => JSON.stringify({ error: { message: text, type: "invalid_request_error" } }),
  HTML: (text) => `<html>${text}`,
  "an event stream": (text) => `data: ${text}\ndata:${text}`,
  "JSON in a message": (text) => JSON.stringify({ message: `Error: ${JSON.stringify({ error: { message: text } })}` }),
};

const statuses = [400, 403, 413, 429, 500];

function everyReading(body: string): void {
  for (const status of statuses) {
    classify({ type: "response", status, headers: { "retry-after": body }, body }, facts, []);
    const failure = readFailure({ status, headers: {}, body });
    messagesErrorOf(failure);
    overflowMessage(failure.text);
  }
}

/** The readers of upstream errors, the classifier and the redactor, each with text that its expressions could stumble over. */
export const failureCases: readonly LinearCase[] = [
  ...Object.entries(texts).flatMap(([name, part]): readonly LinearCase[] => [
    {
      name: `redactor: ${name}`,
      size: 200_000,
      prepare: (size) => {
        const text = repeated(part, size);
        return () => redactSecrets(text);
      },
    },
    {
      name: `classifier: ${name}`,
      size: 200_000,
      prepare: (size) => {
        const whole = Object.values(bodies).map((write) => write(repeated(part, size)));
        return () => whole.forEach(everyReading);
      },
    },
  ]),
  {
    name: "error reader: members of an error",
    size: 16_000,
    prepare: (size) => {
      const members = Object.fromEntries(Array.from({ length: size }, (_, index) => [`k${index}`, { error: {} }]));
      const body = JSON.stringify({ error: members });
      return () => readErrorBody(body);
    },
  },
  {
    name: "error reader: list of validation errors",
    size: 32_000,
    prepare: (size) => {
      const detail = Array.from({ length: size }, (_, index) => ({ loc: ["body", "messages", index], msg: "no" }));
      return () => readErrorValue({ detail });
    },
  },
  {
    name: "error reader: JSON within JSON",
    size: 200_000,
    prepare: (size) => {
      const body = JSON.stringify({ message: `{"message":"${"{".repeat(size)}"}` });
      return () => readErrorBody(body);
    },
  },
  {
    name: "error reader: frames of an event stream",
    size: 2_000,
    prepare: (size) => {
      const body = "data: {\n".repeat(size);
      return () => readErrorBody(body);
    },
  },
];

function repeated(part: string, length: number): string {
  return part.repeat(Math.ceil(length / part.length));
}
