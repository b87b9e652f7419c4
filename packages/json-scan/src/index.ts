export { JsonScan, JsonScanner } from "./json-scanner.ts";
export { beginBodyScan, scanBody } from "./scan-body.ts";
