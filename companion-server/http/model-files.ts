import { basename } from "node:path";
import express, { type RequestHandler } from "express";
import type { AppDependencies } from "./create-app.ts";

/** `/models/{id}/…`: the files of installed packs, for the engine in the browser. */
export function modelFiles({ models }: AppDependencies): RequestHandler {
  return async (request, response, next) => {
    const { folder } = await models.find(String(request.params.id));
    const serve = express.static(folder, {
      cacheControl: false,
      index: false,
      setHeaders(answer, path) {
        answer.setHeader("Cache-Control", "no-cache");
        if (/\.(onnx|onnx_data|pb|data)$/.test(basename(path)))
          answer.setHeader("Content-Type", "application/octet-stream");
      },
    });
    serve(request, response, next);
  };
}
