import { describe, expect, it } from "vitest";
import { CcpbError } from "../../src/base/errors.ts";
import type { MessageStreamEvent } from "../../src/protocol/anthropic.ts";
import { ChatStreamTranslator } from "../../src/dialects/chat/stream.ts";
import { chatStreamTransform, translateChatStream } from "../../src/dialects/iterate.ts";
import { readSignature } from "../../src/conversation/ids/signature.ts";
import { fromChatCompletion } from "../../src/dialects/chat/response.ts";
import { contextOf, counted, frame, readSizes, runStream } from "./stream-run.ts";

const text = (content: string) => ({ id: "x", choices: [{ index: 0, delta: { content }, finish_reason: null }] });
const delta = (members: object) => ({ id: "x", choices: [{ index: 0, delta: members, finish_reason: null }] });
const tool = (entry: object) => delta({ tool_calls: [entry] });
const finish = (reason: string) => ({ id: "x", choices: [{ index: 0, delta: {}, finish_reason: reason }] });
const bytes = (chunks: readonly unknown[]) => new TextEncoder().encode(frame(chunks));

describe("S-90: stop sequences that the upstream was not told", () => {
  it.each(readSizes)(
    "cut the text at the first match and end the answer at once, read %i bytes at a time",
    (readSize) => {
      const context = contextOf({ stopSequences: ["END", "</stop>"], localStopSequences: ["END", "</stop>"] });
      const run = runStream(frame([text("one </st"), text("o"), text("p> two"), text(" three")]), readSize, context);
      expect(run.problems).toEqual([]);
      expect(run.translator.state).toBe("complete");
      expect(run.message).toMatchObject({
        content: [{ text: "one " }],
        stop_reason: "stop_sequence",
        stop_sequence: "</stop>",
      });
    },
  );

  it("give back what only looked like one", () => {
    const context = contextOf({ localStopSequences: ["END"] });
    const run = runStream(frame([text("the EN"), text("ormous E"), finish("stop"), "[DONE]"]), 16_384, context);
    expect(run.message).toMatchObject({ content: [{ text: "the ENormous E" }], stop_reason: "end_turn" });
  });

  it("do not apply to thinking and to tool arguments", () => {
    const context = contextOf({ localStopSequences: ["END"] });
    const chunks = [
      delta({ reasoning: "END" }),
      tool({ index: 0, id: "c", function: { name: "f", arguments: '{"a":"END"}' } }),
      finish("tool_calls"),
    ];
    expect(runStream(frame(chunks), 16_384, context).message).toMatchObject({
      content: [{ thinking: "END" }, { input: { a: "END" } }],
      stop_reason: "tool_use",
    });
  });
});

describe("S-91: nothing is given out before content", () => {
  it.each([
    ["a role", delta({ role: "assistant", content: "" })],
    ["white space", text(" \n")],
    ["usage", { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } }],
    ["a keep-alive", { id: "x" }],
    ["null", null],
  ])("%s is no content", (_title, chunk) => {
    const translator = new ChatStreamTranslator(contextOf());
    expect(translator.push(bytes([chunk]))).toEqual([]);
    expect(translator.state).toBe("prelude");
    expect(translator.push(bytes([{ error: { message: "busy", code: 503 } }]))).toEqual([]);
    expect(translator.state).toBe("failed");
    expect(translator.failure).toEqual({ type: "error", error: { message: "busy", code: "503" }, status: 503 });
    expect(translator.ending()).toEqual([]);
    expect(translator.push(bytes([text("late")]))).toEqual([]);
  });

  it.each([
    ["text", text("a")],
    ["the start of thinking", delta({ reasoning_content: "a" })],
    ["the start of a tool call", tool({ index: 0, id: "c", function: { name: "f", arguments: "" } })],
    ["a finish reason", finish("stop")],
  ])("%s opens the gate", (_title, chunk) => {
    const translator = new ChatStreamTranslator(contextOf());
    expect(
      translator
        .push(bytes([chunk]))
        .map(({ type }) => type)
        .slice(0, 2),
    ).toEqual(["message_start", "ping"]);
    expect(translator.state).toBe("content");
  });

  it("holds at most 2,000 events back", () => {
    const translator = new ChatStreamTranslator(contextOf());
    translator.push(bytes(Array.from({ length: 2_001 }, () => delta({ role: "assistant" }))));
    expect(translator.failure?.type).toBe("too-large");
  });

  it("takes [DONE] alone for no answer", () => {
    const run = runStream(frame([delta({ role: "assistant" }), "[DONE]"]), 16_384);
    expect(run.events).toEqual([]);
    expect(run.translator.failure?.type).toBe("not-an-answer");
  });
});

describe("S-92: a JSON answer in place of a stream", () => {
  const answer = {
    id: "x",
    choices: [{ index: 0, message: { role: "assistant", content: "Hi", reasoning: "hm" }, finish_reason: "stop" }],
  };

  it.each(readSizes)("is translated after any white space, read %i bytes at a time", (readSize) => {
    const run = runStream(`\uFEFF \r\n\t${JSON.stringify(answer, null, 1)}\n`, readSize);
    expect(run.problems).toEqual([]);
    expect(run.message).toMatchObject({ content: [{ thinking: "hm" }, { text: "Hi" }], stop_reason: "end_turn" });
  });

  it.each([
    ['{"a":1,}', '{"a":1}'],
    ['{"a":[1]', '{"a":[1]}'],
    ['{}{"a":1}', '{"a":1}'],
    ['{"a": 1.0}', '{"a": 1.0}'],
  ])("has its arguments put right before they are given out: %s", (args, json) => {
    const message = { tool_calls: [{ id: "c", function: { name: "f", arguments: args } }] };
    const run = runStream(JSON.stringify({ choices: [{ index: 0, message, finish_reason: "tool_calls" }] }), 7);
    expect(run.problems).toEqual([]);
    expect(run.events).toContainEqual({
      type: "content_block_delta",
      index: 0,
      delta: { type: "input_json_delta", partial_json: json },
    });
  });

  it.each([
    ["an error", '{"error":{"message":"busy","code":429}}', "error"],
    ["cut JSON", '{"choices":[{"mes', "not-an-answer"],
    ["other JSON", '{"status":"ok"}', "not-an-answer"],
    ["text", "Bad gateway", "not-an-answer"],
    ["compressed bytes", "\u001f\u008b\b\u0000", "not-an-answer"],
    ["white space", " \n\n", "not-an-answer"],
  ])("that is %s fails before any event", (_title, body, type) => {
    const run = runStream(body, 7);
    expect(run.events).toEqual([]);
    expect(run.translator.failure?.type).toBe(type);
  });
});

describe("S-95: the same chunks", () => {
  it("give the same events", () => {
    const body = frame([
      delta({ reasoning: "a" }),
      text("b"),
      tool({ index: 0, function: { name: "f", arguments: "{}" } }),
      finish("stop"),
      "[DONE]",
    ]);
    expect(runStream(body, 7).events).toEqual(runStream(body, 7).events);
    expect(runStream(body, 1).events).toEqual(runStream(body, 16_384).events);
  });
});

describe("S-98: large events", () => {
  it("of several megabytes go through, and larger ones than allowed fail", () => {
    const large = "x".repeat(3 * 1024 * 1024);
    const run = runStream(frame([text(large), finish("stop"), "[DONE]"]), 16_384);
    expect(run.message).toMatchObject({ content: [{ text: large }] });
    const bounded = runStream(frame([text("a"), text(large)]), 16_384, contextOf(), { maxBufferSize: 100_000 });
    expect(bounded.translator.failure?.type).toBe("too-large");
    expect(bounded.events.at(-1)?.type).toBe("error");
  });

  it("do not pile up behind an unfinished tool call", () => {
    const chunks = [
      tool({ index: 0, id: "c", function: { name: "f", arguments: "" } }),
      ...Array.from({ length: 100 }, () => text("y".repeat(1_000))),
    ];
    const run = runStream(frame(chunks), 16_384, contextOf(), { maxBufferSize: 20_000 });
    expect(run.translator.failure?.type).toBe("too-large");
    expect(run.problems).toEqual([]);
  });
});

describe("S-99: think tags", () => {
  it.each(readSizes)("are split into thinking blocks, cut anywhere, read %i bytes at a time", (readSize) => {
    const chunks = [
      text("<thi"),
      text("nk>hm</th"),
      text("ink>\n\nA < B <"),
      text("think>more</think>C"),
      finish("stop"),
      "[DONE]",
    ];
    const run = runStream(frame(chunks), readSize, contextOf({ thinkTags: true }));
    expect(run.problems).toEqual([]);
    expect(run.message).toMatchObject({
      content: [{ thinking: "hm" }, { text: "\n\nA < B " }, { thinking: "more" }, { text: "C" }],
    });
  });

  it.each(readSizes)("may be a lone closing one, read %i bytes at a time", (readSize) => {
    const chunks = [text("I must"), text(" think.</th"), text("ink>42"), finish("stop"), "[DONE]"];
    const content = [{ thinking: "I must think." }, { text: "42" }];
    const context = contextOf({ thinkTags: true });
    expect(runStream(frame(chunks), readSize, context).message).toMatchObject({ content });
    const whole = { choices: [{ message: { content: "I must think.</think>42" }, finish_reason: "stop" }] };
    expect(fromChatCompletion(whole, context).message).toMatchObject({ content });
  });

  it("are text where the profile does not ask", () => {
    expect(runStream(frame([text("<think>hm</think>A"), finish("stop")]), 7).message?.content).toMatchObject([
      { text: "<think>hm</think>A" },
    ]);
  });
});

describe("S-100: tool arguments that are not valid at a healthy finish", () => {
  const run = (args: string, reason = "tool_calls") =>
    runStream(
      frame([tool({ index: 0, id: "c", function: { name: "f", arguments: args } }), finish(reason), "[DONE]"]),
      16_384,
    );
  const json = ({ events }: { readonly events: readonly MessageStreamEvent[] }) =>
    events
      .map((event) =>
        event.type === "content_block_delta" && event.delta.type === "input_json_delta" ? event.delta.partial_json : "",
      )
      .join("");

  it("are closed where brackets behind a complete value are all that is missing", () => {
    const closed = run('{"a":{"b":["x"');
    expect(json(closed)).toBe('{"a":{"b":["x"]}}');
    expect(closed.problems).toEqual([]);
    expect(closed.translator.warnings.map(({ code }) => code)).toEqual(["tool_json_repaired"]);
  });

  it.each([
    '{"command":"rm -rf ./build',
    '{"a":1,}',
    '{"a":[1,2',
    '{"a":tru',
    '{"a":{"b":',
    '{"a": foo}',
    "{",
    "oops",
    '"{\\"a\\":\\"b',
    '```json\n{"a":"b',
    '{}{"a":"b',
  ])("break the answer with their block left open where they are cut or no JSON: %s", (args) => {
    for (const reason of ["tool_calls", "stop", "function_call", "eos", "content_filter"]) {
      const broken = run(args, reason);
      expect(broken.translator.state).toBe("failed");
      expect(broken.events.at(-1)?.type).toBe("error");
      expect(broken.events.map(({ type }) => type)).not.toContain("content_block_stop");
      expect(broken.events.map(({ type }) => type)).not.toContain("message_stop");
      expect(broken.problems).toEqual([]);
    }
  });

  it.each(['{"command":"rm -rf ./build', '{"command":"rm -rf ./build"', "{", "", "oops"])(
    "leave their block open where the answer's limit cut them: %s",
    (args) => {
      const cut = run(args, "length");
      expect(cut.translator.state).toBe("complete");
      expect(cut.message).toMatchObject({ stop_reason: "max_tokens", content: [] });
      expect(cut.events.map(({ type }) => type)).not.toContain("content_block_stop");
      expect(cut.problems).toEqual([]);
    },
  );

  it.each(['{"a":"}"}}', '{"a":"}"}{"a":"}"}', '{"a":"}"}\n```\nDone.'])("lose what stands behind them: %s", (args) => {
    expect(json(run(args))).toBe('{"a":"}"}');
    expect(run(args).problems).toEqual([]);
    expect(run(args).translator.warnings.map(({ code }) => code)).toEqual(["tool_json_repaired"]);
  });

  it("are left as they came where the answer was cut by its limit", () => {
    expect(json(run('{"a":"x', "length"))).toBe('{"a":"x');
  });

  it.each([
    ["null", ""],
    ["  ", ""],
    ['"{\\"a\\":1}"', '{"a":1}'],
    ['```json\n{"a":1}\n```', '{"a":1}'],
    ["[1]", '{"value":[1]}'],
    ['"a":{"b":1},"c":"}"}', '{"a":{"b":1},"c":"}"}'],
    ['{}{"location":"Paris"}', '{"location":"Paris"}'],
  ])("are put right where they do not begin as an object: %s", (args, expected) => {
    expect(json(run(args))).toBe(expected);
    expect(run(args).problems).toEqual([]);
  });
});

describe("S-101: one message", () => {
  it("comes of a stream whose id and model change on the way", () => {
    const chunks = [
      text("a"),
      { ...text("b"), id: "y", model: "other" },
      delta({ role: "assistant" }),
      { ...finish("stop"), id: "z" },
      "[DONE]",
    ];
    const { events, message } = runStream(frame(chunks), 16_384);
    expect(events.filter(({ type }) => type === "message_start")).toHaveLength(1);
    expect(message?.content).toMatchObject([{ text: "ab" }]);
  });
});

describe("tool calls in vendors' ways", () => {
  const calls = (chunks: readonly unknown[]) =>
    runStream(frame([...chunks, finish("tool_calls"), "[DONE]"]), 16_384).message?.content.map((block) =>
      block.type === "tool_use" ? [block.name, block.input] : block.type,
    );
  const piece = (args: string, more: object = {}) => ({ function: { arguments: args }, ...more });

  it.each([
    [
      "a new id with every piece (vLLM)",
      [
        tool({ index: 0, id: "a", function: { name: "f", arguments: "" } }),
        tool(piece('{"x"', { index: 0, id: "b" })),
        tool(piece(":1}", { index: 0, id: "c" })),
      ],
      [["f", { x: 1 }]],
    ],
    [
      "two calls without id and index in one delta",
      [delta({ tool_calls: [{ function: { name: "f", arguments: "" } }, { function: { name: "f", arguments: "" } }] })],
      [
        ["f", {}],
        ["f", {}],
      ],
    ],
    [
      "two calls with the same index and no ids",
      [
        tool({ index: 0, id: "", function: { name: "f", arguments: '{"x":1}' } }),
        tool({ index: 0, id: "", function: { name: "g", arguments: '{"y":2}' } }),
      ],
      [
        ["f", { x: 1 }],
        ["g", { y: 2 }],
      ],
    ],
    [
      "an index only on the pieces",
      [tool({ id: "a", function: { name: "f", arguments: "" } }), tool(piece('{"x":1}', { index: 0 }))],
      [["f", { x: 1 }]],
    ],
    [
      "a doubled closing piece",
      [
        tool({ index: 0, id: "a", function: { name: "f", arguments: '{"x":1}' } }),
        tool({ index: 0, id: "a", function: { name: "f", arguments: '{"x":1}' } }),
      ],
      [["f", { x: 1 }]],
    ],
    [
      "two equal calls without ids (Gemini)",
      [
        tool({ index: 0, id: "", function: { name: "dice", arguments: "{}" } }),
        tool({ index: 0, id: "", function: { name: "dice", arguments: "{}" } }),
      ],
      [
        ["dice", {}],
        ["dice", {}],
      ],
    ],
    [
      "a blank last piece (Alibaba)",
      [
        tool({ index: 0, id: "a", function: { name: "f", arguments: '{"x":1}' } }),
        tool({ index: 0, id: "", type: "function", function: { arguments: "" } }),
      ],
      [["f", { x: 1 }]],
    ],
    ["an empty entry", [tool({}), tool({ index: 0, id: "a", function: { name: "f", arguments: "{}" } })], [["f", {}]]],
    [
      "a legacy function call",
      [delta({ function_call: { name: "f", arguments: '{"x"' } }), delta({ function_call: { arguments: ":1}" } })],
      [["f", { x: 1 }]],
    ],
    [
      "three calls interleaved",
      [0, 1, 2]
        .flatMap((index) => [tool({ index, id: `c${index}`, function: { name: `f${index}`, arguments: "" } })])
        .concat([2, 0, 1, 2, 1, 0].map((index, step) => tool(piece(step < 3 ? '{"x":' : "1}", { index })))),
      [
        ["f0", { x: 1 }],
        ["f1", { x: 1 }],
        ["f2", { x: 1 }],
      ],
    ],
    [
      "text between calls",
      [
        tool({ index: 0, id: "a", function: { name: "f", arguments: "{}" } }),
        text(" "),
        text("and"),
        tool({ index: 1, id: "b", function: { name: "g", arguments: "{}" } }),
      ],
      [["f", {}], "text", ["g", {}]],
    ],
    [
      "text inside unfinished arguments",
      [
        tool({ index: 0, id: "a", function: { name: "f", arguments: '{"x"' } }),
        text("and"),
        tool(piece(":1}", { index: 0 })),
      ],
      [["f", { x: 1 }], "text"],
    ],
    [
      "an empty object in front of the arguments (Claude behind Envoy's gateway)",
      [
        tool({ index: 0, id: "a", function: { name: "f", arguments: "{}" } }),
        tool(piece("", { index: 0 })),
        tool(piece('{"x"', { index: 0 })),
        tool(piece(":1}", { index: 0 })),
        tool({ index: 1, id: "b", function: { name: "g", arguments: {} } }),
        tool(piece('{"y":2}', { index: 1 })),
      ],
      [
        ["f", { x: 1 }],
        ["g", { y: 2 }],
      ],
    ],
    [
      "an empty object and its repetition",
      [
        tool({ index: 0, id: "a", function: { name: "f", arguments: "{}" } }),
        tool({ index: 0, id: "a", function: { name: "f", arguments: "{}" } }),
        tool(piece("{}", { index: 0 })),
      ],
      [["f", {}]],
    ],
    [
      "members in pieces whose first bracket is missing (vLLM)",
      [
        tool({ index: 0, id: "a", function: { name: "f", arguments: "" } }),
        ...['"x": {"y"', ': 1}, "z', '": [2]', "}"].map((args) => tool(piece(args, { index: 0 }))),
        tool({ index: 1, id: "b", function: { name: "g", arguments: '{"y":2}' } }),
      ],
      [
        ["f", { x: { y: 1 }, z: [2] }],
        ["g", { y: 2 }],
      ],
    ],
    [
      "numbers as text",
      [
        tool({ index: "0", id: "a", function: { name: "f", arguments: '{"x":' } }),
        tool({ index: "1", id: "b", function: { name: "g", arguments: '{"y":' } }),
        tool(piece("1}", { index: "0" })),
        tool(piece("2}", { index: "1" })),
      ],
      [
        ["f", { x: 1 }],
        ["g", { y: 2 }],
      ],
    ],
    [
      "a closing piece that repeats the call in other white space",
      [
        tool({ index: 0, id: "a", function: { name: "f", arguments: '{"x":1,"y":[2]}' } }),
        tool({ index: 0, id: "a", function: { name: "f", arguments: '{ "y": [2],\n "x": 1 }' } }),
      ],
      [["f", { x: 1, y: [2] }]],
    ],
    [
      "a closing piece that repeats the call by its name, without the id that it had",
      [
        tool({ index: 0, id: "a", function: { name: "f", arguments: '{"x":1}' } }),
        tool({ index: 0, function: { name: "f", arguments: '{ "x": 1 }' } }),
      ],
      [["f", { x: 1 }]],
    ],
    [
      "a closing piece that repeats the call as a text in a text",
      [
        tool({ index: 0, id: "a", function: { name: "f", arguments: '{"x":1}' } }),
        tool({ index: 0, id: "a", function: { name: "f", arguments: '"{\\"x\\": 1}"' } }),
      ],
      [["f", { x: 1 }]],
    ],
    [
      "a name in pieces",
      [
        tool({ index: 0, id: "a", function: { name: "get_", arguments: "" } }),
        tool({ index: 0, function: { name: "wea" } }),
        tool({ index: 0, function: { name: "ther", arguments: "" } }),
        tool(piece('{"x":1}', { index: 0 })),
      ],
      [["get_weather", { x: 1 }]],
    ],
    [
      "a name that is said again as it grows, and no arguments",
      [
        tool({ index: 0, id: "a", function: { name: "get_", arguments: "" } }),
        tool({ index: 0, id: "a", function: { name: "get_weather" } }),
      ],
      [["get_weather", {}]],
    ],
    [
      "an empty object split from the real arguments",
      ["{", "}", " ", '{"x"', ":1}"].map((args, at) =>
        tool(piece(args, { index: 0, ...(at === 0 && { id: "a", function: { name: "f", arguments: args } }) })),
      ),
      [["f", { x: 1 }]],
    ],
  ])("%s", (_title, chunks, expected) => {
    expect(calls(chunks)).toEqual(expected);
  });

  it("takes two names that were both offered for two calls", () => {
    const chunks = [tool({ index: 0, function: { name: "get" } }), tool({ index: 0, function: { name: "put" } })];
    const names = (offeredTools?: ReadonlySet<string>) =>
      runStream(
        frame([...chunks, finish("stop")]),
        16_384,
        contextOf(offeredTools && { offeredTools }),
      ).message?.content.map((block) => (block.type === "tool_use" ? block.name : ""));
    expect(names(new Set(["get", "put"]))).toEqual(["get", "put"]);
    expect(names(new Set(["getput"]))).toEqual(["getput"]);
    expect(names()).toEqual(["getput"]);
  });

  it.each([
    ["with arguments", tool({ index: 0, id: "a", function: { arguments: '{"x":1}' } })],
    ["with an id alone", tool({ index: 0, id: "a", function: { name: "" } })],
    ["in the legacy form", delta({ function_call: { arguments: "{}" } })],
  ])("a call without a name %s breaks the answer", (_title, chunk) => {
    for (const reason of ["tool_calls", "stop"]) {
      const broken = runStream(frame([text("A"), chunk, finish(reason), "[DONE]"]), 16_384);
      expect(broken.translator.failure).toEqual({ type: "junk", detail: "a tool call without a name" });
      expect(broken.problems).toEqual([]);
    }
  });

  it("gives arguments out as they come, and the next call once the first is whole", () => {
    const translator = new ChatStreamTranslator(contextOf());
    const types = (chunk: unknown) =>
      translator
        .push(bytes([chunk]))
        .map((event) => (event.type === "content_block_delta" ? event.delta.type : event.type));
    expect(types(tool({ index: 0, id: "a", function: { name: "f", arguments: '{"x"' } }))).toEqual([
      "message_start",
      "ping",
      "content_block_start",
      "input_json_delta",
    ]);
    expect(types(tool({ index: 1, id: "b", function: { name: "g", arguments: '{"y":2}' } }))).toEqual([]);
    expect(translator.sawKeepAlive).toBe(true);
    expect(types(tool(piece(":1}", { index: 0 })))).toEqual([
      "input_json_delta",
      "content_block_stop",
      "content_block_start",
      "input_json_delta",
    ]);
    expect(types(finish("tool_calls"))).toEqual([]);
  });

  it("never closes a call on a broken stream, even one whose arguments are whole", () => {
    const { events, translator } = runStream(
      frame([tool({ index: 0, id: "a", function: { name: "f", arguments: "{}" } })]),
      16_384,
    );
    expect(translator.failure).toEqual({ type: "truncated" });
    expect(events.map(({ type }) => type)).not.toContain("content_block_stop");
  });
});

describe("reasoning", () => {
  const details = (entry: object) => delta({ reasoning_details: [entry] });

  it("is signed once, with its origin", () => {
    const { events } = runStream(
      frame([delta({ reasoning: "a" }), delta({ reasoning: "b" }), text("c"), finish("stop")]),
      16_384,
      contextOf({ provider: "p" }),
    );
    const signatures = events.flatMap((event) =>
      event.type === "content_block_delta" && event.delta.type === "signature_delta" ? [event.delta.signature] : [],
    );
    expect(signatures.map(readSignature)).toEqual([{ provider: "p", origin: { kind: "rc" } }]);
  });

  it("keeps opaque details for replay, put together", () => {
    const chunks = [
      details({ type: "reasoning.text", index: 0, text: "a", format: "f" }),
      details({ type: "reasoning.text", index: 0, text: "b", signature: "S" }),
      details({ type: "reasoning.encrypted", index: 1, data: "D" }),
      text("c"),
      finish("stop"),
    ];
    const { message } = runStream(frame(chunks), 16_384);
    const [block] = message?.content ?? [];
    expect(block).toMatchObject({ type: "thinking", thinking: "ab" });
    expect(readSignature(block?.type === "thinking" ? block.signature : "")?.origin).toEqual({
      kind: "rd",
      details: [
        { type: "reasoning.text", index: 0, text: "ab", format: "f", signature: "S" },
        { type: "reasoning.encrypted", index: 1, data: "D" },
      ],
    });
  });

  it("that comes encrypted after a tool call gets an empty block at the end, but none after text", () => {
    const encrypted = details({ type: "reasoning.encrypted", index: 0, data: "D" });
    const call = tool({ index: 0, id: "a", function: { name: "f", arguments: "{}" } });
    const types = (chunks: readonly unknown[]) =>
      runStream(frame([...chunks, finish("stop")]), 16_384).message?.content.map(({ type }) => type);
    expect(types([call, encrypted])).toEqual(["tool_use", "thinking"]);
    expect(types([encrypted, call])).toEqual(["thinking", "tool_use"]);
    expect(types([text("a"), encrypted])).toEqual(["text"]);
    expect(types([text("a"), encrypted, call])).toEqual(["text", "thinking", "tool_use"]);
  });
});

describe("counts in several chunks", () => {
  const usageOf = (...counts: readonly object[]) =>
    runStream(frame([...counts.map((usage) => ({ ...text("A"), usage })), finish("stop"), "[DONE]"]), 16_384).message
      ?.usage;

  it("are put together where the prompt comes first and the output last", () => {
    const prompt = { prompt_tokens: 10, completion_tokens: null, prompt_tokens_details: { cached_tokens: 4 } };
    const both = { input_tokens: 6, cache_read_input_tokens: 4, output_tokens: 5 };
    expect(usageOf(prompt, { completion_tokens: 5 })).toMatchObject(both);
    expect(usageOf(prompt, { prompt_tokens: null, completion_tokens: 5, total_tokens: null })).toMatchObject(both);
    expect(usageOf(prompt, { prompt_tokens: 0, completion_tokens: 5, total_tokens: 5 })).toMatchObject(both);
  });

  it("are those of the last that counts both, and zeros alone count nothing", () => {
    const first = { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 4 } };
    const last = { prompt_tokens: 12, completion_tokens: 5 };
    const wanted = { input_tokens: 12, cache_read_input_tokens: 0, output_tokens: 5 };
    expect(usageOf(first, last)).toMatchObject(wanted);
    expect(usageOf(last, { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 })).toMatchObject(wanted);
  });
});

describe("the end of a stream", () => {
  it("is complete at [DONE] after a finish reason, whatever follows", () => {
    const translator = new ChatStreamTranslator(contextOf());
    translator.push(bytes([text("a"), finish("stop"), "[DONE]", "junk"]));
    expect(translator.state).toBe("complete");
    expect(translator.push(bytes([text("b")]))).toEqual([]);
    expect(translator.end()).toEqual([]);
  });

  it("waits after a finish reason for usage, and is complete when the upstream ends or falls silent", () => {
    const translator = new ChatStreamTranslator(contextOf());
    translator.push(bytes([text("a"), finish("stop")]));
    expect([translator.state, translator.hasFinishReason]).toEqual(["content", true]);
    translator.push(bytes([{ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } }]));
    expect(translator.end().map(({ type }) => type)).toEqual(["content_block_stop", "message_delta", "message_stop"]);
    expect(translator.state).toBe("complete");
    expect(translator.usage).toEqual({ inputTokens: 3, outputTokens: 4, cacheReadTokens: 0, cacheCreationTokens: 0 });
    expect(translator.stopReason).toBe("end_turn");
  });

  it("is truncation without a finish reason, also in the middle of an event", () => {
    for (const body of [
      frame([text("a")]),
      `${frame([text("a")])}data: {"choices":[{"ind`,
      `${frame([text("a")])}dat`,
    ]) {
      expect(runStream(body, 16_384).translator.failure).toEqual({ type: "truncated" });
    }
  });

  it("is truncation at [DONE] where a tool call is unfinished and no reason was given", () => {
    expect(
      runStream(frame([tool({ index: 0, id: "a", function: { name: "f", arguments: '{"x' } }), "[DONE]"]), 7).translator
        .failure,
    ).toEqual({ type: "truncated" });
  });

  describe.each([1, 7, 16_384])("bytes that are no UTF-8, read %i at a time", (size) => {
    const bad = (chunk: unknown) => {
      const event = bytes([chunk]);
      event[event.indexOf(0x21)] = 0xff; // in place of the `!`
      return [...event];
    };
    const stream = (chunks: readonly (readonly number[])[]) => runStream(new Uint8Array(chunks.flat()), size);
    const good = (chunk: unknown) => [...bytes([chunk])];

    it("take the event that they stand in, and no other", () => {
      const run = stream([good(text("a")), bad(text("x!y")), good(text("b")), good(finish("stop"))]);
      expect(run.problems).toEqual([]);
      expect(run.message).toMatchObject({ content: [{ text: "ab" }], stop_reason: "end_turn" });
      expect(run.translator.warnings.map(({ code }) => code)).toEqual(["invalid_utf8"]);
    });

    it("are no answer before the first content", () => {
      const run = stream([bad(text("x!y")), good(text("b")), good(finish("stop"))]);
      expect(run.events).toEqual([]);
      expect(run.translator.failure?.type).toBe("not-an-answer");
    });

    it.each([
      ["in its arguments", { arguments: '{"x":"!"' }],
      ["in its name", { name: "f!", arguments: "{}" }],
    ])("break the answer where they are part of a tool call, %s", (_title, called) => {
      const call = tool({ index: 0, id: "c", function: called });
      const run = stream([good(text("a")), bad(call), good(text("b")), good(finish("stop"))]);
      expect(run.translator.failure?.type).toBe("junk");
      expect(run.problems).toEqual([]);
    });

    it("break the answer while a tool call is unfinished", () => {
      const begun = tool({ index: 0, id: "c", function: { name: "f", arguments: '{"x":' } });
      const run = stream([good(begun), bad({ "!": 1 }), good(tool({ index: 0, function: { arguments: "1}" } }))]);
      expect(run.translator.failure?.type).toBe("junk");
    });
  });

  it("tells junk and an overloaded upstream apart", () => {
    expect(runStream(`${frame([text("a")])}upstream connect error\n\n`, 16_384).translator.failure).toEqual({
      type: "junk",
      detail: "a line that is no field of an event stream", // not quoted: it may be a part of the answer
    });
    const overloaded = runStream(
      frame([text("a"), { error: { message: "Overloaded", type: "overloaded_error" } }]),
      16_384,
    );
    expect(overloaded.events.at(-1)).toEqual({
      type: "error",
      error: { type: "overloaded_error", message: "Overloaded" },
    });
  });

  it("takes an error beside a finish reason for the end of what has come, and alone for an error", () => {
    const error = { message: "Provider returned error", code: 502 };
    const last = { ...finish("stop"), error };
    expect(runStream(frame([last]), 16_384).translator.failure).toMatchObject({ type: "error", status: 502 });
    expect(runStream(frame([text("a"), last]), 16_384).message).toMatchObject({ stop_reason: "end_turn" });
    const cut = runStream(frame([{ ...finish("length"), error }]), 16_384);
    expect(cut.message).toMatchObject({ content: [], stop_reason: "max_tokens" });
  });

  it("reads an error that a gateway wrote between the events", () => {
    const loose = runStream(`${frame([text("a")])}{"error":{"message":"Overloaded","code":529}}\n\n`, 16_384);
    expect(loose.translator.failure).toEqual({
      type: "error",
      error: { message: "Overloaded", code: "529" },
      status: 529,
    });
    // llama.cpp's server writes the error under a field name of its own.
    const named = runStream(`${frame([text("a")])}error: {"code":500,"message":"failed to decode"}\n\n`, 7);
    expect(named.translator.failure).toMatchObject({ type: "error", error: { message: "failed to decode" } });
    const nested = runStream('error: {"detail":"no slot","error":{"message":"no slot"}}\n\n', 7);
    expect(nested.translator.failure).toMatchObject({ type: "error", error: { message: "no slot" } });
    const alone = runStream('{"error":{"message":"slow","code":429}}\n\ndata: [DONE]\n\n', 7);
    expect(alone.translator.failure).toMatchObject({ type: "error", status: 429 });
  });

  it("survives values that are nested beyond reason", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const chunk = (delta: string) => `data: {"choices":[{"index":0,"delta":${delta},"finish_reason":null}]}\n\n`;
    for (const delta of [
      `{"reasoning":"a","reasoning_details":[{"type":"x","data":"d","deep":${deep}}]}`,
      `{"content":${deep}}`,
    ]) {
      const run = runStream(`${chunk(delta)}${frame([finish("stop"), "[DONE]"])}`, 16_384);
      expect(run.problems).toEqual([]);
      expect(run.translator.state).toBe("complete");
    }
    // A call whose arguments cannot be written down is none.
    for (const args of [deep, JSON.stringify(deep)]) {
      const call = `{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":${args}}}]}`;
      const run = runStream(`${chunk(call)}${frame([finish("stop"), "[DONE]"])}`, 16_384);
      expect(run.problems).toEqual([]);
      expect(run.translator.failure?.type).toBe("junk");
    }
  });

  it("bounds white space that never ends", () => {
    const chunks = [
      tool({ index: 0, id: "c", function: { name: "f", arguments: "{}" } }),
      ...Array.from({ length: 100 }, () => text(" ".repeat(1_000))),
    ];
    expect(runStream(frame(chunks), 16_384, contextOf(), { maxBufferSize: 20_000 }).translator.failure?.type).toBe(
      "too-large",
    );
  });

  it.each(["error", "network_error", "insufficient_system_resource", "TIMEOUT", "malformed_model_output"])(
    "finish reason %s is a failure",
    (reason) => {
      const { translator, events } = runStream(frame([text("a"), finish(reason), "[DONE]"]), 16_384);
      expect(translator.failure?.type).toBe("error");
      expect(events.map(({ type }) => type)).not.toContain("message_stop");
    },
  );

  it.each([
    "MALFORMED_FUNCTION_CALL",
    "function_call_filter: MALFORMED_FUNCTION_CALL",
    "UNEXPECTED_TOOL_CALL",
    "malformed_tool_use",
  ])("a call that is none (%s) is a failure, but not the provider's", (reason) => {
    const { translator, events } = runStream(frame([delta({ content: null }), finish(reason), "[DONE]"]), 16_384);
    expect(events).toEqual([]);
    expect(translator.failure).toMatchObject({ type: "error", status: 400 });
  });

  it.each(["content_filter: PROHIBITED_CONTENT", "IMAGE_SAFETY", "model_armor", "ERROR_TOXIC", "guardrail_intervened"])(
    "finish reason %s is a refusal",
    (reason) => {
      expect(runStream(frame([text("a"), finish(reason), "[DONE]"]), 16_384).message?.stop_reason).toBe("refusal");
    },
  );

  it("knows a context window that ran out", () => {
    const reason = (chunks: readonly unknown[]) => runStream(frame(chunks), 16_384).message?.stop_reason;
    expect(reason([text("a"), finish("model_context_window_exceeded")])).toBe("model_context_window_exceeded");
    expect(
      reason([text("a"), finish("length"), { error: { message: "exceeds the maximum context length" } }, "[DONE]"]),
    ).toBe("model_context_window_exceeded");
  });

  it("reports comments, pings and empty chunks as keep-alives", () => {
    const translator = new ChatStreamTranslator(contextOf());
    const saw = (body: string) => {
      translator.push(new TextEncoder().encode(body));
      return translator.sawKeepAlive;
    };
    expect(saw(": PROCESSING\n\n")).toBe(true);
    expect(saw("event: ping\ndata: whatever\n\n")).toBe(true);
    expect(saw("data:\n\n")).toBe(true);
    expect(saw(frame([delta({})]))).toBe(true);
    expect(saw(frame([text("a")]))).toBe(false);
  });
});

/** A source that tells when it was let go of. */
function source(chunks: readonly Uint8Array[], end: "close" | "hang" | Error = "close") {
  const state = { pulls: 0, isCancelled: false };
  const iterable: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        const value = chunks[state.pulls];
        state.pulls += 1;
        if (value) return Promise.resolve({ done: false, value });
        if (end === "close") return Promise.resolve({ done: true, value: undefined });
        return end === "hang" ? new Promise(() => undefined) : Promise.reject(end);
      },
      return: () => {
        state.isCancelled = true;
        return Promise.resolve({ done: true, value: undefined });
      },
    }),
  };
  return { state, iterable };
}

async function collect(iterable: AsyncIterable<MessageStreamEvent>): Promise<string[]> {
  const types: string[] = [];
  for await (const event of iterable) types.push(event.type);
  return types;
}

describe("translateChatStream", () => {
  const whole = [bytes([text("a")]), bytes([text("b")]), bytes([finish("stop"), "[DONE]"])];

  it("yields the events and lets go of the source once the answer is whole", async () => {
    const { state, iterable } = source(whole, "hang");
    const types = await collect(translateChatStream(iterable, contextOf()));
    expect(types).toEqual([
      "message_start",
      "ping",
      "content_block_start",
      "content_block_delta",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    expect(state.isCancelled).toBe(true);
  });

  it("S-94 pulls only when it is pulled", async () => {
    const { state, iterable } = source(whole);
    const stream = translateChatStream(iterable, contextOf());
    expect(state.pulls).toBe(0);
    for (let count = 0; count < 4; count += 1) await stream.next();
    expect(state.pulls).toBe(1);
    await stream.next();
    expect(state.pulls).toBe(2);
  });

  it("S-93 cancels the source at once when it is left, also while it waits", async () => {
    const { state, iterable } = source(whole.slice(0, 1), "hang");
    const stream = translateChatStream(iterable, contextOf());
    for (let count = 0; count < 4; count += 1) await stream.next();
    const waiting = stream.next();
    await Promise.resolve();
    await expect(stream.return?.()).resolves.toEqual({ done: true, value: undefined });
    expect(state.isCancelled).toBe(true);
    await expect(waiting).resolves.toMatchObject({ done: true });
    await expect(stream.next()).resolves.toMatchObject({ done: true });
  });

  it("S-93 cancels a ReadableStream while a read is pending", async () => {
    let isCancelled = false;
    const readable = new ReadableStream<Uint8Array>({ cancel: () => void (isCancelled = true) });
    const stream = translateChatStream(readable as unknown as AsyncIterable<Uint8Array>, contextOf());
    const waiting = stream.next();
    await Promise.resolve();
    await stream.return?.();
    expect(isCancelled).toBe(true);
    await expect(waiting).resolves.toMatchObject({ done: true });
  });

  it("rejects with a typed error before the first event", async () => {
    const stream = translateChatStream(
      source([bytes([{ error: { message: "slow", code: 429 } }])]).iterable,
      contextOf(),
    );
    await expect(stream.next()).rejects.toMatchObject({ name: "CcpbError", status: 429, type: "rate_limit_error" });
    const broken = translateChatStream(source([], new Error("reset")).iterable, contextOf());
    await expect(broken.next()).rejects.toSatisfy(
      (error) => error instanceof CcpbError && (error.cause as Error).message === "reset",
    );
    await expect(broken.next()).resolves.toMatchObject({ done: true });
  });

  it("ends with an error event after the first", async () => {
    const cut = await collect(
      translateChatStream(source([bytes([text("a")])], new Error("reset")).iterable, contextOf()),
    );
    expect(cut).toEqual(["message_start", "ping", "content_block_start", "content_block_delta", "error"]);
    const finished = await collect(
      translateChatStream(source([bytes([text("a"), finish("stop")])], new Error("reset")).iterable, contextOf()),
    );
    expect(finished.at(-1)).toBe("message_stop");
  });

  it("serves calls that do not wait for each other in order", async () => {
    const stream = translateChatStream(source(whole).iterable, contextOf());
    const steps = await Promise.all(Array.from({ length: 9 }, () => stream.next()));
    expect(steps.map(({ value }) => value?.type)).toEqual([
      "message_start",
      "ping",
      "content_block_start",
      "content_block_delta",
      "content_block_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
      undefined,
    ]);
  });
});

describe("chatStreamTransform", () => {
  const through = (chunks: readonly Uint8Array[], options = {}) =>
    new Response(
      new ReadableStream({
        start: (controller) => {
          for (const chunk of chunks) controller.enqueue(chunk);
          controller.close();
        },
      }).pipeThrough(chatStreamTransform(contextOf(), options)),
    ).text();

  it("gives out SSE", async () => {
    const sse = await through([bytes([text("a")]), bytes([finish("stop")])], { generateId: counted() });
    expect(sse).toMatch(/^event: message_start\ndata: \{"type":"message_start"/);
    expect(sse).toMatch(/event: message_stop\ndata: \{"type":"message_stop"\}\n\n$/);
  });

  it("errors before the first event and ends with an error event after it", async () => {
    await expect(through([bytes([{ error: { message: "slow", code: 429 } }])])).rejects.toThrow("slow");
    expect(await through([bytes([text("a")])])).toMatch(
      /event: error\ndata: \{"type":"error","error":\{"type":"api_error"/,
    );
  });
});
