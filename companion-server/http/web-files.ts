import express, { type RequestHandler } from "express";
import type { AppDependencies } from "./create-app.ts";

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
