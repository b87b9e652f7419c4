import type { NativeProfile, Profile } from "../base/profile-types.ts";

type JsonObject = Readonly<Record<string, unknown>>;

interface SentRequest {
  /** Body as it was sent upstream, parsed. */
  readonly body: JsonObject;
  /** The upstream's name of the model. */
  readonly model: string;
  /** The client's own body: errors quote from it, and what they quote must not teach. */
  readonly clientText: string;
  /** The values of `anthropic-beta` that were sent. */
  readonly betas: readonly string[];
  /** The ids of the lessons that the call has tried at this candidate. */
  readonly tried: ReadonlySet<string>;
}

/** A request that was refused, with the profile that it was made with. `messages`: in Anthropic's form, to an anthropic provider. */
export type RefusedRequest =
  | (SentRequest & {
      readonly dialect: "chat" | "responses";
      readonly profile: Profile;
      /** It is the client's own, and was passed on as it came. */
      readonly isPassed?: true;
    })
  | (SentRequest & { readonly dialect: "messages"; readonly profile: NativeProfile });

/** One row of the table of refusals. */
export interface RefusalRow {
  /** Names the row in logs and lessons. */
  readonly id: string;
  /** A client's own request can be changed so without another meaning; of others the client hears the refusal. */
  readonly suitsPassed?: true;
  /** Wordings of upstreams, without anchors: the reader decides which parts of an error count. */
  readonly wordings: readonly RegExp[];
  /** Decides whether the request holds what the row is about, so that it can have been refused for that. */
  readonly applies: (request: RefusedRequest) => boolean;
  /** The members of the profile to change; undefined where there is nothing left to change. `text`: what the provider says. */
  readonly change: (request: RefusedRequest, text: string) => Readonly<Record<string, unknown>> | undefined;
}
