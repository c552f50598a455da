import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join } from "node:path";
import type { Browser, FrameLocator, Page } from "playwright-core";
import {
  type PanelMessage,
  type SandboxMessage,
  SECRET_PARAMETER,
  type Unmarked,
} from "../../../../shared/protocol/plugin/messages.ts";
import type { Outline } from "../../../../shared/protocol/plugin/outline.ts";
import type { SelectedImage } from "../../../../shared/protocol/plugin/selection.ts";
import type { SourceLayer } from "../../../../shared/protocol/plugin/source.ts";
import { inRepository } from "../../../support/repository.ts";
import type { ScriptedCompanion } from "./scripted-companion.ts";

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

type PlacementMessage = Extract<
  PanelMessage,
  { type: "place-layer" | "replace-picture" | "place-picture" | "fill-board" }
>;
/** What the sandbox would say; the host page marks it. */
type FromSandbox = Unmarked<SandboxMessage>;

/** Of the panel's address. */
const SECRET = "the-secret-of-the-panel";

/** A message as it crosses into the page: bytes in base64, because the test driver speaks JSON. */
type Wire = Readonly<Record<string, unknown>>;

/** The page around the panel: it plays Penpot and the sandbox. */
const hostPage = `<!doctype html><title>Host</title><style>body{margin:0;background:#777}iframe{border:0}</style><script>
const toBytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const toText = (bytes) => { let s = ""; for (const b of bytes) s += String.fromCharCode(b); return btoa(s); };
window.tell = (message) => {
  const copy = { source: "overpaint", secret: "${SECRET}", ...message };
  if (typeof copy.bytes === "string") copy.bytes = toBytes(copy.bytes);
  document.querySelector("iframe").contentWindow.postMessage(copy, "*");
};
addEventListener("message", ({ data }) => {
  if (data?.source !== "overpaint") return;
  const copy = { ...data };
  if (copy.bytes) copy.bytes = toText(copy.bytes);
  window.onPanelMessage(copy);
});
</script>`;

export interface PanelPageOptions {
  readonly browser: Browser;
  readonly companion: ScriptedCompanion;
  readonly theme?: "light" | "dark";
  /** Of the page around the panel; not `localhost` is a machine elsewhere, whose page on plain http is no secure context. */
  readonly hostName?: string;
  /** Of the panel's frame, in CSS pixels. */
  readonly size?: { readonly width: number; readonly height: number };
  /** Pictures by shape id. */
  readonly images: Readonly<Record<string, { readonly shape: SelectedImage; readonly bytes: Uint8Array }>>;
  readonly webFolder?: string;
  /** Files that are served instead of the built ones, by a pattern of their path. */
  readonly replacements?: readonly (readonly [RegExp, string])[];
}

/** The built panel in a frame of another origin, with everything around it scripted. */
export class PanelPage {
  readonly page: Page;
  readonly panel: FrameLocator;
  /** What the panel sent, newest last. */
  readonly received: PanelMessage[] = [];
  /** Exceptions that nothing in the panel caught. */
  readonly errors: string[] = [];
  /** What answers placements; by default they succeed. */
  answerPlacement: (message: PlacementMessage) => FromSandbox | undefined;
  selection: FromSandbox;
  /** What every shape is as a mask. */
  maskOutline: Outline = { d: "M10 20h60v40h-60z", fillRule: "nonzero", matrix: [1, 0, 0, 1, 0, 0] };
  readonly #laid: Extract<PanelMessage, { type: "place-layer" }>[] = [];
  readonly #options: PanelPageOptions;

  private constructor(page: Page, options: PanelPageOptions) {
    this.page = page;
    page.on("pageerror", ({ message }) => this.errors.push(message));
    this.panel = page.frameLocator("iframe");
    this.#options = options;
    this.answerPlacement = ({ requestId, name, ...message }) => {
      const into = message.type === "replace-picture" ? message.from.shapeId : undefined;
      const shapeId = (message.type === "place-picture" ? message.shapeId : into) ?? "layer-1";
      return { type: "placed", requestId, shapeId, mediaId: `media-of-${shapeId}`, name, hasReplaced: false };
    };
    this.selection = {
      type: "selection",
      selection: {
        type: "none",
        error: {
          code: "no-selection",
          message: "Nothing is selected.",
          remedy: "Select a shape with an image on the canvas.",
        },
        shapes: [],
        pictures: [],
      },
    };
  }

  static async open(options: PanelPageOptions): Promise<PanelPage> {
    const { browser, companion, hostName = "localhost", theme = "dark", size = { width: 336, height: 597 } } = options;
    companion.serveOther = serveBuiltFiles(options);
    const context = await browser.newContext({ viewport: size, deviceScaleFactor: 2 });
    const page = await context.newPage();
    const host = new PanelPage(page, options);
    await page.exposeFunction("onPanelMessage", (message: Wire) => host.#receive(message));
    await page.goto(`${companion.origin.replace("127.0.0.1", hostName)}/host`);
    await page.evaluate(
      ({ src, width, height }) => {
        const frame = document.createElement("iframe");
        Object.assign(frame, { src, width, height });
        document.body.append(frame);
      },
      { src: `${companion.origin}/ui/index.html#/?theme=${theme}&${SECRET_PARAMETER}=${SECRET}`, ...size },
    );
    return host;
  }

  async select(shapeId: string): Promise<void> {
    const image = this.#withLayers(this.#options.images[shapeId]!.shape);
    this.selection = { type: "selection", selection: { type: "image", image, shapes: [] } };
    await this.tell(this.selection);
  }

  async tell(message: FromSandbox): Promise<void> {
    const wire = "bytes" in message ? { ...message, bytes: Buffer.from(message.bytes).toString("base64") } : message;
    await this.page.evaluate((data) => (window as unknown as { tell(data: unknown): void }).tell(data), wire);
  }

  /** Draws a stroke over the stage; points in shares of its width and height. */
  async paint(...points: readonly (readonly [number, number])[]): Promise<void> {
    const box = (await this.panel.locator(".stage-surface").boundingBox())!;
    const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
    await this.page.mouse.move(...at(points[0]!));
    await this.page.mouse.down();
    for (const point of points) await this.page.mouse.move(...at(point), { steps: 4 });
    await this.page.mouse.up();
  }

  lastOf<T extends PanelMessage["type"]>(type: T): Extract<PanelMessage, { type: T }> | undefined {
    return this.received.findLast((message): message is Extract<PanelMessage, { type: T }> => message.type === type);
  }

  /** The parts that were laid over a picture, with their pixels. */
  #layersOf(shapeId: string): SourceLayer[] {
    return this.#laid.flatMap(({ from, place, layer: { x, y, width, height }, name, bytes, mime }, i) => {
      if (from.shapeId !== shapeId || place !== "part") return [];
      const matrix = [width, 0, 0, height, x, y] as const;
      return [{ shapeId: `layer-${i + 1}`, name, bytes, mime, matrix, opacity: 1, blendMode: "normal" }];
    });
  }

  #withLayers(shape: SelectedImage): SelectedImage {
    return { ...shape, layers: this.#layersOf(shape.shapeId).map(({ shapeId, name }) => ({ shapeId, name })) };
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  async #receive(wire: Wire): Promise<void> {
    const bytes = typeof wire.bytes === "string" ? new Uint8Array(Buffer.from(wire.bytes, "base64")) : undefined;
    const message = { ...wire, ...(bytes && { bytes }) } as PanelMessage;
    this.received.push(message);
    if (message.type === "ready") await this.tell(this.selection);
    if (isPlacement(message)) {
      const answer = this.answerPlacement(message);
      if (answer?.type === "placed" && message.type === "place-layer") this.#laid.push(message);
      if (answer !== undefined) await this.tell(answer);
    }
    if (message.type === "read-mask") {
      const { requestId } = message;
      const region = { type: "outline", outline: this.maskOutline } as const;
      return await this.tell({ type: "mask", requestId, region, version: "1" });
    }
    if (message.type !== "read-source" && message.type !== "read-picture") return;
    const { requestId, shapeId } = message;
    const found = this.#options.images[shapeId];
    if (found === undefined) {
      const error = { code: "source-changed", message: "The shape is gone." } as const;
      return await this.tell({ type: "failed", requestId, error });
    }
    const file = { bytes: found.bytes, mime: "image/png" };
    await this.tell(
      message.type === "read-picture"
        ? { type: "picture", requestId, name: found.shape.name, ...file }
        : {
            type: "source",
            requestId,
            image: this.#withLayers(found.shape),
            ...file,
            layers: this.#layersOf(shapeId),
            others: [],
          },
    );
  }
}

function isPlacement(message: PanelMessage): message is PlacementMessage {
  return "placementId" in message && "bytes" in message;
}

export function shapeOf(shapeId: string, name: string, width: number, height: number): SelectedImage {
  const image = { width, height };
  const visible = { x: 0, y: 0, ...image };
  const mediaId = `media-${shapeId}`;
  return {
    shapeId,
    pageId: "page-1",
    name,
    ...image,
    rotation: 0,
    image,
    visible,
    mediaId,
    rim: 0,
    layers: [],
    version: mediaId,
    insertion: "layer",
  };
}

function serveBuiltFiles({ companion, webFolder = inRepository("dist/web"), replacements = [] }: PanelPageOptions) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname } = new URL(request.url ?? "/", companion.origin);
    const send = (type: string, body: string) => void response.writeHead(200, { "content-type": type }).end(body);
    if (pathname === "/host") return send("text/html", hostPage);
    const replacement = replacements.find(([pattern]) => pattern.test(pathname));
    if (replacement !== undefined) return send("text/javascript", replacement[1]);
    const file = pathname.startsWith("/models/") ? inRepository(pathname.slice(1)) : join(webFolder, pathname);
    if (!(await stat(file).catch(() => undefined))?.isFile()) return void response.writeHead(404).end();
    if (pathname === "/ui/index.html") {
      const page = await readFile(file, "utf8");
      const meta = `<meta name="overpaint-token" content="${companion.token}">`;
      return send("text/html; charset=utf-8", page.replace("<head>", `<head>${meta}`));
    }
    // As the companion does: names in assets/ carry a hash of their content.
    const caching = pathname.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
    const type = contentTypes[extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "cache-control": caching });
    createReadStream(file).pipe(response);
  };
}
