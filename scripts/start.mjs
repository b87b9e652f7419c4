// `npm start`: runs ccpb from this checkout. Installs and builds it first where that is needed; otherwise the built command is imported at once.
import { checkNode } from "./node-version.mjs";

if (checkNode()) {
  // Reading what is installed may fail too: then Node's own report of an unhandled rejection is the right one.
  void import("./set-up.mjs")
    .then(({ setUp }) => setUp())
    .then((isReady) => (isReady ? import("../packages/server/dist/cli.js") : undefined));
}
