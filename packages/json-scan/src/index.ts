export { JsonScanner } from "./json-scanner.ts";
export { scanBody } from "./scan-body.ts";
