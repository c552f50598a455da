import type { Fill, Rectangle, Shadow, Stroke } from "@penpot/plugin-types";
import { beforeEach, expect, test } from "vitest";
import { emptyPng } from "../../../sandbox/empty-png.ts";
import { type PluginInNode, pluginInNode, wrapped } from "../plugin-in-node.ts";

let plugin: PluginInNode;
let rectangle: Rectangle;

beforeEach(() => {
  plugin = pluginInNode();
  rectangle = plugin.penpot.createRectangle();
  plugin.board.appendChild(rectangle);
});

const gradient = {
  type: "linear",
  startX: 0,
  startY: 0,
  endX: 1,
  endY: 1,
  width: 1,
  stops: [
    { color: "#ff0000", opacity: 1, offset: 0 },
    { color: "#0000ff", opacity: 0.5, offset: 1 },
  ],
} as const satisfies Omit<NonNullable<Fill["fillColorGradient"]>, "stops"> & { stops: unknown };
const [firstFill] = [() => (rectangle.fills as Fill[])[0] as Fill];

test("lets a plugin wrap frozen shapes in a Proxy and go on reading, writing and calling", () => {
  const seen = wrapped(rectangle);
  seen.name = "through a proxy";
  seen.resize(30, 40);
  seen.strokes = [{ strokeColor: "#000000", strokeWidth: 2 }];
  expect(seen.parent?.id).toBe(plugin.board.id);
  expect(seen.bounds.width).toBe(30);
  expect(seen.strokes[0]?.strokeWidth).toBe(2);
  expect(rectangle.name).toBe("through a proxy");
  expect(wrapped(plugin.penpot.history).undoBlockBegin()).toBeTypeOf("symbol");
  const group = plugin.penpot.group([seen, wrapped(plugin.penpot.createEllipse())]);
  expect(group?.children).toHaveLength(2);
});

test("lets a plugin wrap pictures, and read their bytes through the Proxy", async () => {
  const image = await plugin.penpot.uploadMediaData("picture", emptyPng(3, 2), "image/png");
  rectangle.fills = [{ fillImage: wrapped(image), fillOpacity: 1 }];
  expect(await wrapped(firstFill()).fillImage?.data()).toEqual(emptyPng(3, 2));
});

test("can be told as data: methods do not enumerate", () => {
  expect(structuredClone({ ...rectangle.bounds })).toEqual({ x: 0, y: 0, width: 100, height: 100 });
  expect(Object.keys(rectangle)).toContain("name");
  expect(Object.keys(rectangle)).not.toContain("resize");
});

test("hands out live fills, whose members write to the shape; a new paint takes the place of the old", () => {
  rectangle.fills = [{ fillColor: "#ff0000", fillOpacity: 1 }];
  firstFill().fillOpacity = 0.5;
  firstFill().fillColor = "#00ff00";
  expect(rectangle.fills).toEqual([{ fillColor: "#00ff00", fillOpacity: 0.5 }]);
  firstFill().fillColorGradient = { ...gradient, stops: [...gradient.stops] };
  expect(firstFill().fillColor).toBeUndefined();
  const live = firstFill().fillColorGradient;
  if (live) live.endX = 0.25;
  expect(firstFill().fillColorGradient).toMatchObject({ endX: 0.25, stops: gradient.stops });
  expect(() => {
    firstFill().fillOpacity = 2;
  }).toThrow("fillOpacity");
});

test("keeps strokes with Penpot's defaults, live", () => {
  rectangle.strokes = [{ strokeColor: "#112233", strokeWidth: 3 }, { strokeColor: "#ffffff" }];
  const [stroke] = rectangle.strokes;
  expect(stroke).toMatchObject({ strokeOpacity: 1, strokeStyle: "solid", strokeAlignment: "center" });
  (stroke as Stroke).strokeAlignment = "inner";
  expect(rectangle.strokes.map((each) => each.strokeAlignment)).toEqual(["inner", "center"]);
});

test.each([
  ["a negative stroke", { strokes: [{ strokeColor: "#000000", strokeWidth: -1 }] }],
  ["an unknown style", { strokes: [{ strokeColor: "#000000", strokeStyle: "wavy" }] }],
  ["an unknown alignment", { strokes: [{ strokeColor: "#000000", strokeAlignment: "middle" }] }],
  [
    "a stop beyond the gradient",
    { fills: [{ fillColorGradient: { ...gradient, stops: [{ color: "#000000", offset: 1.5 }] } }] },
  ],
  ["a blend mode that does not exist", { blendMode: "plaid" }],
  ["an opacity that is no number", { opacity: Number.NaN }],
  ["a negative radius", { borderRadius: -1 }],
  ["a negative radius of one corner", { borderRadiusTopLeft: -1 }],
  ["an export without size", { exports: [{ type: "png", scale: 0 }] }],
  ["a rotation that is no number", { rotation: Number.NaN }],
  ["a constraint that does not exist", { constraintsHorizontal: "middle" }],
])("refuses %s and changes nothing", (_, values) => {
  const before = plugin.store.snapshot.document;
  expect(() => Object.assign(rectangle, values)).toThrow("Value not valid");
  expect(plugin.store.snapshot.document).toBe(before);
});

test("keeps shadows live, their colour a copy; blurs and export settings too", () => {
  rectangle.shadows = [{ style: "drop-shadow", offsetX: 1, color: { color: "#000000", opacity: 0.5 } }];
  (rectangle.shadows[0] as Shadow).blur = 9;
  expect(rectangle.shadows[0]).toMatchObject({ offsetX: 1, blur: 9, spread: 0, hidden: false });
  const color = rectangle.shadows[0]?.color;
  if (color) color.color = "#ffffff";
  expect(rectangle.shadows[0]?.color).toEqual({ color: "#000000", opacity: 0.5 });
  rectangle.blur = { value: 5 };
  expect(rectangle.blur).toMatchObject({ value: 5, hidden: false });
  rectangle.exports = [{ type: "jpeg", scale: 2 }];
  expect(rectangle.exports).toEqual([{ type: "jpeg", scale: 2, suffix: "", skipChildren: false }]);
});

test("keeps one radius for all corners, or one each", () => {
  rectangle.borderRadius = 4.5;
  rectangle.borderRadiusBottomLeft = 1;
  expect([
    rectangle.borderRadiusTopLeft,
    rectangle.borderRadiusTopRight,
    rectangle.borderRadiusBottomRight,
    rectangle.borderRadiusBottomLeft,
  ]).toEqual([4.5, 4.5, 4.5, 1]);
});

test("undoes and redoes what properties were given, a block in one step", () => {
  const { store, penpot } = plugin;
  rectangle.opacity = 0.5;
  const block = penpot.history.undoBlockBegin();
  rectangle.name = "renamed";
  rectangle.strokes = [{ strokeColor: "#000000" }];
  penpot.history.undoBlockFinish(block);
  store.undo();
  expect(rectangle).toMatchObject({ name: "Rectangle", opacity: 0.5 });
  expect(rectangle.strokes).toEqual([]);
  store.undo();
  expect(rectangle.opacity).toBe(1);
  store.redo();
  store.redo();
  expect(rectangle).toMatchObject({ name: "renamed", opacity: 0.5 });
});

test("lists and replaces the colours of fills and strokes", () => {
  rectangle.fills = [{ fillColor: "#abcdef", fillOpacity: 1 }];
  rectangle.strokes = [{ strokeColor: "#abcdef" }];
  const [colour] = plugin.penpot.shapesColors([rectangle]);
  expect(colour).toMatchObject({ color: "#abcdef", opacity: 1 });
  expect(colour?.shapesInfo.map((info) => info.property)).toEqual(["fill", "stroke"]);
  plugin.penpot.replaceColor([rectangle], { color: "#abcdef", opacity: 1 }, { color: "#222222", opacity: 1 });
  expect(firstFill().fillColor).toBe("#222222");
  expect(rectangle.strokes[0]?.strokeColor).toBe("#222222");
});

test("exports SVG that shows pictures, turned boxes and masks", async () => {
  const ellipse = plugin.penpot.createEllipse();
  const group = plugin.penpot.group([ellipse, rectangle]);
  group?.makeMask();
  rectangle.rotation = 90;
  const svg = new TextDecoder().decode(await group?.export({ type: "svg" }));
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="100" height="100"/);
  expect(svg).toContain('<mask id="mask-');
  expect(svg).toContain("<ellipse");
  expect(svg).toContain("matrix(0.000000, 1.000000, -1.000000, 0.000000, 100.000000, 0.000000)");
  await expect(group?.export({ type: "pdf" })).rejects.toThrow("PNG and SVG");
});
