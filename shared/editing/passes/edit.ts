import type { FloatImage } from "../../imaging/float-image.ts";
import type { GrayImage, RgbaImage } from "../../imaging/rgba-image.ts";
import type { PixelRect } from "../../protocol/geometry.ts";
import type { InputNote } from "../../protocol/input-note.ts";
import type {
  EnlargingPass,
  ErasePass,
  ExtendPass,
  InpaintPass,
  MattePass,
  Pass,
  PassOf,
  RestylePass,
} from "../../protocol/plans/pass.ts";
import type { ControlledPlace } from "../context/control-pictures.ts";

/**
 * One of the edits, as the executor sees it: how the start of each of its passes is made, and how what was drawn is laid
 * down. It holds the pixels of the source and asks no request.
 */
export interface Edit<SomePass extends Pass> {
  /** Where the layers lie in the source. */
  readonly area: PixelRect;
  /** What a pass draws, and where the pictures lie that ControlNets look at. */
  place(pass: SomePass): Omit<ControlledPlace, "working">;
  /** Begins as many variants as are drawn together. */
  begin(batch: number): EditedBatch<SomePass>;
}

/** Variants that are drawn together, from their first pass to their layers. */
export interface EditedBatch<SomePass extends Pass> {
  /** What a pass starts from. Called in the plan's order, each time before the pass is drawn. */
  start(pass: SomePass, index: number): Drawing;
  /** Takes what was drawn, one picture for each variant; none from passes that enlarge, whose tiles were taken one by one. */
  lay(pass: SomePass, index: number, drawn: readonly FloatImage[]): void;
  /** The layer of each variant. */
  finish(): readonly FinishedLayer[];
  /** What a pass would leave if it stopped at this picture, and which part of the source that fills. */
  preview(drawing: Drawing, decoded: FloatImage): Shown;
}

export interface FinishedLayer {
  /** Transparent outside the composite mask; inside the painted mask opaque, as far as the source's ground is. */
  readonly pixels: RgbaImage;
  /**
   * How much of the source the edit takes away under the layer, 255 all of it: where what is removed had nothing behind it.
   * One value a pixel; absent where the layer alone makes the result.
   */
  readonly erase?: GrayImage | undefined;
  /** Its place, where that is not the edit's own. */
  readonly area?: PixelRect;
  /** What is to be said of it. */
  readonly notes?: readonly InputNote[];
}

export interface Shown {
  readonly pixels: RgbaImage;
  readonly area: PixelRect;
}

/** A pass with the pixels it starts from, at its working size, three channels in 0..255. */
export type Drawing =
  | { readonly method: "prompt"; readonly pass: PassOf<"prompt"> }
  | {
      readonly method: "repaint";
      readonly pass: InpaintPass | ExtendPass;
      /** What is to be repainted is already prefilled; one for each variant. */
      readonly pictures: readonly FloatImage[];
      /** 0 keeps, 1 repaints, between: repaints as much, where the model can; one value a pixel. */
      readonly repaint: Float32Array;
    }
  | {
      readonly method: "redraw";
      readonly pass: PassOf<"redraw">;
      /** One for each variant. */
      readonly pictures: readonly FloatImage[];
    }
  | {
      readonly method: "restyle";
      readonly pass: RestylePass;
      readonly picture: FloatImage;
      /** The pictures whose style is taken over, at the sizes the pass says. */
      readonly references: readonly FloatImage[];
    }
  | {
      readonly method: "instruct";
      readonly pass: PassOf<"instruct">;
      /** The source, then the references, at the sizes that the pass says. */
      readonly pictures: readonly [FloatImage, ...FloatImage[]];
    }
  | {
      readonly method: "erase";
      readonly pass: ErasePass;
      /** One for each variant. */
      readonly pictures: readonly FloatImage[];
      /** 1 in the hole, 0 elsewhere; one value a pixel. */
      readonly hole: Float32Array;
    }
  | {
      readonly method: "matte";
      readonly pass: MattePass;
      /** The whole of it, at its own size: the network's folder knows how to make it smaller. */
      readonly picture: FloatImage;
    }
  | { readonly method: "super-resolve"; readonly pass: PassOf<"super-resolve">; readonly tiles: TileFeed }
  | { readonly method: "enlarge"; readonly pass: PassOf<"enlarge">; readonly tiles: TileFeed }
  | { readonly method: "refine"; readonly pass: PassOf<"refine">; readonly tiles: TileFeed };

/** A picture too large to be held as floats: read and laid down tile by tile. */
export interface TileFeed {
  /** A part of the working picture; beyond its borders they repeat. */
  read(area: PixelRect): FloatImage;
  /** Whether anything of a tile can be seen in the result. */
  isVisible(column: number, row: number): boolean;
  /**
   * Takes a tile as drawn, `factor` times as large, a network's with its margin. Tiles come in reading order; after the last
   * of a row, `finishRow`.
   */
  lay(column: number, row: number, drawn: FloatImage): void;
  finishRow(row: number): void;
}

/** Tiles of a pass that enlarges. */
export function countTiles({ tiling }: EnlargingPass): number {
  return tiling.columns.length * tiling.rows.length;
}
