import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UnavailableError } from "../rig/native-program.ts";
import { upstreamKey } from "../rig/upstream.ts";
import { type Candidate, type Scenario, needsTranslation } from "./candidate.ts";
import { startProxy } from "./start-proxy.ts";

let binary = "nginx";

/** nginx as a reverse proxy with one worker; it cannot change the model. */
export const nginx: Candidate = {
  name: "nginx",
  note: "C, one worker, keep-alive upstreams; the model is not touched",
  requestBody: "original",
  answerBody: "original",
  unfit: needsTranslation,
  prepare: () => {
    for (binary of ["nginx", "/usr/sbin/nginx"]) {
      try {
        execFileSync(binary, ["-v"], { stdio: "ignore" });
        return;
      } catch {
        continue; // not there: the next place
      }
    }
    throw new UnavailableError("nginx is not installed (Debian: apt-get install nginx-light)");
  },
  start: (scenario) =>
    startProxy(scenario, {
      line: (port) => {
        const file = join(scenario.folder, "nginx.conf");
        mkdirSync(join(scenario.folder, "temporary"), { recursive: true });
        writeFileSync(file, configuration(scenario, port));
        return [binary, "-p", scenario.folder, "-c", file, "-e", "error.log"];
      },
    }),
};

function configuration(scenario: Scenario, port: number): string {
  // Default fail_timeout and max_fails: a server that failed once is left alone for ten seconds.
  const servers = scenario.upstreamPorts.map((each) => `server 127.0.0.1:${each};`).join(" ");
  return `
daemon off; master_process off; worker_processes 1; pid nginx.pid; worker_rlimit_nofile 20000;
events { worker_connections 16384; }
http {
  access_log off;
  client_body_temp_path temporary/body; proxy_temp_path temporary/proxy; fastcgi_temp_path temporary/fastcgi;
  uwsgi_temp_path temporary/uwsgi; scgi_temp_path temporary/scgi;
  client_max_body_size 64m; client_body_buffer_size 64k;
  keepalive_timeout 75s; keepalive_requests 10000000; tcp_nodelay on;
  upstream provider { ${servers} keepalive 128; keepalive_requests 10000000; }
  server {
    listen 127.0.0.1:${port} backlog=8192;
    location / {
      proxy_pass http://provider;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header x-api-key ${upstreamKey};
      proxy_buffering off;
      proxy_request_buffering ${scenario.upstreamPorts.length > 1 ? "on" : "off"};
      proxy_next_upstream error timeout http_500 non_idempotent;
      proxy_read_timeout 120s;
    }
  }
}
`;
}
