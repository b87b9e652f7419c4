// Read by Node versions that are too old for ccpb: no syntax newer than ES2018 here, nor in start.mjs and test.mjs.

/**
 * Tells whether ccpb runs on a version of Node. 22.3 is the first of its line by which the bundle can take Node's own modules; 21 never could.
 *
 * @param {string} version as in `process.versions.node`, such as "20.19.0"
 */
export function isSupported(version) {
  const [major, minor] = version.split(".").map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 3) || major > 22;
}

/** Says on stderr that this Node is too old, sets exit code 2 and returns false; returns true where ccpb runs on it. */
export function checkNode() {
  if (isSupported(process.versions.node)) return true;
  process.stderr.write(
    `ccpb: Node.js ${process.versions.node} (${process.execPath}) is too old. ccpb needs 20.19 or a newer 20, or 22.3 or newer.\n` +
      "Install a current one (https://nodejs.org, or `nvm install 24`) and run the same command again. Nothing was changed.\n",
  );
  process.exitCode = 2;
  return false;
}
