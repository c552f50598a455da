import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { RequestHandler } from "express";
import { panelKeyOf } from "../door/panel-path.ts";
import { addressUnder, PANEL_NAME } from "./access.ts";

/** Where Penpot runs: its own cloud, and anything on this machine (the playground, a local Penpot). */
const KNOWN_PENPOT_ORIGINS = [
  "https://design.penpot.app",
  "https://*.penpot.app",
  "http://localhost:*",
  "https://localhost:*",
  "http://127.0.0.1:*",
  "https://127.0.0.1:*",
];

export interface PanelOptions {
  /** The built web files: dist/web. */
  readonly webFolder: string;
  /** Origins of self-hosted Penpots that may frame the panel. */
  readonly penpotOrigins: readonly string[];
}

function escapeAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

/**
 * `GET /ui/`: the panel, by a path with a token in it with the token that its requests need. Only Penpot may frame it, and no other site can read it:
 * this page never gets a CORS header. Other names of this machine, the playground's among them, lead here: a browser takes
 * the hash along, so a plugin installed under any of them shows the same panel.
 */
export function getPanel({ webFolder, penpotOrigins }: PanelOptions): RequestHandler {
  const frameAncestors = [...KNOWN_PENPOT_ORIGINS, ...penpotOrigins].join(" ");
  return async (request, response, next) => {
    const address = addressUnder(PANEL_NAME, request);
    if (address !== undefined) return response.set("Cache-Control", "no-store").redirect(307, address);
    const page = await readFile(join(webFolder, "ui/index.html"), "utf8").catch(() => undefined);
    if (page === undefined) return next();
    const token = panelKeyOf(response)?.token;
    const meta = token && `<meta name="overpaint-token" content="${escapeAttribute(token)}">`;
    response
      .set({ "Content-Security-Policy": `frame-ancestors ${frameAncestors}`, "Cache-Control": "no-store" })
      .type("html")
      .send(meta ? page.replace(/<head[^>]*>/i, (head) => `${head}\n    ${meta}`) : page);
  };
}
