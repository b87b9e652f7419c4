// Exports for @ccpb/server beside the public entries. It may change in any release; nothing else should import it.
export { type BodyFlow, type ByteSink, pour } from "../base/poured-body.ts";
export { modelsRequest } from "../call/models-request.ts";
export { didYouMean } from "../base/did-you-mean.ts";
export { matchesGlob } from "../base/glob.ts";
export { isFormatKey, mayShow, mayShowKey, mayShowUnder } from "../config/disclosure.ts";
export { proxyFault } from "../config/proxy-fault.ts";
export { looksLikeSecret } from "../config/quote.ts";
export { isSecretKey, isSecretPath } from "../config/secrets.ts";
export { type SettingInForce, settingsInForce } from "../config/settings-in-force.ts";
export { writeTimeouts } from "../config/timeouts-schema.ts";
export { profileLine } from "../base/lesson.ts";
export { defaultServerDocument } from "../config/server-settings.ts";
