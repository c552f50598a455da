import type { Request, RequestHandler } from "express";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";

/** The names under which a browser reaches this machine itself. */
const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"] as const;

/** Splits `name[:port]`, or answers undefined for anything else. */
function parseHost(host: string | undefined): { name: string; port: string } | undefined {
  const parts = /^(\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?$/i.exec(host ?? "");
  return parts?.[1] ? { name: parts[1].toLowerCase(), port: parts[2] ?? "80" } : undefined;
}

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
