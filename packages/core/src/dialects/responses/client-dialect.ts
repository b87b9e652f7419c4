import type { ClientDialect } from "../dialect.ts";
import { ToResponsesStreamWriter, toResponse } from "./client-answer.ts";
import { toResponsesError } from "./client-error.ts";
import { responsesToMessages } from "./client-request.ts";

/** The client side of the Responses API. */
export const responsesClient: ClientDialect = {
  name: "responses",
  read: responsesToMessages,
  openAnswer: (context) => new ToResponsesStreamWriter(context),
  whole: toResponse,
  error: toResponsesError,
};
