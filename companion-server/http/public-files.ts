import type { RequestHandler } from "express";

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
