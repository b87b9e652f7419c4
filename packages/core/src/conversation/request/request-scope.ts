import type { CacheMarks } from "./cache-marks.ts";
import type { Profile } from "../../base/profile-types.ts";
import type { Provenance } from "../ids/provenance.ts";
import type { ToolNames } from "../ids/tool-names.ts";
import type { ToolReferences } from "./tool-reference.ts";
import type { WarningList } from "./warning-list.ts";

/** State that the parts of one request's translation share. */
export interface RequestScope {
  readonly dialect: "chat" | "responses";
  readonly profile: Profile;
  /** Provider and model that are asked: only reasoning of the same maker and model may be replayed. */
  readonly provenance: Provenance;
  readonly warnings: WarningList;
  readonly marks: CacheMarks;
  readonly names: ToolNames;
  readonly references: ToolReferences;
}
