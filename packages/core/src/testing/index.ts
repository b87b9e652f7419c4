export { VirtualClock } from "./virtual-clock.ts";
export {
  type BodyStep,
  type ScriptedReply,
  type ScriptedRequest,
  type ScriptedTransport,
  scriptedTransport,
} from "./scripted-transport.ts";
