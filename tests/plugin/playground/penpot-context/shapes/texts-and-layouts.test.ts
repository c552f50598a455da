import type { Fill, Text } from "@penpot/plugin-types";
import { beforeEach, expect, test } from "vitest";
import { type PluginInNode, pluginInNode } from "../plugin-in-node.ts";

let plugin: PluginInNode;

beforeEach(() => {
  plugin = pluginInNode();
});

const textOf = (characters: string) => plugin.penpot.createText(characters) as Text;

test("makes texts as large as their characters, and lets a width wrap them", () => {
  const text = textOf("Hello Penpot");
  expect(text).toMatchObject({ type: "text", characters: "Hello Penpot", growType: "auto-width", fontSize: "14" });
  const { width, height } = text;
  text.fontSize = "28";
  expect(text.width).toBeGreaterThan(1.9 * width);
  text.fontSize = "14";
  text.growType = "auto-height";
  text.characters = "Hello Penpot Hello Penpot";
  expect([text.width, text.height]).toEqual([width, 2 * height]);
  text.resize(300, 200);
  expect([text.growType, text.width, text.height]).toEqual(["fixed", 300, 200]);
  expect(plugin.penpot.createText("")).toBeNull();
});

test("styles parts of a text, and tells what differs", () => {
  const text = textOf("Hello Penpot");
  text.getRange(0, 5).fontSize = "40";
  text.getRange(6, 99).fills = [{ fillColor: "#00ff00", fillOpacity: 1 }];
  expect([text.fontSize, text.fills]).toEqual(["mixed", "mixed"]);
  expect([text.getRange(0, 5).fontSize, text.getRange(5, 12).fontSize]).toEqual(["40", "14"]);
  expect((text.getRange(6, 12).fills as Fill[])[0]?.fillColor).toBe("#00ff00");
  expect([text.getRange(6, 99).characters, text.getRange(0, 1).shape.id]).toEqual(["Penpot", text.id]);
  text.getRange(0, 99).fontSize = "20";
  expect(text.fontSize).toBe("20");
});

test.each([
  ["characters", ""],
  ["fontSize", "12px"],
  ["fontSize", "2"],
  ["fontSize", "1001"],
  ["lineHeight", "-201"],
  ["letterSpacing", "."],
  ["align", "middle"],
  ["textTransform", "UPPERCASE"],
  ["direction", "sideways"],
  ["fontId", "missing"],
  ["fontFamily", "Missing"],
  ["fontVariantId", "missing"],
] as const)("refuses %s %j", (member, value) => {
  const text = textOf("Hello");
  expect(() => Object.assign(text, { [member]: value })).toThrow("Value not valid");
});

test("says which weights there are, and refuses ranges that are none", () => {
  const text = textOf("Hello");
  expect(() => {
    text.fontWeight = "123";
  }).toThrow("Supported weights: 100, 200");
  expect(() => text.getRange(5, 1)).toThrow("getRange");
  expect(() => text.getRange(-1, 5)).toThrow("getRange");
});

test("applies a font and its variants", () => {
  const text = textOf("Hello");
  const [font] = plugin.penpot.fonts.all;
  font!.applyToText(text, font!.variants.at(-1));
  expect(text).toMatchObject({ fontId: font!.fontId, fontVariantId: "900", fontWeight: "900" });
  expect(plugin.penpot.fonts.findByName("work sans")?.fontId).toBe(font!.fontId);
  expect(plugin.penpot.fonts.findById("none")).toBeNull();
});

function children(count: number, size = 50) {
  return Array.from({ length: count }, () => {
    const shape = plugin.penpot.createRectangle();
    shape.resize(size, size);
    return shape;
  });
}

test("places what a flex layout holds, one after the other", () => {
  const { board } = plugin;
  const flex = board.addFlexLayout();
  const [a, b] = children(2);
  flex.appendChild(a!);
  flex.appendChild(b!);
  flex.columnGap = 10;
  flex.horizontalPadding = 20;
  flex.topPadding = 5;
  expect([a!.x, b!.x, a!.y]).toEqual([20, 80, 5]);
  flex.justifyContent = "end";
  flex.alignItems = "center";
  expect([a!.x, b!.x, a!.y]).toEqual([270, 330, 127.5]);
  flex.dir = "column";
  flex.justifyContent = "space-between";
  flex.rowGap = 0;
  expect([a!.y, b!.y]).toEqual([5, 250]);
});

test("lets a flex layout begin with the topmost, to which Penpot's ways of appending add below", () => {
  const { board, penpot } = plugin;
  const flex = board.addFlexLayout();
  const [a, b, c, d] = children(4);
  board.appendChild(a!);
  flex.appendChild(b!);
  board.insertChild(0, c!);
  // Listed in the order of the flow.
  expect(board.children.map((child) => child.id)).toEqual([c!.id, a!.id, b!.id]);
  expect([c!.x, a!.x, b!.x]).toEqual([0, 50, 100]);
  penpot.flags.naturalChildOrdering = false;
  flex.appendChild(d!);
  expect(d!.x).toBe(0);
  flex.dir = "row-reverse";
  expect([b!.x, a!.x, c!.x, d!.x]).toEqual([0, 50, 100, 150]);
});

test("fills what is free, hugs what it holds, and fixes a size that is set", () => {
  const { board } = plugin;
  const flex = board.addFlexLayout();
  const [a, b] = children(2);
  flex.appendChild(a!);
  flex.appendChild(b!);
  a!.layoutChild!.horizontalSizing = "fill";
  a!.layoutChild!.alignSelf = "stretch";
  expect([a!.width, a!.height, b!.x]).toEqual([350, 300, 350]);
  a!.resize(40, 40);
  expect([a!.width, a!.layoutChild?.horizontalSizing]).toEqual([40, "fix"]);
  flex.horizontalSizing = "auto";
  expect([board.width, board.horizontalSizing]).toEqual([90, "auto"]);
  b!.layoutChild!.absolute = true;
  expect(board.width).toBe(40);
  flex.remove();
  expect(board.flex).toBeUndefined();
  expect(a!.layoutChild).toBeUndefined();
});

test("places children in the cells of a grid", () => {
  const { board } = plugin;
  board.addFlexLayout();
  const grid = board.addGridLayout();
  expect(board.flex).toBeUndefined();
  grid.addColumn("fixed", 100);
  grid.addColumn("flex", 1);
  grid.addRow("percent", 50);
  grid.addRowAtIndex(0, "fixed", 30);
  const [a] = children(1);
  grid.appendChild(a!, 2, 2);
  expect([a!.x, a!.y, a!.layoutCell?.row, a!.layoutCell?.column]).toEqual([100, 30, 2, 2]);
  grid.justifyItems = "center";
  expect(a!.x).toBe(225);
  a!.layoutCell!.column = 1;
  expect(a!.x).toBe(25);
  grid.rows[0]!.value = 60;
  expect([a!.y, grid.rows.map(({ type }) => type)]).toEqual([60, ["fixed", "percent"]]);
  grid.removeRow(0);
  expect(grid.rows).toHaveLength(1);
});

test("refuses tracks and indexes that do not exist", () => {
  const grid = plugin.board.addGridLayout();
  expect(() => grid.removeRow(0)).toThrow("removeRow");
  expect(() => grid.addRowAtIndex(1, "flex", 1)).toThrow("addRowAtIndex");
  expect(() => grid.addColumnAtIndex(-1, "flex", 1)).toThrow("addColumnAtIndex");
  expect(() => grid.setColumn(0, "flex", 1)).toThrow("setColumn");
  expect(() => grid.addRow("wide" as "flex", 1)).toThrow("addRow");
});
