import { basename, join } from "node:path";
import express, { type RequestHandler } from "express";
import type { ModelCatalog } from "../models/model-catalog.ts";
import type { ModelPlace } from "../models/model-place.ts";
import { packageRoot } from "../package-root.ts";

/** The built panel, playground, plugin and their assets. */
export function webFiles(webFolder: string): RequestHandler {
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

/** CLIP's vocabulary lies beside the packs and is none of them. */
const TOKENIZER = "clip-tokenizer";
/** What the only file of a model is called here, whatever it is called on this machine. */
const CHECKPOINT = "/checkpoint.safetensors";

/** `/models/{id}/…`: the files of installed packs, for the engine in the browser. */
export function modelFiles(models: ModelCatalog): RequestHandler {
  return async (request, response, next) => {
    const id = String(request.params.id);
    const { folder, file }: ModelPlace =
      id === TOKENIZER ? { folder: join(packageRoot, "models", id) } : await models.find(id);
    // Beside a model in one file lie others.
    if (file !== undefined && request.path !== CHECKPOINT) return next();
    if (file !== undefined) request.url = `/${encodeURIComponent(file)}`;
    const serve = express.static(folder, {
      cacheControl: false,
      index: false,
      setHeaders(answer, path) {
        answer.setHeader("Cache-Control", "no-cache");
        if (/\.(onnx|onnx_data|pb|data|safetensors)$/.test(basename(path)))
          answer.setHeader("Content-Type", "application/octet-stream");
      },
    });
    serve(request, response, next);
  };
}
