import type { ChatTool } from "../../protocol/chat.ts";
import type { ResponsesFunctionTool, ResponsesTool, ResponsesWebSearchTool } from "../../protocol/responses.ts";
import { isObject } from "../../base/json.ts";
import type { WebSearchRequest } from "../../conversation/request/tool-plan.ts";
import type { WarningList } from "../../conversation/request/warning-list.ts";

/** Returns the tools of a request as Responses has them: functions flat and with `strict` said, the search last. */
export function toResponsesTools(
  tools: readonly ChatTool[],
  webSearch: WebSearchRequest | undefined,
  warnings: WarningList,
): readonly ResponsesTool[] {
  const functions = tools.map(toFunctionTool);
  return webSearch ? [...functions, toWebSearch(webSearch, warnings)] : functions;
}

function toFunctionTool({ function: { name, description, parameters, strict } }: ChatTool): ResponsesFunctionTool {
  return {
    type: "function",
    name,
    ...(description !== undefined && { description }),
    parameters,
    strict: strict === true,
  };
}

function toWebSearch({ tool, path }: WebSearchRequest, warnings: WarningList): ResponsesWebSearchTool {
  for (const member of ["blocked_domains", "max_uses"]) {
    const value = tool[member];
    const isEmpty = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
    if (!isEmpty) warnings.add("web_search_limit_dropped", `${member} of the web search dropped`, `${path}.${member}`);
  }
  const allowed = texts(tool["allowed_domains"]);
  const location = userLocation(tool["user_location"]);
  return {
    type: "web_search",
    ...(allowed.length > 0 && { filters: { allowed_domains: allowed } }),
    ...(location && { user_location: location }),
  };
}

function userLocation(location: unknown): ResponsesWebSearchTool["user_location"] {
  if (!isObject(location)) return undefined;
  const { city, country, region, timezone } = location;
  return {
    type: "approximate",
    ...(typeof city === "string" && { city }),
    ...(typeof country === "string" && { country }),
    ...(typeof region === "string" && { region }),
    ...(typeof timezone === "string" && { timezone }),
  };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
