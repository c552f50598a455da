import { basename } from "node:path";
import express, { type RequestHandler } from "express";
import type { AppDependencies } from "./create-app.ts";

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

/** The built panel, playground, plugin and their assets. */
export function webFiles({ webFolder }: AppDependencies): RequestHandler {
  return express.static(webFolder, {
    cacheControl: false,
    setHeaders(response, path) {
      // Names in assets/ carry a hash of their content; all other files are asked for again each time.
      const isHashed = /[\\/]assets[\\/]/.test(path);
      response.setHeader("Cache-Control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
      if (path.endsWith(".html")) response.setHeader("Content-Security-Policy", "frame-ancestors 'none'");
    },
  });
}

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
