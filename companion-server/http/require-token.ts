import type { RequestHandler } from "express";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { isSameToken } from "../token.ts";

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
