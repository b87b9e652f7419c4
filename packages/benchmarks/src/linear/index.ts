import { answerCases } from "./answer-cases.ts";
import { failureCases } from "./failure-cases.ts";
import type { LinearCase } from "./linear-case.ts";
import { readerCases } from "./reader-cases.ts";
import { requestCases } from "./request-cases.ts";

/** All inputs whose time must grow with their size alone. */
export const linearCases: readonly LinearCase[] = [...requestCases, ...answerCases, ...readerCases, ...failureCases];
