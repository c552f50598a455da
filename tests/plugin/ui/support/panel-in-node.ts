import { decode } from "fast-png";
import { Settings } from "../../../../plugin/ui/app/settings.ts";
import { BrowserEngine } from "../../../../plugin/ui/engines/browser/browser-engine.ts";
import { CompanionEngine } from "../../../../plugin/ui/engines/companion/companion-engine.ts";
import { EngineChoice } from "../../../../plugin/ui/engines/engine-choice.ts";
import { Insertions } from "../../../../plugin/ui/jobs/insertions/insertions.ts";
import type { DocumentLink } from "../../../../plugin/ui/jobs/insertions/place-result.ts";
import { JobList } from "../../../../plugin/ui/jobs/list/job-list.ts";
import { EditFlow } from "../../../../plugin/ui/jobs/run/edit-flow.ts";
import { openShown } from "../../../../plugin/ui/jobs/variants/open-shown.ts";
import { changeMask } from "../../../../plugin/ui/masks/change-mask.ts";
import { decodeMask, readPatch } from "../../../../plugin/ui/masks/decode-mask.ts";
import { encodeMask, planeOf } from "../../../../plugin/ui/masks/encode-mask.ts";
import { growObject } from "../../../../plugin/ui/masks/grow-object.ts";
import { selectColour } from "../../../../plugin/ui/masks/select-colour.ts";
import type { EditSession } from "../../../../plugin/ui/pictures/edit-session.ts";
import type { DecodePicture, Picture } from "../../../../plugin/ui/pictures/picture.ts";
import { Sessions } from "../../../../plugin/ui/pictures/sessions.ts";
import { cutLayer } from "../../../../plugin/ui/pixels/cut-layer.ts";
import { decodePlainPng } from "../../../../plugin/ui/pixels/decode-pixels.ts";
import { fillCrop } from "../../../../plugin/ui/pixels/fill-crop.ts";
import { fitUpload } from "../../../../plugin/ui/pixels/fit-upload.ts";
import type { PixelTools } from "../../../../plugin/ui/pixels/pixel-tools.ts";
import type {
  BoardFilling,
  LayerPlacement,
  PicturePlacement,
  PictureReplacement,
  Placed,
  SandboxLink,
} from "../../../../plugin/ui/sandbox-link/sandbox-link.ts";
import { sourceWork } from "../../../../plugin/ui/source/source-work.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";
import type { JobId } from "../../../../shared/protocol/api.ts";
import { fromErrorData } from "../../../../shared/protocol/overpaint-error.ts";
import type { SelectedImage, Selection } from "../../../../shared/protocol/plugin/selection.ts";
import type { SourceLayer } from "../../../../shared/protocol/plugin/source.ts";
import { companionClientOf } from "./companion-client-of.ts";
import { FakeEngineWorker } from "./fake-engine-worker.ts";
import { shapeOf } from "./panel-page.ts";
import { landscape } from "./pictures.ts";
import { ScriptedCompanion } from "./scripted-companion.ts";
import { ScriptedEngine } from "./scripted-engine.ts";

/** Everything behind the panel's components, with a scripted document, companion and worker around it. */
export class PanelInNode {
  readonly companion: ScriptedCompanion;
  readonly browserScript = new ScriptedEngine();
  nextSeed = 100;
  readonly settings = new Settings(() => this.nextSeed++);
  readonly images = new Map<string, SelectedImage>();
  readonly placements: LayerPlacement[] = [];
  readonly replacements: PictureReplacement[] = [];
  readonly pictures: PicturePlacement[] = [];
  readonly boards: BoardFilling[] = [];
  readonly prompts: string[] = [];
  /** Ids of placements that were taken back. */
  readonly undone: string[] = [];
  readonly openPictures = new Set<Picture>();
  /** Replaces the answer to the next placements. */
  refusePlacement: Parameters<typeof fromErrorData>[0] | undefined;
  /** The layer of an earlier variant, whose place the next one takes. */
  earlierLayer: string | undefined;
  /** Where the next layers are said to stand. */
  stacking: Placed["stacking"];
  readonly sandbox: DocumentLink & Pick<SandboxLink, "readSource" | "readPicture">;
  readonly decode: DecodePicture;
  readonly engines: EngineChoice;
  readonly sessions: Sessions;
  readonly jobs: JobList;
  readonly flow: EditFlow;
  readonly insertions: Insertions;
  readonly pixels: PixelTools;
  /** Jobs that another open panel has. */
  readonly taken = new Set<string>();
  readonly claim = async (id: JobId) => !this.taken.has(id);

  private constructor(companion: ScriptedCompanion) {
    this.companion = companion;
    const client = companionClientOf(this.companion);
    this.engines = new EngineChoice({
      companion: new CompanionEngine(client),
      browser: new BrowserEngine({
        modelsUrl: "",
        startWorker: () => new FakeEngineWorker(this.browserScript).asWorker(),
      }),
      readStatus: () => client.status(),
    });
    this.sandbox = {
      readSource: async (shapeId) => {
        const image = this.images.get(shapeId);
        if (image === undefined) throw fromErrorData({ code: "source-changed", message: "The shape is gone." });
        const { width, height } = image.image;
        const bytes = landscape(width, height);
        return { image, bytes, mime: "image/png", layers: this.#layersOf(shapeId), others: [] };
      },
      readPicture: async (shapeId) => {
        const { image, bytes, mime } = await this.sandbox.readSource(shapeId);
        return { name: image.name, bytes, mime };
      },
      placeLayer: async (placement) => {
        if (this.refusePlacement !== undefined) throw fromErrorData(this.refusePlacement);
        this.placements.push(placement);
        const stacking = this.stacking && { stacking: this.stacking };
        if (this.earlierLayer !== undefined)
          return { ...placedAs(this.earlierLayer, placement, stacking), hasReplaced: true };
        return placedAs(`layer-${this.placements.length}`, placement, stacking);
      },
      replacePicture: async (replacement) => {
        this.replacements.push(replacement);
        return placedAs(replacement.from.shapeId, replacement);
      },
      fillBoard: async (filling) => {
        this.boards.push(filling);
        return placedAs(`board-${this.boards.length}`, filling);
      },
      undoPlacement: async (placementId) => void this.undone.push(placementId),
      redoPlacement: async (placementId) => {
        this.undone.splice(this.undone.indexOf(placementId), 1);
        const again = this.replacements.find((each) => each.placementId === placementId)?.from.shapeId;
        return placedAs(again ?? "layer-again", { name: "again", placementId });
      },
      placePicture: async (placement) => {
        this.pictures.push(placement);
        return placedAs(placement.shapeId ?? `picture-${this.pictures.length}`, placement);
      },
    };
    this.decode = decodeInNode(this.openPictures);
    const { sandbox, decode: decodePicture } = this;
    this.pixels = pixelsInNode;
    this.jobs = new JobList(decodePicture, this.pixels);
    this.sessions = new Sessions({ sandbox, decode: decodePicture, pixels: this.pixels });
    const { engines, sessions, settings, jobs, pixels } = this;
    this.insertions = new Insertions({
      engines,
      sessions,
      settings,
      jobs,
      sandbox,
      pixels,
    });
    openShown({ sessions, settings, jobs });
    this.flow = new EditFlow({
      engines: this.engines,
      sessions: this.sessions,
      settings: this.settings,
      jobs: this.jobs,
      pixels: this.pixels,
      prompts: { add: (words) => void this.prompts.push(words) },
      now: () => performance.now(),
    });
  }

  static async start(): Promise<PanelInNode> {
    const companion = new ScriptedCompanion();
    await companion.start();
    return new PanelInNode(companion);
  }

  /** The panel closed and opened again: nothing of it is left but the document and the companion. */
  reopen(): PanelInNode {
    const panel = new PanelInNode(this.companion);
    for (const [id, image] of this.images) panel.images.set(id, image);
    return panel;
  }

  /** The parts that were laid over a picture, with their pixels. */
  #layersOf(shapeId: string): SourceLayer[] {
    return this.placements.flatMap(({ from, place, layer: { x, y, width, height }, name, bytes, mime }, i) => {
      if (from.shapeId !== shapeId || place !== "part") return [];
      const matrix = [width, 0, 0, height, x, y] as const;
      return [{ shapeId: `layer-${i + 1}`, name, bytes, mime, matrix, opacity: 1, blendMode: "normal" }];
    });
  }

  imageSelection(shapeId: string, change: Partial<SelectedImage> = {}): Selection {
    const image = { ...shapeOf(shapeId, `Photo ${shapeId}`, 64, 48), ...change };
    this.images.set(shapeId, image);
    return { type: "image", image, shapes: [] };
  }

  /** Selects a picture and paints a dot into its middle. */
  async paintedSession(shapeId = "a", change: Partial<SelectedImage> = {}): Promise<EditSession> {
    await this.sessions.select(this.imageSelection(shapeId, change));
    const session = this.sessions.current.value!;
    const stroke = session.beginStroke("brush");
    stroke.drawLine({ x: 30, y: 24 }, { x: 34, y: 24 });
    session.endStroke(stroke);
    return session;
  }
}

/** Knows of the pictures that are open. */
export function decodeInNode(open: Set<Picture>): DecodePicture {
  return async (bytes) => {
    const { width, height } = decode(bytes);
    const thumbnail = { width: 1, height: 1, data: new Uint8ClampedArray(4) };
    const picture: Picture = {
      size: { width, height },
      bitmaps: [],
      thumbnail,
      close: () => void open.delete(picture),
    };
    open.add(picture);
    return picture;
  };
}

/** What the pixel worker does, on this thread. */
export const pixelsInNode: PixelTools = {
  thumbnailUrl: async () => "data:image/webp;base64,AA==",
  ...sourceWork(async (bytes) => decodePlainPng(bytes) as RgbaImage), // all pictures here are plain PNGs
  encodeMask: async (mask) => encodeMask(mask),
  decodeMask: async (png) => decodeMask(png),
  selectColour: async ({ bytes }, point, selection) => selectColour(rgbaOf(bytes), point, selection),
  readPatch: async (png, isTurned) => readPatch(png, isTurned),
  growObject: async ({ bytes }, point) => growObject(rgbaOf(bytes), point),
  changeMask: async (mask, change, clip) => changeMask(planeOf(mask), change, clip),
  fillCrop: async (png, layer, { bytes, visible }) => {
    return fillCrop(new Uint8Array(png), layer, visible, rgbaOf(bytes));
  },
  cutLayer: async (png, layer, visible) => cutLayer(new Uint8Array(png), layer, visible),
  fitUpload: async (png) => await fitUpload(png, async () => undefined),
};

/** The pixels of a test's picture, which has four channels. */
function rgbaOf(bytes: Uint8Array) {
  const { width, height, data } = decode(bytes);
  return { width, height, data: Uint8Array.from(data) };
}

function placedAs(
  shapeId: string,
  { name, placementId }: { readonly name: string; readonly placementId: string },
  stacking?: Pick<Placed, "stacking">,
): Placed {
  return { shapeId, mediaId: `media-of-${placementId}`, name, hasReplaced: false, ...stacking };
}
