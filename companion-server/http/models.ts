import type { RequestHandler } from "express";
import type { AppDependencies } from "./create-app.ts";

/** `GET models`: every installed pack, also those that cannot be read, with the reason. */
export function listModels({ models }: AppDependencies): RequestHandler {
  return async (_request, response) => {
    response.json({ models: await models.list() });
  };
}
