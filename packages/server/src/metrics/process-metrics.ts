import { version } from "../base/version.ts";
import type { MetricSamples } from "./exposition.ts";
import { gauge, one } from "./metric-kinds.ts";

/** Reads the metrics of this process itself. */
export function processMetrics(): MetricSamples[] {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const startedAt = Math.round(Date.now() / 1000 - process.uptime());
  return [
    gauge("ccpb_build_info", "The version that runs.", "max", [one(1, { version })]),
    {
      ...gauge("process_cpu_seconds_total", "CPU time spent.", "sum", [one((user + system) / 1e6)]),
      type: "counter",
    },
    gauge("process_resident_memory_bytes", "Resident memory.", "sum", [one(rss)]),
    gauge("process_start_time_seconds", "Start, since the Unix epoch.", "min", [one(startedAt)]),
    gauge("nodejs_heap_used_bytes", "Heap in use.", "sum", [one(heapUsed)]),
  ];
}
