export {
  defaultMaxBufferSize,
  SseDecoder,
  type SseComment,
  type SseDamage,
  type SseDecoderOptions,
  type SseEvent,
  type SseFailure,
  type SseItem,
  type SseJunk,
} from "./decode.ts";
export { encodeEvent, encodeEvents, EventEncoder } from "./encode.ts";
