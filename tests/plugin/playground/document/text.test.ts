import { expect, test } from "vitest";
import {
  charactersOf,
  defaultTextStyle,
  layOutText,
  type MeasureText,
  styleRuns,
  type TextBox,
  type TextStyle,
} from "../../../../plugin/playground/document/text.ts";

/** Ten units a character, 8 above the baseline and 2 below. */
const measure: MeasureText = (text) => ({ width: 10 * text.length, ascent: 8, descent: 2 });

const box = (text: string, change: Partial<TextBox> = {}, style: Partial<TextStyle> = {}): TextBox => ({
  runs: [{ text, style: { ...defaultTextStyle, fontSize: "10", lineHeight: "2", ...style } }],
  growType: "fixed",
  width: 100,
  ...change,
});

const lines = (text: TextBox) => layOutText(text, measure).map(({ parts }) => parts.map((part) => part.text).join(""));

test("breaks lines between words, at line breaks, and never within a word", () => {
  expect(lines(box("one two three"))).toEqual(["one two", "three"]);
  expect(lines(box("one\n\ntwo"))).toEqual(["one", "", "two"]);
  expect(lines(box("extraordinarily long"))).toEqual(["extraordinarily", "long"]);
  expect(lines(box("one two three", { growType: "auto-width", width: 1 }))).toEqual(["one two three"]);
});

test("puts lines below each other, the font in the middle of its line", () => {
  const placed = layOutText(box("one two three"), measure);
  expect(placed.map(({ top, height, baseline }) => [top, height, baseline])).toEqual([
    [0, 20, 13],
    [20, 20, 33],
  ]);
});

test.each([
  ["left", 0],
  ["center", 30],
  ["right", 60],
] as const)("aligns lines %s, without the spaces at their ends", (align, x) => {
  const [line] = layOutText(box("four fiiiive", {}, { align }), measure);
  expect([line?.parts[0]?.x, line?.width]).toEqual([x, 40]);
});

test("shows letters as they are transformed, and keeps them as they are", () => {
  const text = box("hello you", { growType: "auto-width" }, { textTransform: "capitalize" });
  expect(lines(text)).toEqual(["Hello You"]);
  expect(charactersOf(text.runs)).toBe("hello you");
});

test("styles exactly the characters asked for", () => {
  const runs = styleRuns(box("abcdef").runs, 2, 4, { fontSize: "30" });
  expect(runs.map(({ text, style }) => [text, style.fontSize])).toEqual([
    ["ab", "10"],
    ["cd", "30"],
    ["ef", "10"],
  ]);
  expect(charactersOf(styleRuns(runs, 0, 99, { fontSize: "5" }))).toBe("abcdef");
});
