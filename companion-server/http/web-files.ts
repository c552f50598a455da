import { basename, join } from "node:path";
import express, { type RequestHandler } from "express";
import type { ModelCatalog } from "../models/model-catalog.ts";
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

/** What the only file of a model is called here, whatever it is called on this machine. */
const CHECKPOINT = "/checkpoint.safetensors";

/** `/models/{id}/…`: the files of installed packs, for the engine in the browser. */
export function modelFiles(models: ModelCatalog): RequestHandler {
  return async (request, response, next) => {
    const { folder, file } = await models.find(String(request.params.id));
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

/** `/models/clip-tokenizer/…`: CLIP's merges, which models without a tokenizer of their own are read with. No pack. */
export function clipMerges(): RequestHandler {
  return express.static(join(packageRoot, "models/clip-tokenizer"), {
    cacheControl: false,
    index: false,
    setHeaders: (response) => response.setHeader("Cache-Control", "no-cache"),
  });
}
