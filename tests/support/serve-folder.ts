import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

export interface StaticServer {
  /** `http://127.0.0.1:<port>`, or with https, without a trailing slash. */
  readonly origin: string;
  /** Paths asked for so far, without query. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export interface ServeFolderOptions {
  /** URL prefix -> folder; the longest prefix that fits wins. */
  readonly folders: Readonly<Record<string, string>>;
  /** Answer what does not exist with this page and status 200, as single-page hosts do. */
  readonly fallbackHtml?: string;
  /** Of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
  /** In PEM, for https. */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** A static server on a free loopback port. */
export async function serveFolders(options: ServeFolderOptions): Promise<StaticServer> {
  const prefixes = Object.keys(options.folders).sort((a, b) => b.length - a.length);
  const requests: string[] = [];

  const fileFor = async (path: string): Promise<string | undefined> => {
    const prefix = prefixes.find((candidate) => path.startsWith(candidate));
    if (prefix === undefined) return undefined;
    const relative = normalize(`/${path.slice(prefix.length)}`);
    const file = join(options.folders[prefix]!, relative.endsWith("/") ? `${relative}index.html` : relative);
    return (await stat(file).catch(() => undefined))?.isFile() ? file : undefined;
  };

  const answer: RequestListener = async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    requests.push(path);
    const file = await fileFor(path);
    for (const [name, value] of Object.entries(options.headers ?? {})) response.setHeader(name, value);
    if (file !== undefined) {
      response.writeHead(200, { "content-type": contentTypes[extname(file)] ?? "application/octet-stream" });
      createReadStream(file).pipe(response);
    } else if (options.fallbackHtml !== undefined) {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(options.fallbackHtml);
    } else {
      response.writeHead(404, { "content-type": "text/plain" }).end("not found");
    }
  };
  const { certificate } = options;
  const server = certificate === undefined ? createServer(answer) : createTlsServer(certificate, answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${certificate === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
