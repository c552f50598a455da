import type { RequestHandler } from "express";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { LOOPBACK_NAMES, parseHost } from "./loopback-host.ts";

/** Refuses names that merely resolve to this machine: a page on such a name could read our answers (DNS rebinding). */
export const guardHost: RequestHandler = (request, _response, next) => {
  const host = parseHost(request.headers.host);
  if (host === undefined || !LOOPBACK_NAMES.some((name) => name === host.name))
    throw new OverpaintError(
      "forbidden-host",
      `The companion does not answer under the name ${request.headers.host ?? "(none)"}.`,
      `Use ${LOOPBACK_NAMES.join(", ")}.`,
    );
  next();
};
