import { BoundedMap } from "../base/bounded-map.ts";
import { CcpbError } from "../base/errors.ts";
import type { Candidate } from "../base/scope.ts";

const maxIds = 10_000;

/** Names the provider and the key that hold the state of a response or of a conversation. */
export interface ResponseOwner extends Pick<Candidate, "provider" | "keyIndex" | "model"> {
  /** The model as the client named it. */
  readonly requestedModel: string;
}

/**
 * Remembers the provider and key that made each response of the Responses API, by its id: only they know a
 * `previous_response_id`. The number is bounded; the response that was made or used longest ago is forgotten first.
 */
export class ResponseOwners {
  readonly #owners = new BoundedMap<ResponseOwner>(maxIds);

  /** Takes note that a candidate's provider made the response `id`. */
  made(id: string, { provider, keyIndex, model }: Candidate, requestedModel: string): void {
    this.#owners.set(id, { provider, keyIndex, model, requestedModel });
  }

  /** Returns who made the response `id`, as far as it is known. */
  ownerOf(id: string): ResponseOwner | undefined {
    return this.#owners.get(id);
  }

  /** Forgets a response that was deleted. */
  forget(id: string): void {
    this.#owners.delete(id);
  }

  /** Forgets what is held by providers that are not in `providers`. */
  retain(providers: ReadonlySet<string>): void {
    this.#owners.retain(({ provider }) => providers.has(provider));
  }
}

/** Server-side state that a request builds on: its id, and the member that names it. */
export interface StateReference {
  readonly id: string;
  readonly member: "previous_response_id" | "conversation";
}

/** Returns the error of OpenAI's API for state that is not there (recorded wording), for a request whose state no known provider holds. */
export function stateNotFound({ id, member }: StateReference): CcpbError {
  const what = member === "conversation" ? "Conversation" : "Previous response";
  return new CcpbError("invalid_request", `${what} with id '${id}' not found.`, {
    status: 400,
    type: "invalid_request_error",
    details: { code: "previous_response_not_found", param: member },
  });
}
