import { CcpbError } from "../base/errors.ts";

/** Returns the refusal (404) of a request whose model no provider covers; with `pin`, not the one that it asks for. */
export function noCandidate(model: string, pin: string | undefined): CcpbError {
  const message =
    pin === undefined
      ? `model: no provider is configured for ${JSON.stringify(model)}; set big_model and small_model, models or a route that covers it`
      : `x-ccpb-provider: no enabled provider ${JSON.stringify(pin)} serves ${JSON.stringify(model)}`;
  return new CcpbError("invalid_request", message, { status: 404, type: "not_found_error" });
}

/** Returns the refusal (404) of a request whose client may not use its model, or none of the providers that cover it. */
export function noneAllowed(model: string): CcpbError {
  const message = `model: this client may not use ${JSON.stringify(model)}, or no provider that serves it`;
  return new CcpbError("invalid_request", message, { status: 404, type: "not_found_error" });
}
