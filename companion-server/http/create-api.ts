import { type NextFunction, type Request, type RequestHandler, type Response, Router } from "express";
import { z } from "zod";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { type OperationId, type RouteDescription, type RouteInput, routes } from "./routes.ts";

/** Answers one operation. What it throws becomes the answer. */
export type Handler<Id extends OperationId> = (
  input: RouteInput<Id>,
  request: Request,
  response: Response,
  next: NextFunction,
) => Promise<void> | void;
export type Handlers = { readonly [Id in OperationId]: Handler<Id> };

/**
 * The API as a router: each route checks what it is given and hands it to its handler. Methods that a path does not have are
 * answered 405, with those that it has.
 *
 * @param guardsOf what lets those pass who may use a route
 */
export function createApi(
  handlers: Handlers,
  guardsOf: (route: RouteDescription) => readonly RequestHandler[],
): Router {
  const router = Router();
  router.use((_request, response, next) => {
    response.set("Cache-Control", "no-store");
    next();
  });
  const entries = Object.entries(routes) as [OperationId, RouteDescription][];
  for (const path of new Set(entries.map(([, route]) => route.path))) {
    const ofPath = entries.filter(([, route]) => route.path === path);
    const place = router.route(path.replaceAll(/\{(\w+)\}/g, ":$1"));
    for (const [id, route] of ofPath) {
      const handler = handlers[id] as Handler<OperationId>; // what `readInput` answers is the route's own
      place[route.method](...guardsOf(route), (request, response, next) =>
        handler(readInput(route, request), request, response, next),
      );
    }
    place.all(refuseMethod(ofPath.map(([, { method }]) => method)));
  }
  return router;
}

function readInput({ parameters, query, headers }: RouteDescription, request: Request): RouteInput<OperationId> {
  const found = parameters?.safeParse(request.params);
  if (found?.success === false)
    throw new OverpaintError(
      "not-found",
      `There is nothing under ${request.baseUrl}${request.path}.`,
      "List the jobs with GET /api/v1/jobs.",
    );
  return {
    parameters: found?.data,
    query: query && requireFitting(query, request.query),
    headers: headers && requireFitting(headers, request.headers),
  } as RouteInput<OperationId>;
}

function requireFitting(schema: z.ZodType, given: unknown): unknown {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new OverpaintError(
    "invalid-request",
    `The request does not fit: ${z.prettifyError(parsed.error).replaceAll(/\s+/g, " ")}`,
    "See /api/v1/openapi.json.",
  );
}

function refuseMethod(methods: readonly RouteDescription["method"][]): RequestHandler {
  const allowed = methods.flatMap((method) => (method === "get" ? ["GET", "HEAD"] : [method.toUpperCase()])).join(", ");
  return (request, response) => {
    response.set("Allow", allowed);
    throw new OverpaintError(
      "method-not-allowed",
      `${request.baseUrl}${request.path} cannot be asked for by ${request.method}.`,
      `Use ${allowed}.`,
    );
  };
}
