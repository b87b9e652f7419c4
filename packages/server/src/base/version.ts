import manifest from "../../package.json" with { type: "json" };

/** The version of this package, from its package.json; a build carries the version that it was built with. */
export const version: string = manifest.version;
