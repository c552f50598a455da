import type { FlexLayout, GridLayout, Shape } from "@penpot/plugin-types";
import { z } from "zod";
import {
  alignments,
  defaultCell,
  defaultLayout,
  defaultLayoutItem,
  distributions,
  type LayoutData,
  type Sides,
  sizings,
  type Track,
  trackTypes,
} from "../../document/layout.ts";
import type { ShapeId } from "../../document/shape.ts";
import { relocateShape, updateShape } from "../../document/tree-edits.ts";
import { liveObject, pluginObject } from "../plugin-object.ts";
import { parsed, type ShapeHandle, shapeIdOf } from "./shape-handle.ts";

const sides = ["top", "right", "bottom", "left"] as const;
const length = z.number().min(0);

const layoutSchemas = {
  dir: z.enum(["row", "row-reverse", "column", "column-reverse"]),
  wrap: z.enum(["wrap", "nowrap"]),
  alignItems: z.enum(alignments),
  alignContent: z.enum(distributions),
  justifyItems: z.enum(alignments),
  justifyContent: z.enum(distributions),
  rowGap: length,
  columnGap: length,
  horizontalSizing: z.enum(sizings),
  verticalSizing: z.enum(sizings),
} satisfies Partial<Record<keyof LayoutData, z.ZodType>>;

/** A board's layouts: at most one, of one kind. */
export function boardLayoutMembers(handle: ShapeHandle) {
  const layoutOf = (kind: LayoutData["kind"]) => {
    const { data } = handle;
    return data.type === "board" && data.layout?.kind === kind ? data.layout : undefined;
  };
  const add = (kind: LayoutData["kind"]) =>
    handle.change(`add${kind === "flex" ? "Flex" : "Grid"}Layout`, (shape) =>
      shape.type === "board" ? { ...shape, layout: defaultLayout(kind) } : shape,
    );
  const sizing = (member: "horizontalSizing" | "verticalSizing") => ({
    get: () => (handle.data.type === "board" ? (handle.data.layout?.[member] ?? "fix") : "fix"),
    set: (value: unknown) => {
      const chosen = z.enum(["auto", "fix"]);
      handle.change(member, (shape) =>
        shape.type === "board" && shape.layout
          ? { ...shape, layout: { ...shape.layout, [member]: parsed(chosen, value) } }
          : shape,
      );
    },
    enumerable: true,
  });
  const members = {
    get flex() {
      return layoutOf("flex") ? flexLayout(handle) : undefined;
    },
    get grid() {
      return layoutOf("grid") ? gridLayout(handle) : undefined;
    },
    addFlexLayout() {
      add("flex");
      return flexLayout(handle);
    },
    addGridLayout() {
      add("grid");
      return gridLayout(handle);
    },
  };
  return Object.defineProperties(members, {
    horizontalSizing: sizing("horizontalSizing"),
    verticalSizing: sizing("verticalSizing"),
  });
}

function currentLayout(handle: ShapeHandle): LayoutData {
  const { data } = handle;
  if (data.type !== "board" || !data.layout) throw new Error(`“${data.name}” has no layout any more`);
  return data.layout;
}

function changeLayout(handle: ShapeHandle, member: string, change: (layout: LayoutData) => LayoutData): void {
  handle.change(member, (shape) => {
    if (shape.type !== "board" || !shape.layout) throw new Error("there is no layout any more");
    return { ...shape, layout: change(shape.layout) };
  });
}

function commonMembers(handle: ShapeHandle): object[] {
  const values = {};
  for (const [key, schema] of Object.entries(layoutSchemas) as [keyof typeof layoutSchemas, z.ZodType][])
    Object.defineProperty(values, key, {
      get: () => currentLayout(handle)[key],
      set: (value: unknown) =>
        changeLayout(handle, key, (layout) => ({ ...layout, [key]: parsed(schema, value) }) as LayoutData),
      enumerable: true,
    });
  const padding = sideMembers(
    "Padding",
    () => currentLayout(handle).padding,
    (member, change) => changeLayout(handle, member, (layout) => ({ ...layout, padding: change(layout.padding) })),
  );
  const remove = () =>
    handle.change("remove", (shape) => (shape.type === "board" ? { ...shape, layout: undefined } : shape));
  return [values, padding, { remove }];
}

/** `topPadding` and so on, and `horizontalPadding` and `verticalPadding` for both of two sides. */
export function sideMembers(
  word: "Padding" | "Margin",
  read: () => Sides,
  write: (member: string, change: (sides: Sides) => Sides) => void,
): object {
  const members = {};
  const define = (name: string, of: readonly (keyof Sides)[]) =>
    Object.defineProperty(members, `${name}${word}`, {
      get: () => read()[of[0] ?? "top"],
      set: (value: unknown) => {
        const size = () => parsed(z.number(), value);
        write(`${name}${word}`, (all) => ({ ...all, ...Object.fromEntries(of.map((side) => [side, size()])) }));
      },
      enumerable: true,
    });
  for (const side of sides) define(side, [side]);
  define("horizontal", ["left", "right"]);
  define("vertical", ["top", "bottom"]);
  return members;
}

function flexLayout(handle: ShapeHandle): FlexLayout {
  return pluginObject(...commonMembers(handle), {
    appendChild(child: Shape) {
      const isLastAtBottom =
        handle.session.flags.naturalChildOrdering && !currentLayout(handle).dir.endsWith("reverse");
      place(handle, child, isLastAtBottom ? 0 : Number.POSITIVE_INFINITY);
    },
  }) as FlexLayout;
}

/** Puts a shape into the board, at an index from the bottom and maybe into a cell. */
function place(
  handle: ShapeHandle,
  child: Shape,
  index: number,
  cell?: { readonly row: number; readonly column: number },
): void {
  handle.edit("appendChild", (document) => {
    const childId: ShapeId = shapeIdOf(child);
    const placed = relocateShape(document, childId, handle.id, index);
    return updateShape(placed, childId, (shape) => ({
      ...shape,
      layoutItem: shape.layoutItem ?? defaultLayoutItem,
      ...(cell && { cell: { ...defaultCell, ...cell, position: "manual" as const } }),
    }));
  });
}

function gridLayout(handle: ShapeHandle): GridLayout {
  return pluginObject(
    ...commonMembers(handle),
    {
      appendChild: (child: Shape, row: number, column: number) =>
        place(handle, child, Number.POSITIVE_INFINITY, { row, column }),
    },
    trackMembers(handle, "rows", "Row"),
    trackMembers(handle, "columns", "Column"),
  ) as GridLayout;
}

/** Rows or columns: `rows`, `addRow`, `addRowAtIndex`, `setRow`, `removeRow`. Indexes count from 0. */
function trackMembers(handle: ShapeHandle, member: "rows" | "columns", word: "Row" | "Column"): object {
  const tracks = () => currentLayout(handle)[member];
  const set = (method: string, change: (tracks: readonly Track[]) => readonly Track[]) =>
    changeLayout(handle, method, (layout) => ({ ...layout, [member]: change(layout[member]) }));
  const track = (type: unknown, value: unknown): Track => ({
    type: parsed(z.enum(trackTypes), type),
    value: parsed(length.nullable(), value ?? null),
  });
  const inRange = (index: number, count: number) => {
    if (!(Number.isInteger(index) && index >= 0 && index < count)) throw new Error(`there is no ${index}`);
    return index;
  };
  const add = (method: string, index: number | undefined, type: unknown, value: unknown) =>
    set(method, (all) => all.toSpliced(inRange(index ?? all.length, all.length + 1), 0, track(type, value)));
  const replace = (method: string, index: number, type: unknown, value: unknown) =>
    set(method, (all) => all.with(inRange(index, all.length), track(type, value)));
  const members = {
    [`add${word}`]: (type: unknown, value?: unknown) => add(`add${word}`, undefined, type, value),
    [`add${word}AtIndex`]: (index: number, type: unknown, value?: unknown) =>
      add(`add${word}AtIndex`, index, type, value),
    [`set${word}`]: (index: number, type: unknown, value?: unknown) => replace(`set${word}`, index, type, value),
    [`remove${word}`]: (index: number) => set(`remove${word}`, (all) => all.toSpliced(inRange(index, all.length), 1)),
  };
  return Object.defineProperty(members, member, {
    get: () =>
      tracks().map((_, index) => {
        const read = () => ({ ...(tracks()[index] ?? { type: "auto" as const, value: null }) });
        return liveObject(["type", "value"], read, (change) => {
          const { type, value } = { ...read(), ...change };
          replace(member, index, type, value);
        });
      }),
    enumerable: true,
  });
}
