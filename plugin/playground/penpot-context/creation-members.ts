import type { BooleanType, Path, Shape } from "@penpot/plugin-types";
import { z } from "zod";
import { alignShapes, distributeShapes } from "../document/arrange.ts";
import { type Document, defaultShape, getShape } from "../document/document.ts";
import { outlineOnPage } from "../document/outline.ts";
import { drawnBy } from "../document/path-data.ts";
import { booleanTypes, type ShapeData, type ShapeId } from "../document/shape.ts";
import { defaultTextStyle } from "../document/text.ts";
import { addShape, dissolveGroup, groupShapes, paintOrder, setShapes } from "../document/tree-edits.ts";
import { fromSvg } from "../files/from-svg.ts";
import type { PluginSession } from "./plugin-session.ts";
import { parsed, shapeIdOf } from "./shapes/shape-handle.ts";
import { shapeProxy } from "./shapes/shape-proxy.ts";

/** New shapes, which Penpot puts on top of the page, at its origin, without selecting them. */
export function creationMembers(session: PluginSession) {
  const create = (member: string, shape: ShapeData) => {
    session.edit(member, (document) => addShape(document, shape));
    return shapeProxy(session, shape.id);
  };
  const createFromSvg = (member: string, markup: string): Shape | null => {
    const group: ShapeData = { ...defaultShape("svg"), type: "group", children: [], fills: [] };
    session.edit(member, (document) => {
      const shapes = fromSvg(markup);
      return shapes.reduce((next, shape) => addShape(next, shape, group.id), addShape(document, group));
    });
    return session.document.shapes.has(group.id) ? shapeProxy(session, group.id) : null;
  };
  return {
    createRectangle: () => create("createRectangle", { ...defaultShape("Rectangle"), type: "rectangle" }),
    createEllipse: () => create("createEllipse", { ...defaultShape("Ellipse"), type: "ellipse" }),
    createBoard: () =>
      create("createBoard", {
        ...defaultShape("Board"),
        type: "board",
        children: [],
        clipContent: true,
        fills: [{ type: "color", color: "#ffffff", opacity: 1 }],
      }),
    createPath: () =>
      create("createPath", {
        ...defaultShape("Path"),
        type: "path",
        d: "M0 0L100 100",
        viewBox: { width: 100, height: 100 },
      }),
    createText(text: string): Shape | null {
      if (text === "") return null;
      return create("createText", {
        ...defaultShape(String(text).slice(0, 40)),
        type: "text",
        runs: [{ text: parsed(z.string(), text), style: defaultTextStyle }],
        growType: "auto-width",
        verticalAlign: "top",
        fills: [],
      });
    },
    createBoolean(operation: BooleanType, shapes: readonly Shape[]): Shape | null {
      const boolean: ShapeData = {
        ...defaultShape("Boolean"),
        type: "boolean",
        operation,
        children: [],
      };
      session.edit("createBoolean", (document) => {
        parsed(z.enum(booleanTypes), operation);
        const ids = shapes.map(shapeIdOf);
        const order = paintOrder(document).filter((id) => ids.includes(id));
        // The outcome looks like what is cut from, or like the topmost.
        const head = operation === "difference" ? order[0] : order.at(-1);
        if (head === undefined) throw new Error("there are no shapes to combine");
        const { fills, strokes } = getShape(document, head);
        return groupShapes(document, { ...boolean, fills, strokes }, ids);
      });
      return session.document.shapes.has(boolean.id) ? shapeProxy(session, boolean.id) : null;
    },
    createShapeFromSvg: (markup: string) => createFromSvg("createShapeFromSvg", markup),
    createShapeFromSvgWithImages: async (markup: string) => createFromSvg("createShapeFromSvgWithImages", markup),
    group(shapes: readonly Shape[]): Shape | null {
      if (shapes.length === 0) return null;
      const group: ShapeData = { ...defaultShape("Group"), type: "group", children: [], fills: [] };
      session.edit("group", (document) => groupShapes(document, group, shapes.map(shapeIdOf)));
      return shapeProxy(session, group.id);
    },
    ungroup(...groups: readonly Shape[]): void {
      session.edit("ungroup", (document) => groups.map(shapeIdOf).reduce(dissolveGroup, document));
    },
    /** Turns shapes into the paths they outline; they keep their ids. */
    flatten(shapes: readonly Shape[]): Path[] {
      const ids = shapes.map(shapeIdOf);
      session.edit("flatten", (document) =>
        setShapes(
          document,
          ids.map((id) => flattened(document, id)),
        ),
      );
      return ids.map((id) => shapeProxy(session, id) as Path);
    },
    ...arrangingMembers(session),
  };
}

function flattened(document: Document, id: ShapeId): ShapeData {
  const shape = getShape(document, id);
  const outline = outlineOnPage(document, shape);
  if (outline.length === 0) throw new Error(`“${shape.name}” has no outline`);
  return { ...shape, ...drawnBy(outline), type: "path", borderRadius: 0 } as ShapeData;
}

const places = { left: "start", top: "start", center: "center", right: "end", bottom: "end" } as const;

function arrangingMembers(session: PluginSession) {
  return {
    alignHorizontal: (shapes: readonly Shape[], to: "left" | "center" | "right") =>
      session.edit("alignHorizontal", (document) => alignShapes(document, shapes.map(shapeIdOf), "x", places[to])),
    alignVertical: (shapes: readonly Shape[], to: "top" | "center" | "bottom") =>
      session.edit("alignVertical", (document) => alignShapes(document, shapes.map(shapeIdOf), "y", places[to])),
    distributeHorizontal: (shapes: readonly Shape[]) =>
      session.edit("distributeHorizontal", (document) => distributeShapes(document, shapes.map(shapeIdOf), "x")),
    distributeVertical: (shapes: readonly Shape[]) =>
      session.edit("distributeVertical", (document) => distributeShapes(document, shapes.map(shapeIdOf), "y")),
  };
}
