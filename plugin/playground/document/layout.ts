/* Flex and grid layouts as data, in Penpot's words. */

export const sizings = ["fix", "fill", "auto"] as const;
export type Sizing = (typeof sizings)[number];
export const alignments = ["start", "end", "center", "stretch"] as const;
export const distributions = [
  "start",
  "center",
  "end",
  "space-between",
  "space-around",
  "space-evenly",
  "stretch",
] as const;
export type Distribution = (typeof distributions)[number];
export const trackTypes = ["flex", "fixed", "percent", "auto"] as const;

export interface Sides {
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  readonly left: number;
}

/** A row or a column: a share of what is free, page units, per cent of the board, or as large as what it holds. */
export interface Track {
  readonly type: (typeof trackTypes)[number];
  readonly value: number | null;
}

export interface LayoutData {
  readonly kind: "flex" | "grid";
  readonly dir: "row" | "row-reverse" | "column" | "column-reverse";
  /** Kept; lines are not wrapped. */
  readonly wrap: "wrap" | "nowrap";
  readonly alignItems: (typeof alignments)[number];
  readonly alignContent: Distribution;
  readonly justifyItems: (typeof alignments)[number];
  readonly justifyContent: Distribution;
  readonly rowGap: number;
  readonly columnGap: number;
  readonly padding: Sides;
  readonly rows: readonly Track[];
  readonly columns: readonly Track[];
  /** The board's own: its size, or that of what it holds. */
  readonly horizontalSizing: Sizing;
  readonly verticalSizing: Sizing;
}

export interface LayoutItemData {
  /** Left where it is. */
  readonly absolute: boolean;
  readonly zIndex: number;
  readonly horizontalSizing: Sizing;
  readonly verticalSizing: Sizing;
  readonly alignSelf: "auto" | (typeof alignments)[number];
  readonly margin: Sides;
  readonly maxWidth: number | null;
  readonly maxHeight: number | null;
  readonly minWidth: number | null;
  readonly minHeight: number | null;
}

/** A place in a grid; rows and columns count from 1. */
export interface CellData {
  readonly row: number;
  readonly rowSpan: number;
  readonly column: number;
  readonly columnSpan: number;
  readonly areaName: string;
  readonly position: "auto" | "manual" | "area";
}

const noSides: Sides = { top: 0, right: 0, bottom: 0, left: 0 };

export function defaultLayout(kind: LayoutData["kind"]): LayoutData {
  return {
    kind,
    dir: "row",
    wrap: "nowrap",
    alignItems: "start",
    alignContent: "stretch",
    justifyItems: "start",
    justifyContent: "start",
    rowGap: 0,
    columnGap: 0,
    padding: noSides,
    rows: [],
    columns: [],
    horizontalSizing: "fix",
    verticalSizing: "fix",
  };
}

export const defaultLayoutItem: LayoutItemData = {
  absolute: false,
  zIndex: 0,
  horizontalSizing: "fix",
  verticalSizing: "fix",
  alignSelf: "auto",
  margin: noSides,
  maxWidth: null,
  maxHeight: null,
  minWidth: null,
  minHeight: null,
};

export const defaultCell: CellData = { row: 1, rowSpan: 1, column: 1, columnSpan: 1, areaName: "", position: "auto" };
