import type { Request, RequestHandler } from "express";
import { parseHost } from "./loopback-host.ts";

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
