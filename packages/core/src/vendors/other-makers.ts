import { azure } from "./azure.ts";
import { familyOf } from "./model-family.ts";
import { openai } from "./openai.ts";
import { type ProfileQuery, queriedHost } from "./profile.ts";
import { vendors } from "./vendors.ts";

const hosts = vendors
  .filter((vendor) => vendor !== openai && vendor !== azure)
  .flatMap((vendor) => (vendor.hosts ?? []).map(({ host }) => host));

/** Decides whether the host or the model is known as another maker's than OpenAI's: not at Azure, nor at an unknown host, where a name tells nothing. */
export function isOtherMakers(query: ProfileQuery): boolean {
  const host = queriedHost(query);
  return hosts.some((known) => known.test(host)) || !["gpt", "other"].includes(familyOf(query.model).name);
}
