import type { RequestHandler } from "express";
import type { Person } from "./keyring.ts";
import type { Doorkeeper } from "./limits.ts";

/** Where the panel of a token lies: whoever does not know the token does not find a page that carries it. */
export function panelPath(token: string): string {
  return `/panel/${encodeURIComponent(token)}/`;
}

/** What came in by a panel's path: whose it is, and the token for its page. */
export interface PanelKey {
  readonly person: Person;
  readonly token: string;
}

/** Leads `/panel/TOKEN/…` to what lies under `/…`, and remembers the token for the pages and models there. A wrong token leads nowhere. */
export function openPanelPaths(doorkeeper: Doorkeeper): RequestHandler {
  return async (request, response, next) => {
    const [, written, rest] = /^\/panel\/([^/?#]+)(\/.*)$/.exec(request.url) ?? [];
    const token = written === undefined ? undefined : decode(written);
    const person = token === undefined ? undefined : await doorkeeper.whose(token, request, response);
    if (token === undefined || person === undefined || rest === undefined) return next();
    response.locals.panelKey = { person, token } satisfies PanelKey;
    request.url = rest;
    next();
  };
}

export function panelKeyOf({ locals }: { readonly locals: Record<string, unknown> }): PanelKey | undefined {
  return locals.panelKey as PanelKey | undefined; // set above and nowhere else
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
