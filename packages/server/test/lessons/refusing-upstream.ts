import type { BehaviourSource } from "@ccpb/fake-upstream";
import { refuse, text } from "@ccpb/fake-upstream";

/** A request of a conversation with a system turn inside, as Claude Code sends it. */
export const midSystem = {
  messages: [
    { role: "user", content: "Look." },
    { role: "assistant", content: "I do." },
    { role: "system", content: "Be brief." },
    { role: "user", content: "And now?" },
  ],
};

/** Serves what has its system messages at the beginning, and refuses the rest. */
export const refusesMidSystem: BehaviourSource = ({ body }) => {
  const { messages = [] } = (body ?? {}) as { readonly messages?: readonly { readonly role: string }[] };
  const isMid = messages.slice(messages.findIndex(({ role }) => role === "user")).some(({ role }) => role === "system");
  return isMid ? refuse(400, { message: "System message must be at the beginning." }) : text("Hi");
};

/** `providers.yaml` of one provider that is told, wrongly, that its upstream takes system turns anywhere. */
export function hopefulYaml(url: string): string {
  return `providers:
  - name: alias
    type: openai
    base_url: ${url}
    auth_type: api_key
    auth_value: sk-test-1234567890abcdef
    big_model: hcp-vision-latest
    small_model: hcp-vision-latest
    dialect: chat
    profile: { mid_system: system }
settings:
  port: 0
`;
}
