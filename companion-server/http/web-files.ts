import { realpath } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import express, { type RequestHandler } from "express";
import { isFileName } from "../../shared/protocol/file-name.ts";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import type { ModelCatalog } from "../models/model-catalog.ts";
import { packageRoot } from "../package-root.ts";

/**
 * Leads nowhere where a path has a name that is none on every system: to Windows `ui::$INDEX_ALLOCATION` is the folder `ui`, whatever
 * is asked of requests for that.
 */
export const requireFileNames: RequestHandler = ({ path }, _response, next) => {
  const names = decoded(path)?.split("/");
  next(names?.every((name) => name === "" || isFileName(name)) ? undefined : nothingThere());
};

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

export function nothingThere(): OverpaintError {
  return new OverpaintError("not-found", "There is nothing under this address.");
}

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
    if (!(await liesWithin(folder, request.path)))
      throw new OverpaintError(
        "not-found",
        "A link leads out of the model's folder.",
        "The browser's engine reads no such models: put the files themselves there.",
      );
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

/**
 * Whether a path below a folder, with links followed, stays there or leads to what a hub's cache keeps beside its snapshots. Paths
 * of nothing stay too: the file server tells of them.
 */
async function liesWithin(folder: string, path: string): Promise<boolean> {
  const follow = async () => [await realpath(folder), await realpath(join(folder, decodeURIComponent(path)))] as const;
  const followed = await follow().catch(() => undefined);
  if (followed === undefined) return true;
  const [real, file] = followed;
  const isBelow = (place: string) => file === place || file.startsWith(place + sep);
  const snapshots = dirname(real);
  return isBelow(real) || (basename(snapshots) === "snapshots" && isBelow(join(dirname(snapshots), "blobs")));
}

/** `/models/clip-tokenizer/…`: CLIP's merges, which models without a tokenizer of their own are read with. No pack. */
export function clipMerges(): RequestHandler {
  return express.static(join(packageRoot, "models/clip-tokenizer"), {
    cacheControl: false,
    index: false,
    setHeaders: (response) => response.setHeader("Cache-Control", "no-cache"),
  });
}
