import type { Color, Shape } from "@penpot/plugin-types";
import { getShape, subtree } from "../../document/document.ts";
import type { ShapeData } from "../../document/shape.ts";
import { setShapes } from "../../document/tree-edits.ts";
import type { PluginSession } from "../plugin-session.ts";
import { shapeIdOf } from "../shapes/shape-handle.ts";

/** The plain colours of shapes' fills and strokes. */
export function colourMembers(session: PluginSession) {
  const shapesOf = (shapes: readonly Shape[]) =>
    shapes.flatMap((shape) => subtree(session.document, getShape(session.document, shapeIdOf(shape)).id));
  return {
    shapesColors(shapes: readonly Shape[]) {
      const uses = shapesOf(shapes).flatMap(usesIn);
      const keyOf = ({ color, opacity }: Use) => `${color} ${opacity}`;
      return [...new Map(uses.map((use) => [keyOf(use), use])).values()].map((use) => ({
        color: use.color,
        opacity: use.opacity,
        shapesInfo: uses
          .filter((other) => keyOf(other) === keyOf(use))
          .map(({ property, index, shapeId }) => ({ property, index, shapeId })),
      }));
    },
    replaceColor: (shapes: readonly Shape[], from: Color, to: Color) =>
      session.edit("replaceColor", (document) =>
        setShapes(
          document,
          shapesOf(shapes).map((shape) => replaced(shape, from, to)),
        ),
      ),
  };
}

interface Use {
  readonly color: string;
  readonly opacity: number;
  readonly property: "fill" | "stroke";
  readonly index: number;
  readonly shapeId: string;
}

function usesIn(shape: ShapeData): Use[] {
  const fills = shape.fills.flatMap((fill, index): Use[] =>
    fill.type === "color"
      ? [{ color: fill.color, opacity: fill.opacity, property: "fill", index, shapeId: shape.id }]
      : [],
  );
  const strokes = shape.strokes.flatMap(({ strokeColor, strokeOpacity }, index): Use[] =>
    strokeColor === undefined
      ? []
      : [{ color: strokeColor, opacity: strokeOpacity, property: "stroke", index, shapeId: shape.id }],
  );
  return [...fills, ...strokes];
}

function replaced(shape: ShapeData, from: Color, to: Color): ShapeData {
  const matches = (color: string | undefined, opacity: number) =>
    color?.toLowerCase() === from.color?.toLowerCase() && opacity === (from.opacity ?? 1);
  const color = to.color ?? "#000000";
  const opacity = to.opacity ?? 1;
  return {
    ...shape,
    fills: shape.fills.map((fill) =>
      fill.type === "color" && matches(fill.color, fill.opacity) ? { ...fill, color, opacity } : fill,
    ),
    strokes: shape.strokes.map((stroke) =>
      matches(stroke.strokeColor, stroke.strokeOpacity)
        ? { ...stroke, strokeColor: color, strokeOpacity: opacity }
        : stroke,
    ),
  };
}
