import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join, relative, sep } from "node:path";

/** A repository as the stand-in keeps it. */
export interface HubRepository {
  /** By path. */
  files: Map<string, Buffer>;
  commit: string;
  licence?: string;
  /** Only requests with a token get at its files. */
  isGated?: boolean;
}

/** What goes wrong. All may be changed while it answers. */
export interface HubFaults {
  /** Connections for files end after so many bytes. */
  cutAfter?: number | undefined;
  /** So many of them. Default: all. */
  cuts?: number;
  /** So many of the next requests are answered with 429, after which Retry-After says to wait. */
  tooMany?: number;
  retryAfter?: string;
  /** So many of the next requests fail with status 500. */
  failing?: number;
  /** Everything is answered with a page, as networks do that want a sign-in. */
  isPage?: boolean;
  /** So many of the next requests for a part of a file are answered with 416. */
  unsatisfiable?: number;
  /** Ranges are ignored: every answer is the whole file. */
  ignoresRanges?: boolean;
  /** So many of the next answers with a file's content have a byte turned. */
  scrambled?: number;
  /** Milliseconds between pieces of a file. */
  slowness?: number;
  /** Called with every piece of a file that goes out. */
  onPiece?: (path: string, sent: number) => void;
}

export interface AskedFor {
  readonly host: "hub" | "store";
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
}

/** Files that git keeps itself are small; the others lie in the store. */
const GIT_BYTES = 10_000;
const PAGE_FILES = 5;
const PIECE_BYTES = 64 * 1024;

/**
 * A local stand-in for the Hugging Face hub: its listing in pages, files by commit, large ones by a redirect to another host, digests,
 * ETags, ranges, and its ways to say no. `await using` stops it.
 */
export class StandInHub implements AsyncDisposable {
  readonly repositories = new Map<string, HubRepository>();
  faults: HubFaults = {};
  readonly asked: AskedFor[] = [];
  readonly #hub: Server;
  readonly #store: Server;

  private constructor() {
    this.#hub = createServer((request, response) => this.#answer("hub", request, response));
    this.#store = createServer((request, response) => this.#answer("store", request, response));
  }

  static async start(): Promise<StandInHub> {
    const hub = new StandInHub();
    for (const server of [hub.#hub, hub.#store])
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return hub;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#hub.address() as AddressInfo).port}`;
  }

  /** Adds a repository of these files. */
  add(
    name: string,
    files: Readonly<Record<string, Buffer | string>>,
    more: Partial<HubRepository> = {},
  ): HubRepository {
    const entries = Object.entries(files).map(([path, content]) => [path, Buffer.from(content)] as const);
    const repository = { files: new Map(entries), commit: commitOf(name, entries), ...more };
    this.repositories.set(name, repository);
    return repository;
  }

  /** Adds a repository of a folder's files. */
  async addFolder(name: string, folder: string, more: Partial<HubRepository> = {}): Promise<HubRepository> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return [relative(folder, path).split(sep).join("/"), await readFile(path)] as const;
      });
    return this.add(name, Object.fromEntries(await Promise.all(files)), more);
  }

  /** Ends all that goes wrong. */
  heal(): void {
    this.faults = {};
  }

  /** Times that a file's content was asked for. */
  readsOf(path: string): readonly AskedFor[] {
    return this.asked.filter((each) => each.host === "store" && each.path.endsWith(`/${path}`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of [this.#hub, this.#store]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  #answer(host: AskedFor["host"], request: IncomingMessage, response: ServerResponse): undefined {
    const url = new URL(request.url ?? "/", this.endpoint);
    const path = decodeURIComponent(url.pathname);
    // Pages of any origin may read what it has.
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader("Access-Control-Expose-Headers", "Link, ETag, Content-Range, Retry-After, X-Error-Code");
    if (request.method === "OPTIONS") {
      response.writeHead(204, { "Access-Control-Allow-Headers": "*, Authorization" }).end();
      return;
    }
    this.asked.push({ host, path, headers: request.headers });
    if (this.faults.isPage) {
      response.setHeader("Content-Type", "text/html").end("<html>Please sign in</html>");
      return;
    }
    if (this.#takeOne("tooMany")) {
      if (this.faults.retryAfter) response.setHeader("Retry-After", this.faults.retryAfter);
      return refuse(response, 429);
    }
    if (this.#takeOne("failing")) return refuse(response, 500);
    if (host === "store") return this.#sendStored(path.slice(1), request, response);
    const api = /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\/(.+)$/.exec(path);
    const file = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(path);
    const [, name = "", what = "", revision = ""] = api ?? (file ? ["", file[1], "resolve", file[2]] : []);
    const repository = this.repositories.get(name);
    // The hub does not tell strangers which private repositories exist.
    if (!repository) return refuse(response, request.headers.authorization ? 404 : 401, "RepoNotFound");
    if (revision !== "main" && revision !== repository.commit) return refuse(response, 404, "RevisionNotFound");
    if (what === "revision") return this.#tell(repository, response);
    if (what === "tree") return this.#list(name, repository, url, response);
    if (repository.isGated && !request.headers.authorization) return refuse(response, 401, "GatedRepo");
    this.#sendFile(name, repository, file?.[3] ?? "", request, response);
  }

  #tell({ commit, licence, isGated }: HubRepository, response: ServerResponse): undefined {
    const cardData = licence === undefined ? undefined : { license: licence };
    sendJson(response, { sha: commit, gated: isGated ? "auto" : false, cardData });
  }

  #list(name: string, { files, commit }: HubRepository, url: URL, response: ServerResponse): undefined {
    const start = Number(url.searchParams.get("cursor") ?? 0);
    const listed = [...files].map(([path, content]) => ({
      type: "file",
      path,
      oid: gitOid(content),
      size: content.length,
      ...(isLarge(content) && { lfs: { oid: sha256(content), size: content.length, pointerSize: 134 } }),
    }));
    if (start + PAGE_FILES < listed.length) {
      const next = `${this.endpoint}/api/models/${name}/tree/${commit}?recursive=true&cursor=${start + PAGE_FILES}`;
      response.setHeader("Link", `<${next}>; rel="next"`);
    }
    const folders = start === 0 ? [{ type: "directory", path: "unet", oid: "0".repeat(40), size: 0 }] : [];
    sendJson(response, [...folders, ...listed.slice(start, start + PAGE_FILES)]);
  }

  #sendFile(
    name: string,
    { files }: HubRepository,
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): undefined {
    const content = files.get(path);
    if (!content) return refuse(response, 404, "EntryNotFound");
    if (!isLarge(content)) return this.#sendBytes(path, content, request, response);
    const store = `http://localhost:${(this.#store.address() as AddressInfo).port}`;
    response.setHeader("X-Linked-ETag", `"${sha256(content)}"`);
    response.writeHead(302, { Location: `${store}/${name}/${path}` }).end();
  }

  #sendStored(path: string, request: IncomingMessage, response: ServerResponse): undefined {
    const [, name = "", file = ""] = /^([^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
    const content = this.repositories.get(name)?.files.get(file);
    if (!content) return refuse(response, 404);
    this.#sendBytes(file, content, request, response);
  }

  #sendBytes(path: string, content: Buffer, request: IncomingMessage, response: ServerResponse): undefined {
    const etag = `"${sha256(content)}"`;
    const [, wanted] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
    if (wanted !== undefined && this.#takeOne("unsatisfiable")) return refuse(response, 416);
    const isSame = request.headers["if-range"] === undefined || request.headers["if-range"] === etag;
    const start = wanted !== undefined && isSame && !this.faults.ignoresRanges ? Number(wanted) : 0;
    if (start > content.length) return refuse(response, 416);
    const bytes = Buffer.from(content.subarray(start));
    if (bytes.length > 0 && this.#takeOne("scrambled")) bytes[bytes.length - 1]! ^= 1; // the last of at least one
    if (start > 0) response.setHeader("Content-Range", `bytes ${start}-${content.length - 1}/${content.length}`);
    response.writeHead(start > 0 ? 206 : 200, { ETag: etag, "Content-Length": bytes.length, "Accept-Ranges": "bytes" });
    void this.#sendPieces(path, bytes, response);
  }

  async #sendPieces(path: string, bytes: Buffer, response: ServerResponse): Promise<void> {
    for (let sent = 0; sent < bytes.length; ) {
      const { cutAfter, slowness, onPiece } = this.faults;
      if (cutAfter !== undefined && sent >= cutAfter) {
        this.faults.cuts = (this.faults.cuts ?? Infinity) - 1;
        if (this.faults.cuts <= 0) this.faults.cutAfter = undefined;
        response.destroy();
        return;
      }
      if (slowness) await new Promise((resolve) => setTimeout(resolve, slowness));
      const piece = bytes.subarray(sent, sent + Math.min(PIECE_BYTES, (cutAfter ?? Infinity) - sent));
      sent += piece.length;
      // Sent before the connection may be cut.
      await new Promise((resolve) => response.once("close", resolve).write(piece, resolve));
      onPiece?.(path, sent);
      if (response.destroyed) return;
    }
    response.end();
  }

  /** Counts a fault down; true as long as there is one left. */
  #takeOne(fault: "tooMany" | "failing" | "unsatisfiable" | "scrambled"): boolean {
    const left = this.faults[fault] ?? 0;
    this.faults[fault] = Math.max(0, left - 1);
    return left > 0;
  }
}

function isLarge(content: Buffer): boolean {
  return content.length > GIT_BYTES;
}

function refuse(response: ServerResponse, status: number, code?: string): undefined {
  if (code) response.setHeader("X-Error-Code", code);
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify({ error: code ?? status }));
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.setHeader("Content-Type", "application/json").end(JSON.stringify(value));
}

export function sha256(content: Uint8Array | string): string {
  return createHash("sha256").update(content).digest("hex");
}

function gitOid(content: Buffer): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}

function commitOf(name: string, files: readonly (readonly [string, Buffer])[]): string {
  const hash = createHash("sha1").update(name);
  for (const [path, content] of files) hash.update(path).update(content);
  return hash.digest("hex");
}
