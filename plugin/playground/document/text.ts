import type { FillData } from "./shape.ts";

export type GrowType = "fixed" | "auto-width" | "auto-height";

/** How characters look. Numbers are strings, as in Penpot: sizes in page units, the line height in font sizes. */
export interface TextStyle {
  readonly fontId: string;
  readonly fontFamily: string;
  readonly fontVariantId: string;
  readonly fontSize: string;
  readonly fontWeight: string;
  readonly fontStyle: "normal" | "italic";
  readonly lineHeight: string;
  readonly letterSpacing: string;
  readonly textTransform: "uppercase" | "capitalize" | "lowercase" | "none";
  readonly textDecoration: "underline" | "line-through" | "none";
  readonly direction: "ltr" | "rtl";
  readonly align: "left" | "center" | "right" | "justify";
  readonly fills: readonly FillData[];
}

export interface TextRun {
  readonly text: string;
  readonly style: TextStyle;
}

/** The typeface that comes with the playground, in the weights it has. Others would differ between machines. */
export const font = {
  id: "gfont-work-sans",
  name: "Work Sans",
  family: "Work Sans",
  weights: ["100", "200", "300", "400", "500", "600", "700", "800", "900"],
} as const;

/** Penpot's name of a weight: `regular` for 400. */
export function variantOfWeight(weight: string): string {
  return weight === "400" ? "regular" : weight;
}

export const defaultTextStyle: TextStyle = {
  fontId: font.id,
  fontFamily: font.family,
  fontVariantId: "regular",
  fontSize: "14",
  fontWeight: "400",
  fontStyle: "normal",
  lineHeight: "1.2",
  letterSpacing: "0",
  textTransform: "none",
  textDecoration: "none",
  direction: "ltr",
  align: "left",
  fills: [{ type: "color", color: "#000000", opacity: 1 }],
};

export function charactersOf(runs: readonly TextRun[]): string {
  return runs.map((run) => run.text).join("");
}

/** The runs of the characters from `start` up to `end`. */
export function sliceRuns(runs: readonly TextRun[], start: number, end: number): TextRun[] {
  let offset = 0;
  return runs.flatMap(({ text, style }) => {
    const part = text.slice(Math.max(start - offset, 0), Math.max(end - offset, 0));
    offset += text.length;
    return part === "" ? [] : [{ text: part, style }];
  });
}

/** Changes the style of the characters from `start` up to `end`. */
export function styleRuns(
  runs: readonly TextRun[],
  start: number,
  end: number,
  change: Partial<TextStyle>,
): readonly TextRun[] {
  const styled = sliceRuns(runs, start, end).map(({ text, style }) => ({ text, style: { ...style, ...change } }));
  return [...sliceRuns(runs, 0, start), ...styled, ...sliceRuns(runs, end, Number.POSITIVE_INFINITY)];
}

/** The whole text in the style of its first run. */
export function replaceCharacters(runs: readonly TextRun[], text: string): readonly TextRun[] {
  return [{ text, style: runs[0]?.style ?? defaultTextStyle }];
}

/** Width and the font's extent above and below the baseline, in page units. */
export interface TextExtent {
  readonly width: number;
  readonly ascent: number;
  readonly descent: number;
}
export type MeasureText = (text: string, style: TextStyle) => TextExtent;

/** Where nothing can measure: Work Sans's mean advance and vertical metrics. */
export const estimateText: MeasureText = (text, style) => {
  const size = Number(style.fontSize);
  return {
    width: text.length * (0.56 * size + Number(style.letterSpacing)),
    ascent: 0.93 * size,
    descent: 0.243 * size,
  };
};

export interface PlacedText {
  readonly text: string;
  readonly style: TextStyle;
  readonly x: number;
  readonly width: number;
}
export interface TextLine {
  readonly parts: readonly PlacedText[];
  readonly width: number;
  readonly top: number;
  readonly height: number;
  readonly baseline: number;
}

/** The part of a text that decides where its lines end: one that grows in width has them where it is broken. */
export interface TextBox {
  readonly runs: readonly TextRun[];
  readonly growType: GrowType;
  readonly width: number;
}

/** Lines below each other from (0, 0), each aligned within the box, or within the longest where that grows with it. */
export function layOutText({ runs, growType, width }: TextBox, measure: MeasureText): readonly TextLine[] {
  const isGrowing = growType === "auto-width";
  const limit = isGrowing ? Number.POSITIVE_INFINITY : width;
  const lines = paragraphsOf(runs).flatMap((paragraph) => wrap(paragraph, measure, limit));
  const room = isGrowing ? Math.max(0, ...lines.map((line) => widthOf(line))) : width;
  let top = 0;
  return lines.map((words) => {
    const extents = words.map(({ text, style }) => ({ ...measure(text, style), style }));
    const height = Math.max(...extents.map(({ style }) => Number(style.fontSize) * Number(style.lineHeight)));
    const ascent = Math.max(...extents.map((extent) => extent.ascent));
    const descent = Math.max(...extents.map((extent) => extent.descent));
    const lineWidth = widthOf(words);
    const align = words[0]?.style.align ?? "left";
    let x = align === "center" ? (room - lineWidth) / 2 : align === "right" ? room - lineWidth : 0;
    const parts = words.map(({ text, style, width: wordWidth }) => {
      const part = { text, style, x, width: wordWidth };
      x += wordWidth;
      return part;
    });
    const line = { parts, width: lineWidth, top, height, baseline: top + (height - ascent - descent) / 2 + ascent };
    top += height;
    return line;
  });
}

type Word = { readonly text: string; readonly style: TextStyle; readonly width: number };

function widthOf(words: readonly Word[]): number {
  return words.reduce((sum, word) => sum + word.width, 0);
}

/** Runs between line breaks; an empty paragraph keeps the style of what is before it. */
function paragraphsOf(runs: readonly TextRun[]): TextRun[][] {
  const paragraphs: TextRun[][] = [[]];
  for (const { text, style } of runs)
    for (const [index, part] of text.split("\n").entries()) {
      if (index > 0) paragraphs.push([]);
      const paragraph = paragraphs.at(-1);
      if (part !== "" || paragraph?.length === 0) paragraph?.push({ text: transformed(part, style), style });
    }
  return paragraphs;
}

function transformed(text: string, { textTransform }: TextStyle): string {
  if (textTransform === "uppercase") return text.toUpperCase();
  if (textTransform === "lowercase") return text.toLowerCase();
  return textTransform === "capitalize" ? text.replace(/(^|\s)\S/g, (start) => start.toUpperCase()) : text;
}

function wrap(paragraph: readonly TextRun[], measure: MeasureText, width: number): Word[][] {
  const lines: Word[][] = [[]];
  // Spaces stay with the word before them, so that what is measured is what is drawn.
  for (const { text, style } of paragraph)
    for (const word of Number.isFinite(width) ? (text.match(/\S*\s*/g) ?? []) : [text]) {
      if (word === "" && text !== "") continue;
      const line = lines.at(-1) ?? [];
      const isTooLong = widthOf(line) + measure(word.trimEnd(), style).width > width;
      const placed = { text: word, style, width: measure(word, style).width };
      if (isTooLong && line.length > 0) lines.push([placed]);
      else line.push(placed);
    }
  return lines.map((line) => withoutTrailingSpace(line, measure));
}

function withoutTrailingSpace(line: readonly Word[], measure: MeasureText): Word[] {
  const last = line.at(-1);
  if (!last || last.text.trimEnd() === last.text) return [...line];
  const text = last.text.trimEnd();
  return [...line.slice(0, -1), { ...last, text, width: measure(text, last.style).width }];
}
