import type { LayoutCellProperties, LayoutChildProperties } from "@penpot/plugin-types";
import { z } from "zod";
import { getShape } from "../../document/document.ts";
import { alignments, defaultCell, defaultLayoutItem, type LayoutData, sizings } from "../../document/layout.ts";
import { pluginObject } from "../plugin-object.ts";
import { sideMembers } from "./layout-members.ts";
import { parsed, type ShapeHandle } from "./shape-handle.ts";

/** How a shape takes part in the layout it is in. */
export function layoutItemMembers(handle: ShapeHandle) {
  return {
    get layoutChild() {
      return parentLayout(handle) ? layoutChild(handle) : undefined;
    },
    get layoutCell() {
      return parentLayout(handle)?.kind === "grid" ? layoutCell(handle) : undefined;
    },
  };
}

function parentLayout(handle: ShapeHandle): LayoutData | undefined {
  const { parentId } = handle.data;
  const parent = parentId === undefined ? undefined : getShape(handle.document, parentId);
  return parent?.type === "board" ? parent.layout : undefined;
}

const limit = z.number().min(0).nullable();
const itemSchemas = {
  absolute: z.boolean(),
  zIndex: z.number().int(),
  horizontalSizing: z.enum(sizings),
  verticalSizing: z.enum(sizings),
  alignSelf: z.enum(["auto", ...alignments]),
  maxWidth: limit,
  maxHeight: limit,
  minWidth: limit,
  minHeight: limit,
};

function layoutChild(handle: ShapeHandle): LayoutChildProperties {
  const read = () => handle.data.layoutItem ?? defaultLayoutItem;
  const margins = sideMembers(
    "Margin",
    () => read().margin,
    (member, change) =>
      handle.change(member, (shape) => ({ ...shape, layoutItem: { ...read(), margin: change(read().margin) } })),
  );
  return pluginObject(schemaMembers(handle, itemSchemas, read, "layoutItem"), margins) as LayoutChildProperties;
}

const cellSchemas = {
  row: z.number().int().min(1),
  rowSpan: z.number().int().min(1),
  column: z.number().int().min(1),
  columnSpan: z.number().int().min(1),
  areaName: z.string(),
  position: z.enum(["auto", "manual", "area"]),
};

function layoutCell(handle: ShapeHandle): LayoutCellProperties {
  const read = () => handle.data.cell ?? defaultCell;
  return pluginObject(schemaMembers(handle, cellSchemas, read, "cell")) as LayoutCellProperties;
}

function schemaMembers(
  handle: ShapeHandle,
  schemas: Readonly<Record<string, z.ZodType>>,
  read: () => object,
  key: "layoutItem" | "cell",
): object {
  const members = {};
  for (const [member, schema] of Object.entries(schemas))
    Object.defineProperty(members, member, {
      get: () => (read() as Record<string, unknown>)[member],
      set: (value: unknown) =>
        handle.change(member, (shape) => ({ ...shape, [key]: { ...read(), [member]: parsed(schema, value) } })),
      enumerable: true,
    });
  return members;
}
