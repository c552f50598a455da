import type { Request, RequestHandler, Response } from "express";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { PICTURE_HEADER } from "../../shared/protocol/selection.ts";
import type { Door } from "../door/door.ts";
import { isOwner, type Person } from "../door/keyring.ts";
import type { Doorkeeper } from "../door/limits.ts";
import { panelKeyOf } from "../door/panel-path.ts";
import { withoutPaths } from "../door/withhold-paths.ts";

// Who may ask this companion for what.

/** The names under which a browser reaches this machine itself. */
const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"] as const;

/** Splits `name[:port]`, or answers undefined for anything else. */
function parseHost(host: string | undefined): { readonly name: string; readonly port: string } | undefined {
  const parts = /^(\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?$/i.exec(host ?? "");
  return parts?.[1] ? { name: parts[1].toLowerCase(), port: parts[2] ?? "80" } : undefined;
}

/** Whether the companion is known by this name. */
function answersTo(door: Door, request: Request): boolean {
  const host = parseHost(request.headers.host);
  if (host === undefined) return false;
  switch (door.type) {
    case "loopback":
      return isLoopbackName(host.name);
    case "tls":
      return door.covers(host.name);
    case "proxy":
      return door.origins.some((origin) => new URL(origin).host === request.headers.host?.toLowerCase());
  }
}

function isLoopbackName(name: string): boolean {
  return LOOPBACK_NAMES.some((known) => known === name);
}

/** Refuses names that merely resolve to this machine: a page on such a name could read our answers (DNS rebinding). */
export function guardHost(door: Door): RequestHandler {
  return (request, _response, next) => {
    if (answersTo(door, request)) return next();
    throw new OverpaintError(
      "forbidden-host",
      `The companion does not answer under the name ${request.headers.host ?? "(none)"}.`,
      door.type === "loopback" ? `Use ${LOOPBACK_NAMES.join(", ")}.` : "Use the name that its owner gave you.",
    );
  };
}

/** The origins of our own pages; on loopback every name of this machine, on the port this request came in by. */
function ownOrigins(door: Door, request: Request): readonly string[] {
  if (door.type === "proxy") return door.origins;
  if (door.type === "tls") return [`https://${request.headers.host}`];
  const port = parseHost(request.headers.host)?.port ?? "80";
  return LOOPBACK_NAMES.map((name) => `http://${name}${port === "80" ? "" : `:${port}`}`);
}

/** Seconds for which a browser need not ask again whether a panel from elsewhere may send a request. */
const PREFLIGHT_SECONDS = 600;

/**
 * Lets the pages of origins that the owner named read the API's answers: panels that another server hands out. They need a token
 * as everybody does, and read nothing beside the API. In front of `guardOrigin`.
 */
export function allowPanels(panelOrigins: readonly string[]): RequestHandler {
  return (request, response, next) => {
    response.vary("Origin");
    const { origin } = request.headers;
    if (origin === undefined || !panelOrigins.includes(origin)) return next();
    response.locals.isOfPanel = true;
    response.set({ "Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": PICTURE_HEADER });
    if (request.method !== "OPTIONS") return next();
    response.set({
      "Access-Control-Allow-Methods": "GET, POST, DELETE",
      "Access-Control-Allow-Headers": "Authorization, Content-Type, Last-Event-ID",
      "Access-Control-Max-Age": `${PREFLIGHT_SECONDS}`,
      // Browsers before Chrome 142 ask the server; those after it ask whoever sits there.
      "Access-Control-Allow-Private-Network": "true",
    });
    response.status(204).end();
  };
}

/** Refuses requests that another site's page makes. Requests without an Origin do not come from a page's script. */
export function guardOrigin(door: Door): RequestHandler {
  return (request, response, next) => {
    const { origin } = request.headers;
    const isLetIn = response.locals.isOfPanel === true; // set above and nowhere else
    if (origin === undefined || isLetIn || ownOrigins(door, request).includes(origin)) return next();
    throw new OverpaintError(
      "forbidden-origin",
      `Pages of ${origin} may not use the companion.`,
      `Use the panel that the companion itself serves, or start it with --panel-origin ${origin}.`,
    );
  };
}

/** The only name under which the panel carries the token. */
export const PANEL_NAME = "127.0.0.1";
/**
 * The only name under which the playground answers. The playground runs other people's plugins too, and a page's scripts
 * may read whatever its own origin serves; so its origin serves no token.
 */
const PLAYGROUND_NAME = "localhost";

/** Where this request leads under another name of this machine, or undefined when it came by that name or from elsewhere. */
export function addressUnder(name: string, request: Request): string | undefined {
  const host = parseHost(request.headers.host);
  if (host === undefined || host.name === name || !isLoopbackName(host.name)) return undefined;
  return `http://${name}:${host.port}${request.originalUrl}`;
}

/**
 * Leads requests for the playground to its own name, however they spell its folder. A companion of a studio has one name, which
 * its panels have; there the playground is nowhere.
 */
export function keepPlaygroundApart(door: Door): RequestHandler {
  return (request, response, next) => {
    if (!/^\/+playground(\/|$)/i.test(plainPath(request.path))) return next();
    if (door.type !== "loopback")
      throw new OverpaintError(
        "not-found",
        "The playground is only on the machine itself.",
        "Run `overpaint serve` there.",
      );
    const address = addressUnder(PLAYGROUND_NAME, request);
    if (address === undefined) return next();
    response.set("Cache-Control", "no-store").redirect(307, address);
  };
}

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

/** Lets only requests pass that carry a token (`Authorization: Bearer TOKEN`), or that came in by a panel's path. */
export function requireToken(doorkeeper: Doorkeeper): RequestHandler {
  return async (request, response, next) => {
    if (await recognise(doorkeeper, request, response)) return next();
    response.set("WWW-Authenticate", "Bearer");
    throw new OverpaintError(
      "unauthorized",
      tokenIn(request) === undefined ? "The request carries no token." : "The request carries a wrong token.",
      "Reload the panel. If that does not help, install the plugin again from the address that the companion prints.",
    );
  };
}

/** Notes who asks where everybody is answered: with a wrong token, or from an address that guesses them, it is nobody. */
export function noteToken(doorkeeper: Doorkeeper): RequestHandler {
  return async (request, response, next) => {
    await recognise(doorkeeper, request, response).catch(() => false);
    next();
  };
}

async function recognise(doorkeeper: Doorkeeper, request: Request, response: Response): Promise<boolean> {
  const given = tokenIn(request);
  const person = given === undefined ? panelKeyOf(response)?.person : await doorkeeper.whose(given, request, response);
  response.locals.person = person;
  return person !== undefined;
}

function tokenIn({ headers }: Request): string | undefined {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
}

/** Who asks; behind `requireToken` only. */
export function personOf(response: Pick<Response, "locals">): Person {
  return knownPersonOf(response) as Person;
}

/** Who asks, where that is known. */
export function knownPersonOf({ locals }: Pick<Response, "locals">): Person | undefined {
  return locals.person as Person | undefined; // set above and nowhere else
}

/** What is told to whoever asks: where files of the machine lie is for its owner alone. */
export function toldTo(response: Pick<Response, "locals">, answer: unknown): unknown {
  return isOwner(knownPersonOf(response)) ? answer : withoutPaths(answer);
}

/** Has every JSON that is answered be what `toldTo` makes of it, failures as well. */
export const withholdPaths: RequestHandler = (_request, response, next) => {
  const send = response.json.bind(response);
  response.json = (answer) => send(toldTo(response, answer));
  next();
};

/** Lets only whoever runs the companion pass; behind `requireToken` only. */
export const requireOwner: RequestHandler = (_request, response, next) => {
  if (isOwner(personOf(response))) return next();
  throw new OverpaintError("unauthorized", "This is for whoever runs the companion.", "Use the companion's own token.");
};
