import { type Document, getShape } from "./document.ts";
import { placementOf, shapeBounds, translateShape } from "./geometry-edits.ts";
import { defaultLayoutItem, type LayoutData, type LayoutItemData, type Track } from "./layout.ts";
import type { BoardData, ShapeId } from "./shape.ts";
import { setShapes, updateShape } from "./tree-edits.ts";

/** Places what a board's layout holds, and gives the board its size where that follows from it. */
export function flowBoard(document: Document, { id }: BoardData): Document {
  const board = getShape(document, id);
  if (board.type !== "board" || !board.layout) return document;
  return board.layout.kind === "flex"
    ? flowFlex(document, board, board.layout)
    : flowGrid(document, board, board.layout);
}

interface Item {
  readonly id: ShapeId;
  readonly data: LayoutItemData;
  readonly width: number;
  readonly height: number;
}

/** Those a layout places, from the bottom. */
function itemsOf(document: Document, board: BoardData): Item[] {
  return board.children
    .map((id) => getShape(document, id))
    .filter((shape) => !shape.isHidden && !shape.layoutItem?.absolute)
    .map((shape) => {
      const { width, height } = shapeBounds(document, shape);
      return { id: shape.id, data: shape.layoutItem ?? defaultLayoutItem, width, height };
    });
}

/** One line, the topmost first unless the direction is reversed; wrapping is not done. */
function flowFlex(document: Document, board: BoardData, layout: LayoutData): Document {
  const isRow = layout.dir.startsWith("row");
  const items = layout.dir.endsWith("reverse") ? itemsOf(document, board) : itemsOf(document, board).toReversed();
  const [main, cross] = isRow ? (["width", "height"] as const) : (["height", "width"] as const);
  const margins = ({ data: { margin } }: Item) =>
    isRow
      ? { before: margin.left, after: margin.right, crossBefore: margin.top, crossAfter: margin.bottom }
      : { before: margin.top, after: margin.bottom, crossBefore: margin.left, crossAfter: margin.right };
  const { padding } = layout;
  const [start, end, crossStart, crossEnd] = isRow
    ? [padding.left, padding.right, padding.top, padding.bottom]
    : [padding.top, padding.bottom, padding.left, padding.right];
  const gap = isRow ? layout.columnGap : layout.rowGap;
  const gaps = gap * Math.max(items.length - 1, 0);
  const isFilling = (item: Item, axis: "width" | "height") =>
    (axis === "width" ? item.data.horizontalSizing : item.data.verticalSizing) === "fill";
  const taken = items.reduce(
    (sum, item) => sum + (isFilling(item, main) ? 0 : item[main]) + margins(item).before + margins(item).after,
    gaps,
  );
  const crossTaken = Math.max(
    0,
    ...items.map((item) => item[cross] + margins(item).crossBefore + margins(item).crossAfter),
  );
  const hugs = (axis: "width" | "height") =>
    (axis === "width" ? layout.horizontalSizing : layout.verticalSizing) === "auto";
  const size = {
    [main]: hugs(main) ? taken + start + end : board[main],
    [cross]: hugs(cross) ? crossTaken + crossStart + crossEnd : board[cross],
  } as { width: number; height: number };
  const free = size[main] - start - end - taken;
  const filling = items.filter((item) => isFilling(item, main)).length;
  const { offset, between } = spread(layout.justifyContent, filling > 0 ? 0 : Math.max(free, 0), items.length);

  let next = setShapes(document, [{ ...board, ...size }]);
  let at = start + offset;
  for (const item of items) {
    const margin = margins(item);
    const room = size[cross] - crossStart - crossEnd - margin.crossBefore - margin.crossAfter;
    const align = item.data.alignSelf === "auto" ? layout.alignItems : item.data.alignSelf;
    const stretches = align === "stretch" || isFilling(item, cross);
    const itemSize = {
      [main]: limited(isFilling(item, main) ? Math.max(free, 0) / filling : item[main], item.data, main),
      [cross]: limited(stretches ? Math.max(room, 0) : item[cross], item.data, cross),
    } as { width: number; height: number };
    const crossAt = crossStart + margin.crossBefore + alignedIn(align, room - itemSize[cross]);
    at += margin.before;
    next = placeItem(
      next,
      item.id,
      isRow ? { x: board.x + at, y: board.y + crossAt } : { x: board.x + crossAt, y: board.y + at },
      itemSize,
    );
    at += itemSize[main] + margin.after + gap + between;
  }
  return next;
}

function limited(length: number, data: LayoutItemData, axis: "width" | "height"): number {
  const [least, most] = axis === "width" ? [data.minWidth, data.maxWidth] : [data.minHeight, data.maxHeight];
  return Math.max(Math.min(length, most ?? Number.POSITIVE_INFINITY), least ?? 0.01);
}

function alignedIn(align: string, free: number): number {
  return align === "center" ? free / 2 : align === "end" ? free : 0;
}

function spread(distribution: string, free: number, count: number): { offset: number; between: number } {
  switch (distribution) {
    case "center":
      return { offset: free / 2, between: 0 };
    case "end":
      return { offset: free, between: 0 };
    case "space-between":
      return { offset: 0, between: count > 1 ? free / (count - 1) : 0 };
    case "space-around":
      return { offset: free / count / 2, between: free / count };
    case "space-evenly":
      return { offset: free / (count + 1), between: free / (count + 1) };
    default:
      return { offset: 0, between: 0 };
  }
}

/** Cells from fixed, relative and free tracks; an item without a cell stays where it is. */
function flowGrid(document: Document, board: BoardData, layout: LayoutData): Document {
  const { padding } = layout;
  const width = board.width - padding.left - padding.right;
  const height = board.height - padding.top - padding.bottom;
  const items = itemsOf(document, board);
  const cellOf = ({ id }: Item) => getShape(document, id).cell;
  const largest = (axis: "row" | "column", length: "width" | "height") => (index: number) =>
    Math.max(0, ...items.filter((item) => cellOf(item)?.[axis] === index + 1).map((item) => item[length]));
  const columns = trackSpans(layout.columns, width, layout.columnGap, largest("column", "width"));
  const rows = trackSpans(layout.rows, height, layout.rowGap, largest("row", "height"));
  return items.reduce((next, item) => {
    const cell = cellOf(item);
    const column = cell && spanOf(columns, cell.column, cell.columnSpan);
    const row = cell && spanOf(rows, cell.row, cell.rowSpan);
    if (!column || !row) return next;
    const { margin, alignSelf, horizontalSizing, verticalSizing } = item.data;
    const roomX = column.length - margin.left - margin.right;
    const roomY = row.length - margin.top - margin.bottom;
    const alignY = alignSelf === "auto" ? layout.alignItems : alignSelf;
    const size = {
      width: limited(
        horizontalSizing === "fill" || layout.justifyItems === "stretch" ? roomX : item.width,
        item.data,
        "width",
      ),
      height: limited(verticalSizing === "fill" || alignY === "stretch" ? roomY : item.height, item.data, "height"),
    };
    return placeItem(
      next,
      item.id,
      {
        x: board.x + padding.left + column.start + margin.left + alignedIn(layout.justifyItems, roomX - size.width),
        y: board.y + padding.top + row.start + margin.top + alignedIn(alignY, roomY - size.height),
      },
      size,
    );
  }, document);
}

interface Span {
  readonly start: number;
  readonly length: number;
}

function trackSpans(tracks: readonly Track[], room: number, gap: number, largest: (index: number) => number): Span[] {
  const fixed = tracks.map(({ type, value }, index) => {
    if (type === "fixed") return value ?? 0;
    if (type === "percent") return ((value ?? 0) / 100) * room;
    return type === "auto" ? largest(index) : 0;
  });
  const shares = tracks.map(({ type, value }) => (type === "flex" ? (value ?? 1) : 0));
  const totalShares = shares.reduce((sum, share) => sum + share, 0);
  const free = room - fixed.reduce((sum, length) => sum + length, 0) - gap * Math.max(tracks.length - 1, 0);
  let start = 0;
  return fixed.map((length, index) => {
    const span = {
      start,
      length: length + (totalShares > 0 ? (Math.max(free, 0) * (shares[index] ?? 0)) / totalShares : 0),
    };
    start += span.length + gap;
    return span;
  });
}

function spanOf(spans: readonly Span[], from: number, count: number): Span | undefined {
  const [first, last] = [spans[from - 1], spans[Math.min(from - 1 + count, spans.length) - 1]];
  return first && last && { start: first.start, length: last.start + last.length - first.start };
}

/** Puts the corner of an item's bounds at a place; a size that changed resizes it, unless it is turned. */
function placeItem(
  document: Document,
  id: ShapeId,
  at: { readonly x: number; readonly y: number },
  size: { readonly width: number; readonly height: number },
): Document {
  const shape = getShape(document, id);
  const box = placementOf(document, shape);
  const isSame = Math.abs(box.width - size.width) < 1e-6 && Math.abs(box.height - size.height) < 1e-6;
  const canResize = shape.type !== "group" && shape.type !== "boolean" && box.rotation === 0 && !isSame;
  const sized = canResize ? updateShape(document, id, (same) => ({ ...same, ...size })) : document;
  const bounds = shapeBounds(sized, getShape(sized, id));
  const by = { x: at.x - bounds.x, y: at.y - bounds.y };
  return Math.abs(by.x) + Math.abs(by.y) < 1e-9 ? sized : translateShape(sized, id, by);
}
