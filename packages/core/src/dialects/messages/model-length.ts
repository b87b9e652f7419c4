import { CcpbError } from "../../base/errors.ts";

/** The longest model name that a request may have, in bytes of UTF-8. The longest real ones, ARNs of clouds, have about 150. */
export const maxModelBytes = 512;

const encoder = new TextEncoder();

/** Decides whether a model name has more than `maxModelBytes` bytes in UTF-8. */
export function isModelTooLong(model: string): boolean {
  // A UTF-16 unit takes at least one byte and at most three.
  if (model.length * 3 <= maxModelBytes) return false;
  return model.length > maxModelBytes || encoder.encode(model).length > maxModelBytes;
}

/** Returns the error for a model name that is too long: `CcpbError` `invalid_request`, status 400. */
export function modelTooLong(): CcpbError {
  return new CcpbError("invalid_request", `model: at most ${maxModelBytes} bytes (UTF-8) are accepted`, {
    status: 400,
    type: "invalid_request_error",
  });
}
