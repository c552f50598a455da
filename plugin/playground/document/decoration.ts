import { z } from "zod";

/* What is laid on shapes besides fills, in the words of Penpot's plugin API, with its limits. */

const color = z.string().regex(/^#[0-9a-f]{6}$/i);
const fraction = z.number().min(0).max(1);

/** Coordinates in fractions of the shape's box; `width` is the radial gradient's breadth over its length. */
export const gradientSchema = z.object({
  type: z.enum(["linear", "radial"]),
  startX: z.number(),
  startY: z.number(),
  endX: z.number(),
  endY: z.number(),
  width: z.number(),
  stops: z
    .array(z.object({ color, opacity: fraction.default(1), offset: fraction }))
    .min(1)
    .readonly(),
});

const strokeCaps = [
  "round",
  "square",
  "line-arrow",
  "triangle-arrow",
  "square-marker",
  "circle-marker",
  "diamond-marker",
] as const;

export const strokeSchema = z.object({
  strokeColor: color.optional(),
  strokeColorGradient: gradientSchema.optional(),
  strokeColorRefId: z.string().optional(),
  strokeColorRefFile: z.string().optional(),
  strokeOpacity: fraction.default(1),
  strokeStyle: z.enum(["solid", "dotted", "dashed", "mixed"]).default("solid"),
  strokeWidth: z.number().min(0).default(1),
  strokeAlignment: z.enum(["center", "inner", "outer"]).default("center"),
  strokeCapStart: z.enum(strokeCaps).optional(),
  strokeCapEnd: z.enum(strokeCaps).optional(),
});

const shadowColorSchema = z.looseObject({ color: color.default("#000000"), opacity: fraction.default(1) });

export const shadowSchema = z.object({
  id: z.string().default(() => crypto.randomUUID()),
  style: z.enum(["drop-shadow", "inner-shadow"]).default("drop-shadow"),
  offsetX: z.number().default(4),
  offsetY: z.number().default(4),
  /** Twice the standard deviation. */
  blur: z.number().min(0).default(4),
  spread: z.number().default(0),
  hidden: z.boolean().default(false),
  color: shadowColorSchema.prefault({}),
});

export const blurSchema = z.object({
  id: z.string().default(() => crypto.randomUUID()),
  /** The standard deviation. */
  value: z.number().default(0),
  hidden: z.boolean().default(false),
});

export const exportSchema = z.object({
  type: z.enum(["png", "jpeg", "webp", "svg", "pdf"]),
  scale: z.number().positive().default(1),
  suffix: z.string().default(""),
  skipChildren: z.boolean().default(false),
});

export type GradientData = Readonly<z.output<typeof gradientSchema>>;
export type StrokeData = Readonly<z.output<typeof strokeSchema>>;
export type ShadowData = Readonly<z.output<typeof shadowSchema>>;
export type BlurData = Readonly<z.output<typeof blurSchema>>;
export type ExportData = Readonly<z.output<typeof exportSchema>>;

export const horizontalConstraints = ["left", "right", "leftright", "center", "scale"] as const;
export const verticalConstraints = ["top", "bottom", "topbottom", "center", "scale"] as const;

export type Corners = readonly [topLeft: number, topRight: number, bottomRight: number, bottomLeft: number];

export function cornersOfRadius(radius: number | Corners): Corners {
  return typeof radius === "number" ? [radius, radius, radius, radius] : radius;
}

/** A blur that shows, as its standard deviation; 0 for none. */
export function blurRadius(blur: BlurData | undefined): number {
  return blur && !blur.hidden ? Math.max(blur.value, 0) : 0;
}
