export { Telemetry, type TelemetryOptions } from "./telemetry.ts";
