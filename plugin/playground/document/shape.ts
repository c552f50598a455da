import type { Placement, Point, Size } from "./geometry.ts";
import type { MediaId } from "./media-store.ts";

export type ShapeId = string & { readonly __brand: "ShapeId" };

export interface GradientStop {
  readonly color: string;
  readonly opacity: number;
  /** 0 to 1 along the gradient. */
  readonly offset: number;
}

/** One paint of a shape. Opacity 0 to 1. */
export type FillData =
  | { readonly type: "color"; readonly color: string; readonly opacity: number }
  | {
      readonly type: "gradient";
      readonly kind: "linear" | "radial";
      /** In fractions of the shape's box. */
      readonly start: Point;
      readonly end: Point;
      readonly stops: readonly GradientStop[];
      readonly opacity: number;
    }
  | {
      readonly type: "image";
      readonly mediaId: MediaId;
      /** True: covers the box, cut at its edges. False: stretched to it. */
      readonly keepAspectRatio: boolean;
      readonly opacity: number;
    };

interface ShapeCommon extends Placement {
  readonly id: ShapeId;
  readonly name: string;
  /** Absent on the page's root only. */
  readonly parentId?: ShapeId;
  /** `fills[0]` is painted last, on top. Groups have none. */
  readonly fills: readonly FillData[];
  readonly opacity: number;
  readonly borderRadius: number;
  readonly isHidden: boolean;
  readonly isBlocked: boolean;
  /** Namespace → key → value. Namespaces are `plugin/<id>` and `shared/<name>`. */
  readonly pluginData: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

interface Container {
  /** From bottom to top. */
  readonly children: readonly ShapeId[];
}

export type ShapeData =
  | (ShapeCommon & { readonly type: "rectangle" | "ellipse" })
  /** `d` in coordinates of `viewBox`, which is scaled to the placement's box. */
  | (ShapeCommon & { readonly type: "path"; readonly d: string; readonly viewBox: Size })
  | (ShapeCommon & Container & { readonly type: "board"; readonly clipContent: boolean })
  /** Its box is that of its children. */
  | (ShapeCommon & Container & { readonly type: "group" });

export type ShapeType = ShapeData["type"];
export type ContainerData = Extract<ShapeData, Container>;

export function isContainer(shape: ShapeData): shape is ContainerData {
  return shape.type === "board" || shape.type === "group";
}
