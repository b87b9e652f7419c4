// From the code of a failure, as npm, pnpm and Node name it, to what a person does about it. The first row that fits counts.
const remedies = [
  {
    codes:
      /\b(?:ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ERR_SOCKET_TIMEOUT|EIDLETIMEOUT|UND_ERR_\w+|ENOTCACHED|ERR_PNPM_NO_OFFLINE_\w+)\b|network|socket hang up/i,
    remedy:
      "The package registry cannot be reached. Connect to the network and run the same command again.\n" +
      "Behind a proxy: npm config set proxy http://HOST:PORT and npm config set https-proxy http://HOST:PORT. Another registry: npm config set registry URL.",
  },
  {
    codes: /CERT|self.signed|UNABLE_TO_(?:GET|VERIFY)|SSL|TLS/i,
    remedy:
      "The registry's certificate is not trusted here, as behind an inspecting proxy. Name your own authority: NODE_EXTRA_CA_CERTS=/path/to/ca.pem npm start",
  },
  {
    codes: /\b(?:E40[137]|E407|ERR_PNPM_FETCH_40[137]|40[137] (?:Forbidden|Unauthorized|Proxy))\b/i,
    remedy:
      "The registry or a proxy before it refuses. See `npm config get registry` and your login there (npm login).",
  },
  {
    codes: /\b(?:EROFS|EACCES|EPERM)\b/,
    remedy:
      "A folder cannot be written: this checkout, or npm's cache (npm config get cache). Run it as a user who may, or copy the checkout to a folder of your own.",
  },
  { codes: /\bENOSPC\b/, remedy: "The disk is full: about 250 MB are needed here, and as much in npm's cache." },
  {
    codes: /OUTDATED_LOCKFILE/,
    remedy:
      "pnpm-lock.yaml does not fit package.json. Take both from one commit: git status, git checkout -- pnpm-lock.yaml",
  },
];

const mostLines = 8;
// Stack traces, the properties that npm prints below them, and where its own log is.
const noise = /complete log of this run|^npm (?:error|ERR!) *(?:at |\[?[\w()]+\]?: [^ ]*,?$|[[\]{}]|$)|^npm notice/i;

/**
 * Returns the message for an install that failed: the tool's own words, then what to do.
 *
 * @param {{ code: number | null, words: readonly string[] }} outcome exit code (null: ended by a signal) and what was said, a line each
 */
export function describeFault({ code, words }) {
  const said = words.map((line) => line.trim()).filter((line) => line !== "" && !noise.test(line));
  const text = words.join("\n");
  const remedy =
    remedies.find(({ codes }) => codes.test(text))?.remedy ??
    "Run it again; if it fails again, the words above say why.";
  const shown = [...new Set(said)].slice(0, mostLines).map((line) => `  ${line}`);
  return [`installing failed (${code === null ? "ended by a signal" : `exit code ${code}`}):`, ...shown, remedy].join(
    "\n",
  );
}
