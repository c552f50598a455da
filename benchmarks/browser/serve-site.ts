import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

export interface Site {
  readonly origin: string;
  /** Of the bodies that were sent so far. */
  bytes(): number;
  close(): Promise<void>;
}

export interface SiteOptions {
  /** With the headers that threads need. */
  readonly isIsolated: boolean;
  /** Type and text of pages beside the folder's files, by path. */
  readonly own: Readonly<Record<string, readonly [type: string, text: string]>>;
}

/** A folder as a static host serves it, with what it sends counted. */
export async function serveSite(folder: string, { isIsolated, own }: SiteOptions): Promise<Site> {
  let bytes = 0;
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    if (isIsolated) {
      response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
      response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    }
    const page = own[pathname];
    if (page !== undefined) return void response.writeHead(200, { "content-type": page[0] }).end(page[1]);
    const file = join(folder, normalize(pathname));
    const size = await stat(file).then(
      (found) => (found.isFile() ? found.size : undefined),
      () => undefined,
    );
    if (size === undefined) return void response.writeHead(404).end();
    bytes += size;
    response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    bytes: () => bytes,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
