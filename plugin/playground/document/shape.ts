import type { BlendMode } from "../../../shared/protocol/plugin/source.ts";
import type {
  BlurData,
  Corners,
  ExportData,
  horizontalConstraints,
  ShadowData,
  StrokeData,
  verticalConstraints,
} from "./decoration.ts";
import type { Placement, Point, Size } from "./geometry.ts";
import type { CellData, LayoutData, LayoutItemData } from "./layout.ts";
import type { MediaId } from "./media-store.ts";
import type { GrowType, TextRun } from "./text.ts";

export type ShapeId = string & { readonly __brand: "ShapeId" };

export interface GradientStop {
  readonly color: string;
  readonly opacity: number;
  /** 0 to 1 along the gradient. */
  readonly offset: number;
}

interface FillCommon {
  /** 0 to 1. */
  readonly opacity: number;
  /** The library colour it was taken from. */
  readonly refId?: string;
  readonly refFile?: string;
}

/** One paint of a shape. */
export type FillData = FillCommon &
  (
    | { readonly type: "color"; readonly color: string }
    | {
        readonly type: "gradient";
        readonly kind: "linear" | "radial";
        /** In fractions of the shape's box. */
        readonly start: Point;
        readonly end: Point;
        /** A radial gradient's breadth over its length; 1 when absent. */
        readonly width?: number;
        readonly stops: readonly GradientStop[];
      }
    | {
        readonly type: "image";
        readonly mediaId: MediaId;
        /** True: covers the box, cut at its edges. False: stretched to it. */
        readonly keepAspectRatio: boolean;
      }
  );

/** Namespace → key → value. Namespaces are `plugin/<id>` and `shared/<name>`. */
export type PluginDataMap = Readonly<Record<string, Readonly<Record<string, string>>>>;

interface ShapeCommon extends Placement {
  readonly id: ShapeId;
  readonly name: string;
  /** Absent on the page's root only. */
  readonly parentId?: ShapeId;
  /** `fills[0]` is painted last, on top. What a group has is kept and not painted. */
  readonly fills: readonly FillData[];
  /** As fills: the first is on top. */
  readonly strokes: readonly StrokeData[];
  readonly shadows: readonly ShadowData[];
  readonly blur?: BlurData | undefined;
  /** Kept, not painted. */
  readonly backgroundBlur?: BlurData | undefined;
  readonly exports: readonly ExportData[];
  readonly opacity: number;
  readonly blendMode: BlendMode;
  /** One radius for all corners, or one each. Rectangles and boards only. */
  readonly borderRadius: number | Corners;
  readonly isHidden: boolean;
  readonly isBlocked: boolean;
  readonly proportionLock: boolean;
  readonly fixedWhenScrolling: boolean;
  readonly constraintsHorizontal: (typeof horizontalConstraints)[number];
  readonly constraintsVertical: (typeof verticalConstraints)[number];
  /** How it takes part in its parent's layout. */
  readonly layoutItem?: LayoutItemData | undefined;
  readonly cell?: CellData | undefined;
  readonly interactions?: readonly InteractionData[];
  readonly pluginData: PluginDataMap;
}

/** What a prototype does when something happens at a shape. Kept as plugins set it, boards by their ids. */
export interface InteractionData {
  readonly id: string;
  readonly trigger: "click" | "mouse-enter" | "mouse-leave" | "after-delay";
  /** In milliseconds. */
  readonly delay: number | null;
  readonly action: Readonly<Record<string, unknown>> & { readonly type: string };
}

interface Container {
  /** From bottom to top. */
  readonly children: readonly ShapeId[];
}

export const booleanTypes = ["union", "difference", "exclude", "intersection"] as const;
export type BooleanType = (typeof booleanTypes)[number];

export type ShapeData =
  | (ShapeCommon & { readonly type: "rectangle" | "ellipse" })
  /** `d` in coordinates of `viewBox`, which is scaled to the placement's box. */
  | (ShapeCommon & { readonly type: "path"; readonly d: string; readonly viewBox: Size })
  | (ShapeCommon & {
      readonly type: "text";
      /** Paragraphs end at line breaks. At least one run; its fills stand for the shape's. */
      readonly runs: readonly TextRun[];
      readonly growType: GrowType;
      readonly verticalAlign: "top" | "center" | "bottom";
    })
  /** What of an imported SVG has no shape of its own: kept, not painted. */
  | (ShapeCommon & { readonly type: "svg-raw"; readonly markup: string })
  | (ShapeCommon &
      Container & {
        readonly type: "board";
        readonly clipContent: boolean;
        readonly isLeftOutOfViewMode?: boolean;
        /** Columns, rows and squares to align by, as plugins set them. */
        readonly guides?: readonly unknown[];
        readonly layout?: LayoutData | undefined;
      })
  /** Its box is that of its children or, of a mask group, that of the lowest, whose alpha then masks the others. */
  | (ShapeCommon & Container & { readonly type: "group"; readonly isMask?: boolean })
  /** Combines its children's outlines, in their order from the bottom. Its box is that of the outcome. */
  | (ShapeCommon & Container & { readonly type: "boolean"; readonly operation: BooleanType });

export type ContainerData = Extract<ShapeData, Container>;
export type TextData = Extract<ShapeData, { type: "text" }>;
export type BoardData = Extract<ShapeData, { type: "board" }>;

export function isContainer(shape: ShapeData): shape is ContainerData {
  return shape.type === "board" || shape.type === "group" || shape.type === "boolean";
}

/** Whether its box follows from what it holds. */
export function isBoxOfChildren(shape: ShapeData): shape is Extract<ShapeData, { type: "group" | "boolean" }> {
  return shape.type === "group" || shape.type === "boolean";
}
