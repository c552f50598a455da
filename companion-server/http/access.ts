import type { Request, RequestHandler } from "express";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { isSameToken } from "../token.ts";

// Who may ask this companion for what.

/** The names under which a browser reaches this machine itself. */
const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"] as const;

/** Splits `name[:port]`, or answers undefined for anything else. */
function parseHost(host: string | undefined): { readonly name: string; readonly port: string } | undefined {
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

/** The only name under which the panel carries the token. */
export const PANEL_NAME = "127.0.0.1";
/**
 * The only name under which the playground answers. The playground runs other people's plugins too, and a page's scripts
 * may read whatever its own origin serves; so its origin serves no token.
 */
const PLAYGROUND_NAME = "localhost";

/** Where this request leads under another name of this machine, or undefined when it came by that name. */
export function addressUnder(name: string, request: Request): string | undefined {
  const host = parseHost(request.headers.host);
  if (host === undefined || host.name === name) return undefined;
  return `http://${name}:${host.port}${request.originalUrl}`;
}

/** Leads requests for the playground to its own name, however they spell its folder. */
export const keepPlaygroundApart: RequestHandler = (request, response, next) => {
  const address = addressUnder(PLAYGROUND_NAME, request);
  if (address === undefined || !/^\/+playground(\/|$)/i.test(plainPath(request.path))) return next();
  response.set("Cache-Control", "no-store").redirect(307, address);
};

/** The path as the file server reads it: `%70layground`, `x/../playground` and `\playground` are all the same folder. */
function plainPath(path: string): string {
  try {
    return new URL(decodeURIComponent(path).replace(/^[/\\]+/, "/"), "http://localhost").pathname;
  } catch {
    return path; // not well-formed, and refused by the file server as well
  }
}

/** What Penpot's own pages fetch when a plugin is installed and opened. Everything else belongs to our pages alone. */
const PUBLIC_FILES = /^\/(manifest\.json|plugin\.js|icon[\w.-]*\.(png|svg))$/;

/** Lets any page read the plugin's public files, also from a public site into this machine (private network access). */
export const allowPublicFiles: RequestHandler = (request, response, next) => {
  if (!PUBLIC_FILES.test(request.path)) return next("route");
  response.set({ "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin" });
  if (request.method !== "OPTIONS") return next();
  response.set({
    "Access-Control-Allow-Methods": "GET, HEAD",
    "Access-Control-Allow-Headers": "*, Authorization",
    "Access-Control-Allow-Private-Network": "true",
  });
  response.status(204).end();
};

/** Lets only requests with `Authorization: Bearer TOKEN` pass. */
export function requireToken(token: string): RequestHandler {
  return (request, response, next) => {
    const given = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (given !== undefined && isSameToken(given, token)) return next();
    response.set("WWW-Authenticate", "Bearer");
    throw new OverpaintError(
      "unauthorized",
      given === undefined ? "The request carries no token." : "The request carries a wrong token.",
      "Reload the panel: it gets the companion's token with its page.",
    );
  };
}
