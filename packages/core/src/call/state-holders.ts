import { isObject, parseJson } from "../base/json.ts";
import type { Candidate } from "../base/scope.ts";
import type { BodyBytes } from "../bytes/body-bytes.ts";
import type { ByteRange } from "../bytes/json-walk.ts";
import type { ClientRequest } from "../dialects/messages/client-request.ts";
import { stateNotFound, type StateReference } from "./response-owners.ts";
import type { Runtime, Snapshot } from "./runtime.ts";

/**
 * Of the candidates those that can serve the request: all, or, where it builds on state that a provider holds (Responses: `previous_response_id`,
 * `conversation`), that provider's alone. The only provider of a configuration is asked for state that is not known here, too.
 *
 * @throws `CcpbError` `invalid_request` (400, code `previous_response_not_found`) where no candidate is known to hold the state.
 */
export function holdersOfState(
  candidates: readonly Candidate[],
  client: ClientRequest,
  { snapshot, runtime }: { readonly snapshot: Snapshot; readonly runtime: Runtime },
): readonly Candidate[] {
  const reference = stateOf(client);
  if (reference === undefined) return candidates;
  const owner = runtime.responseOwners.ownerOf(reference.id);
  if (owner === undefined) {
    const [only, ...others] = new Set(candidates.map(({ provider }) => provider));
    const isAlone = only !== undefined && others.length === 0 && snapshot.providers.get(only)?.type === "openai";
    if (isAlone) return candidates;
    throw stateNotFound(reference);
  }
  const holders = candidates.filter(
    ({ provider, keyIndex }) => provider === owner.provider && keyIndex === owner.keyIndex,
  );
  if (holders.length === 0) throw stateNotFound(reference);
  return holders;
}

function stateOf({ facts, bytes }: ClientRequest): StateReference | undefined {
  const { previousResponse, conversation } = facts;
  if (previousResponse) return { id: idAt(bytes, previousResponse), member: "previous_response_id" };
  return conversation && { id: idAt(bytes, conversation), member: "conversation" };
}

/** The id, or the object that has it. */
function idAt(bytes: BodyBytes, { start, end }: ByteRange): string {
  const value = parseJson(new TextDecoder().decode(bytes.slice(start, end)));
  const id = isObject(value) ? value["id"] : value;
  return typeof id === "string" ? id : "";
}

/** Decides whether all candidates are keys of one anthropic provider, which can hold a `thread`. */
export function isOneNativeProvider(snapshot: Snapshot, candidates: readonly Candidate[]): boolean {
  const names = new Set(candidates.map(({ provider }) => provider));
  const [only] = names;
  return names.size === 1 && only !== undefined && snapshot.providers.get(only)?.type === "anthropic";
}
