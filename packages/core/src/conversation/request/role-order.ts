import type { ChatMessage } from "../../protocol/chat.ts";
import { JoinedContent } from "./message-content.ts";
import type { Profile } from "../../base/profile-types.ts";
import type { WarningList } from "./warning-list.ts";

/** Arranges messages in the order of roles that the vendor requires: the role of the last one, and the roles that may follow each other. Changes `messages`. */
export function arrangeRoles(messages: ChatMessage[], profile: Profile, warnings: WarningList): ChatMessage[] {
  arrangePrefill(messages, profile, warnings);
  const bridged = profile.bridgeAfterTools
    ? messages.flatMap((message, index) => bridge(message, messages[index - 1]))
    : messages;
  return profile.alternate ? mergeNeighbours(bridged) : bridged;
}

/** An assistant's text at the end is the beginning of the answer. */
function arrangePrefill(messages: ChatMessage[], profile: Profile, warnings: WarningList): void {
  const last = messages.at(-1);
  if (last?.role !== "assistant" || last.tool_calls) return;
  switch (profile.prefill) {
    case "pass":
      return;
    case "prefix":
      last.prefix = true;
      return;
    case "drop":
      warnings.add("prefill_dropped", "the beginning of the answer (last assistant message) dropped");
      messages.pop();
      return;
  }
}

function bridge(message: ChatMessage, before: ChatMessage | undefined): readonly ChatMessage[] {
  const isGap = before?.role === "tool" && message.role !== "tool" && message.role !== "assistant";
  return isGap ? [{ role: "assistant", content: "OK." }, message] : [message];
}

function mergeNeighbours(messages: readonly ChatMessage[]): ChatMessage[] {
  const merged: ChatMessage[] = [];
  let joined: JoinedContent | undefined;
  for (const message of messages) {
    const last = merged.at(-1);
    if (message.role === "user" && last?.role === "user") {
      joined ??= new JoinedContent(last.content);
      joined.add(message.content);
      last.content = joined.content;
      continue;
    }
    joined = undefined;
    if (isPlainText(message) && last && isPlainText(last)) {
      last.content = `${last.content}\n\n${message.content}`;
      if (message.prefix) last.prefix = true;
    } else merged.push(message);
  }
  return merged;
}

function isPlainText(message: ChatMessage): message is ChatMessage & { role: "assistant"; content: string } {
  return message.role === "assistant" && typeof message.content === "string" && !message.tool_calls;
}
