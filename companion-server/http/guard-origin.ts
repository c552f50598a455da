import type { Request, RequestHandler } from "express";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { LOOPBACK_NAMES, parseHost } from "./loopback-host.ts";

/** The origins of our own pages: every loopback name, on the port this request came in by. */
function ownOrigins(request: Request): readonly string[] {
  const port = parseHost(request.headers.host)?.port ?? "80";
  return LOOPBACK_NAMES.map((name) => `http://${name}${port === "80" ? "" : `:${port}`}`);
}

/** Refuses requests that another site's page makes. Requests without an Origin do not come from a page's script. */
export const guardOrigin: RequestHandler = (request, _response, next) => {
  const { origin } = request.headers;
  if (origin !== undefined && !ownOrigins(request).includes(origin))
    throw new OverpaintError(
      "forbidden-origin",
      `Pages of ${origin} may not use the companion.`,
      "Use the panel that the companion itself serves.",
    );
  next();
};
