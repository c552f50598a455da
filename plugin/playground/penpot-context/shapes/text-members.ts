import type { LibraryTypography, Shape, TextRange } from "@penpot/plugin-types";
import { z } from "zod";
import { boundsOf } from "../../document/geometry.ts";
import type { ShapeId, TextData } from "../../document/shape.ts";
import {
  charactersOf,
  font,
  layOutText,
  replaceCharacters,
  sliceRuns,
  styleRuns,
  type TextRun,
  type TextStyle,
  variantOfWeight,
} from "../../document/text.ts";
import { pluginObject } from "../plugin-object.ts";
import { fromPluginFills, liveFills } from "./fills.ts";
import { parsed, type ShapeHandle } from "./shape-handle.ts";

/** A whole number or decimal fraction in a range, as text; numbers are taken too. */
const numberIn = (least: number, most: number) =>
  z.coerce
    .string()
    .regex(/^-?\d+(\.\d+)?$/, "expected a number")
    .refine((value) => Number(value) >= least && Number(value) <= most, `expected ${least} to ${most}`);

const variants = font.weights.map(variantOfWeight) as [string, ...string[]];

/** What each style takes; the editor's own limits. */
const styles = {
  fontId: z.literal(font.id),
  fontFamily: z.literal(font.family),
  fontVariantId: z.enum(variants),
  fontSize: numberIn(3, 1000),
  fontWeight: z.enum(font.weights, { error: `Supported weights: ${font.weights.join(", ")}` }),
  fontStyle: z.enum(["normal", "italic"]),
  lineHeight: numberIn(-200, 200),
  letterSpacing: numberIn(-200, 200),
  textTransform: z.enum(["uppercase", "capitalize", "lowercase", "none"]),
  textDecoration: z.enum(["underline", "line-through", "none"]),
  direction: z.enum(["ltr", "rtl"]),
  align: z.enum(["left", "center", "right", "justify"]),
} satisfies Partial<Record<keyof TextStyle, z.ZodType>>;

type StyleKey = keyof typeof styles;

export function textMembers(handle: ShapeHandle, shapeOf: (id: ShapeId) => Shape) {
  const text = () => textOf(handle);
  const everything = { start: 0, end: Number.POSITIVE_INFINITY };
  return [
    styleMembers(handle, () => everything),
    {
      get characters() {
        return charactersOf(text().runs);
      },
      set characters(value) {
        changeText(handle, "characters", (shape) => ({
          ...shape,
          runs: replaceCharacters(shape.runs, parsed(z.string().min(1), value)),
        }));
      },
      get growType() {
        return text().growType;
      },
      set growType(value) {
        const growType = z.enum(["fixed", "auto-width", "auto-height"]);
        changeText(handle, "growType", (shape) => ({ ...shape, growType: parsed(growType, value) }));
      },
      get verticalAlign() {
        return text().verticalAlign;
      },
      set verticalAlign(value) {
        setVerticalAlign(handle, value);
      },
      get textBounds() {
        const lines = layOutText(text(), handle.session.store.measureText);
        const height = lines.reduce((sum, line) => sum + line.height, 0);
        return { ...boundsOf(text()), width: Math.max(...lines.map((line) => line.width)), height };
      },
      getRange(start: number, end: number): TextRange | undefined {
        if (Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end)
          return pluginObject(...textRangeMembers(handle, { start, end }, shapeOf)) as TextRange;
        handle.session.refuse("getRange", `${start} to ${end}`);
        return undefined;
      },
      applyTypography: (typography: LibraryTypography) => applyTypography(handle, everything, typography),
    },
  ];
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Members of a part of the text, which keep to their characters. */
function textRangeMembers(handle: ShapeHandle, range: Range, shapeOf: (id: ShapeId) => Shape) {
  const runs = () => runsIn(handle, range);
  const { media } = handle.session.store;
  const setFills = (fills: TextStyle["fills"]) =>
    changeText(handle, "fills", (text) => ({ ...text, runs: styleRuns(text.runs, range.start, range.end, { fills }) }));
  return [
    styleMembers(handle, () => range),
    {
      get shape() {
        return shapeOf(handle.id);
      },
      get characters() {
        return charactersOf(runs());
      },
      get fills() {
        if (new Set(runs().map((run) => JSON.stringify(run.style.fills))).size > 1) return "mixed";
        return liveFills(() => runs()[0]?.style.fills ?? [], setFills, media);
      },
      set fills(value: unknown) {
        changeText(handle, "fills", (text) => ({
          ...text,
          runs: styleRuns(text.runs, range.start, range.end, { fills: fromPluginFills(value, media) }),
        }));
      },
      /** Of the whole text: Penpot's parts have none of their own. */
      get verticalAlign() {
        return textOf(handle).verticalAlign;
      },
      set verticalAlign(value) {
        setVerticalAlign(handle, value);
      },
      applyTypography: (typography: LibraryTypography) => applyTypography(handle, range, typography),
    },
  ];
}

function styleMembers(handle: ShapeHandle, range: () => Range): object {
  const members = {};
  for (const key of Object.keys(styles) as StyleKey[])
    Object.defineProperty(members, key, {
      get: () => {
        const values = new Set(runsIn(handle, range()).map((run) => run.style[key]));
        return values.size > 1 ? "mixed" : [...values][0];
      },
      set: (value: unknown) => setStyle(handle, range(), key, value),
      enumerable: true,
    });
  return members;
}

function setStyle(handle: ShapeHandle, { start, end }: Range, key: StyleKey, value: unknown): void {
  changeText(handle, key, (text) => {
    const style = parsed<unknown>(styles[key], value ?? "none");
    const change = { [key]: style, ...linkedStyle(key, String(style)) };
    return { ...text, runs: styleRuns(text.runs, start, end, change) };
  });
}

/** The weight and the variant's id name the same. */
function linkedStyle(key: StyleKey, value: string): Partial<TextStyle> {
  if (key === "fontWeight") return { fontVariantId: variantOfWeight(value) };
  if (key === "fontVariantId") return { fontWeight: value === "regular" ? "400" : value };
  return {};
}

/** Takes what of a typography the fonts here can show. */
function applyTypography(handle: ShapeHandle, range: Range, typography: LibraryTypography): void {
  for (const key of Object.keys(styles) as StyleKey[]) {
    const value = (typography as Partial<Record<StyleKey, unknown>>)[key];
    if (value !== undefined && styles[key].safeParse(value).success) setStyle(handle, range, key, value);
  }
}

function setVerticalAlign(handle: ShapeHandle, value: unknown): void {
  const verticalAlign = z.enum(["top", "center", "bottom"]);
  changeText(handle, "verticalAlign", (text) => ({ ...text, verticalAlign: parsed(verticalAlign, value) }));
}

function textOf(handle: ShapeHandle): TextData {
  const { data } = handle;
  if (data.type !== "text") throw new Error(`“${data.name}” is not a text`);
  return data;
}

function runsIn(handle: ShapeHandle, { start, end }: Range): readonly TextRun[] {
  return sliceRuns(textOf(handle).runs, start, end);
}

function changeText(handle: ShapeHandle, member: string, change: (text: TextData) => TextData): void {
  handle.change(member, (shape) => (shape.type === "text" ? change(shape) : shape));
}
