import { EventEmitter } from "node:events";
import { Balancer, type BalancerConfig, fetchTransport, type ProviderConfig, send } from "@ccpb/core";
import { type FakeUpstream, refuse, startFakeUpstream } from "@ccpb/fake-upstream";
import { describe, expect, it, vi } from "vitest";
import { replicaOver, type Topic } from "./replica.ts";

const question = { model: "claude-opus-5", max_tokens: 100, messages: [{ role: "user", content: "Who are you?" }] };
const transport = fetchTransport(fetch);

/** A pub/sub within this process; messages are delivered later, as they would be over a network. */
function localTopic(): Topic & { readonly messages: string[] } {
  const emitter = new EventEmitter();
  const messages: string[] = [];
  return {
    messages,
    publish(message) {
      messages.push(message);
      setImmediate(() => emitter.emit("message", message));
      return Promise.resolve();
    },
    subscribe(listener) {
      emitter.on("message", listener);
      return () => void emitter.off("message", listener);
    },
  };
}

function configOf(first: FakeUpstream, second: FakeUpstream): BalancerConfig {
  const provider = (name: string, upstream: FakeUpstream): ProviderConfig => ({
    name,
    type: "anthropic",
    baseUrl: upstream.url,
    auth: { type: "api_key", keys: ["a-key-that-is-secret"] },
    bigModel: "passthrough",
    smallModel: "passthrough",
  });
  return { providers: [provider("first", first), provider("second", second)] };
}

const stateOf = (balancer: Balancer) => balancer.status().providers[0]?.state;

describe("balancers that share their health", () => {
  it("learn from each other which provider is out, and spare their own requests the attempt", async () => {
    await using first = await startFakeUpstream({ dialect: "anthropic", script: [refuse(500)] });
    await using second = await startFakeUpstream({ dialect: "anthropic" });
    const topic = localTopic();
    using one = new Balancer(configOf(first, second), { replica: replicaOver(topic) });
    using other = new Balancer(configOf(first, second), { replica: replicaOver(topic) });

    expect(await send(one.open(question), transport)).toMatchObject({ provider: "second", attempts: 2 });
    await vi.waitFor(() => expect(stateOf(other)).toBe("open"), { interval: 5, timeout: 30_000 });
    expect(await send(other.open(question), transport)).toMatchObject({ provider: "second", attempts: 1 });
    expect(first.requests).toHaveLength(1);
    expect(topic.messages.join("")).not.toContain("secret");
  });

  it("serve on when the topic is dead", async () => {
    await using first = await startFakeUpstream({ dialect: "anthropic", script: [refuse(500)] });
    await using second = await startFakeUpstream({ dialect: "anthropic" });
    const dead: Topic = {
      publish: () => Promise.reject(new Error("no route to host")),
      subscribe: () => () => undefined,
    };
    const errors: unknown[] = [];
    using balancer = new Balancer(configOf(first, second), {
      replica: replicaOver(dead, (error) => errors.push(error)),
    });
    expect(await send(balancer.open(question), transport)).toMatchObject({ status: 200, provider: "second" });
    await vi.waitFor(() => expect(errors).toHaveLength(1), { interval: 5, timeout: 30_000 });
  });

  it("take no harm from what others say on the topic", async () => {
    await using first = await startFakeUpstream({ dialect: "anthropic" });
    await using second = await startFakeUpstream({ dialect: "anthropic" });
    const topic = localTopic();
    using balancer = new Balancer(configOf(first, second), { replica: replicaOver(topic) });
    for (const message of ["", "{", "null", '{"scope":1}', '{"scope":{"type":"provider","provider":"first"}}']) {
      await topic.publish(message);
    }
    await new Promise(setImmediate);
    expect(stateOf(balancer)).toBe("closed");
    expect(await send(balancer.open(question), transport)).toMatchObject({ provider: "first", attempts: 1 });
  });

  it("hear nothing more once they are disposed", async () => {
    await using first = await startFakeUpstream({ dialect: "anthropic", script: [refuse(500)] });
    await using second = await startFakeUpstream({ dialect: "anthropic" });
    const topic = localTopic();
    using one = new Balancer(configOf(first, second), { replica: replicaOver(topic) });
    const other = new Balancer(configOf(first, second), { replica: replicaOver(topic) });
    other[Symbol.dispose]();
    await send(one.open(question), transport);
    await new Promise(setImmediate);
    expect(topic.messages.length).toBeGreaterThan(0);
    expect(stateOf(other)).toBe("closed");
  });
});
