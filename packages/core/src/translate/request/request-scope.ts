import type { CacheMarks } from "./cache-marks.ts";
import type { Profile } from "../profile.ts";
import type { ToolNames } from "../code/tool-names.ts";
import type { ToolReferences } from "./tool-reference.ts";
import type { WarningList } from "./warning-list.ts";

/** What the parts of one request's translation share. */
export interface RequestScope {
  readonly dialect: "chat" | "responses";
  readonly profile: Profile;
  /** Name of the provider; its own thinking may be replayed to it. */
  readonly provider: string | undefined;
  readonly warnings: WarningList;
  readonly marks: CacheMarks;
  readonly names: ToolNames;
  readonly references: ToolReferences;
}
