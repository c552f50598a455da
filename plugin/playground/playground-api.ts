import type { Context } from "@penpot/plugin-types";
import { getShape, subtree } from "./document/document.ts";
import type { Rect } from "./document/geometry.ts";
import { rotateShape, shapeBounds, translateShape } from "./document/geometry-edits.ts";
import type { ShapeData, ShapeId } from "./document/shape.ts";
import { removeShape } from "./document/tree-edits.ts";
import type { Playground } from "./playground.ts";
import type { PluginHost, PluginState } from "./plugin-host/plugin-host.ts";
import type { Sample } from "./samples/sample.ts";

/** A shape as tests see it. */
export type PlaygroundShape = ShapeData & { readonly bounds: Rect };

/** `window.overpaintPlayground`: what tests and the curious can do with the page from outside. */
export interface OverpaintPlayground {
  /** Resolves when the first document is shown and the plugin is open or has failed. */
  readonly ready: Promise<void>;
  readonly pluginState: PluginState;
  readonly pageId: string;
  /** Everything on the page, without its root, in the order of painting: the last is on top. */
  readonly shapes: readonly PlaygroundShape[];
  readonly selection: readonly string[];
  select(...shapeIds: readonly string[]): void;
  move(shapeId: string, dx: number, dy: number): void;
  /** Clockwise, in degrees, about the shape's centre. */
  rotate(shapeId: string, degrees: number): void;
  remove(shapeId: string): void;
  undo(): void;
  redo(): void;
  setTheme(theme: "light" | "dark"): void;
  /** Throws for an unknown id; `sampleIds` lists them. */
  openSample(id: string): Promise<void>;
  readonly sampleIds: readonly string[];
  /** Puts a picture file on the page and answers the shape's id. */
  openImage(name: string, bytes: Uint8Array): string;
  /** The uploaded file of an image fill. */
  mediaBytes(mediaId: string): Uint8Array;
  /**
   * The page's pixels, straight RGBA, without outlines: `scale` pixels a page unit, so that at 1 a picture at its own size
   * on whole units comes out bit for bit.
   */
  renderPixels(area: Rect, scale?: number): Promise<ImageData>;
  /** What a plugin with every permission is handed as `penpot`, without its window. */
  readonly penpot: Context;
  reloadPlugin(): Promise<void>;
  closePlugin(): void;
}

declare global {
  interface Window {
    overpaintPlayground: OverpaintPlayground;
  }
}

export interface PlaygroundApiParts {
  readonly playground: Playground;
  readonly plugin: PluginHost;
  readonly penpot: Context;
  readonly samples: readonly Sample[];
  readonly ready: Promise<void>;
}

export function installPlaygroundApi({ playground, plugin, penpot, samples, ready }: PlaygroundApiParts): void {
  const { store } = playground;
  const edit = (change: Parameters<typeof store.edit>[0]) => store.edit(change);
  window.overpaintPlayground = {
    ready,
    get pluginState() {
      return plugin.state.value;
    },
    get pageId() {
      return store.snapshot.document.pageId;
    },
    get shapes() {
      const { document } = store.snapshot;
      const [, ...shapes] = subtree(document, document.rootId);
      return shapes.map((shape) => ({ ...shape, bounds: shapeBounds(document, shape) }));
    },
    get selection() {
      return store.snapshot.selection;
    },
    select: (...ids) => store.select(ids as ShapeId[]),
    move: (id, x, y) => edit((document) => translateShape(document, id as ShapeId, { x, y })),
    rotate: (id, degrees) => edit((document) => rotateShape(document, id as ShapeId, degrees)),
    remove: (id) => edit((document) => removeShape(document, id as ShapeId)),
    undo: () => store.undo(),
    redo: () => store.redo(),
    setTheme: (theme) => store.setTheme(theme),
    async openSample(id) {
      const sample = samples.find((candidate) => candidate.id === id);
      if (!sample) throw new Error(`There is no sample ${id}; there are ${samples.map((each) => each.id).join(", ")}.`);
      await playground.openSample(sample);
    },
    sampleIds: samples.map((sample) => sample.id),
    openImage: (name, bytes) => playground.openImage(name, bytes),
    mediaBytes(mediaId) {
      const fills = [...store.snapshot.document.shapes.keys()].flatMap(
        (id) => getShape(store.snapshot.document, id).fills,
      );
      const fill = fills.find((candidate) => candidate.type === "image" && candidate.mediaId === mediaId);
      const media = fill?.type === "image" ? store.media.get(fill.mediaId) : undefined;
      if (!media) throw new Error(`No shape on the page shows the picture ${mediaId}.`);
      return media.bytes;
    },
    async renderPixels(area, scale = 1) {
      const canvas = await playground.renderArea(area, scale);
      const context = canvas.getContext("2d");
      if (!context) throw new Error("The rendering cannot be read.");
      return context.getImageData(0, 0, canvas.width, canvas.height);
    },
    penpot,
    reloadPlugin: () => plugin.open(),
    closePlugin: () => plugin.close(),
  };
}
