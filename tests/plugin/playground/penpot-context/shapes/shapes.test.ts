import type { Board, Boolean as BooleanShape, Group, Path } from "@penpot/plugin-types";
import { beforeEach, expect, test } from "vitest";
import { type PluginInNode, pluginInNode } from "../plugin-in-node.ts";

let plugin: PluginInNode;

beforeEach(() => {
  plugin = pluginInNode();
});

function rectangle(x = 0, y = 0) {
  const shape = plugin.penpot.createRectangle();
  plugin.board.appendChild(shape);
  shape.x = x;
  shape.y = y;
  return shape;
}

test("combines outlines; the outcome follows its operands and holds them", () => {
  const [a, b] = [rectangle(), rectangle(50)];
  const union = plugin.penpot.createBoolean("union", [a, b]) as BooleanShape;
  expect(union).toMatchObject({ type: "boolean", x: 0, width: 150, height: 100 });
  expect(union.children.map((child) => child.id)).toEqual([a.id, b.id]);
  expect(union.commands.filter(({ command }) => command === "move-to")).toHaveLength(1);
  b.x = 300;
  expect(union.width).toBe(400);
  expect(union.commands.filter(({ command }) => command === "move-to")).toHaveLength(2);
  expect(() => plugin.penpot.createBoolean("union", [])).toThrow("no shapes");
});

test.each([
  ["difference", 50, 1],
  ["intersection", 50, 1],
  ["exclude", 150, 2],
] as const)("leaves of a %s what it should", (operation, width, parts) => {
  const boolean = plugin.penpot.createBoolean(operation, [rectangle(), rectangle(50)]) as BooleanShape;
  expect(boolean.width).toBe(width);
  expect(boolean.d.match(/M/g)).toHaveLength(parts);
});

test("reads and takes a path's line in page coordinates, wherever it stands and however it is turned", () => {
  const path = plugin.penpot.createPath() as Path;
  path.d = "M10 20h40v30H10z";
  expect(path).toMatchObject({ x: 10, y: 20, width: 40, height: 30 });
  expect(path.d).toBe("M10,20L50,20L50,50L10,50Z");
  path.x = 110;
  expect(path.d).toBe("M110,20L150,20L150,50L110,50Z");
  path.rotation = 180;
  expect(path.content).toBe("M150,50L110,50L110,20L150,20Z");
  const { commands } = path;
  expect(commands[1]).toEqual({ command: "line-to", params: { x: 110, y: 50 } });
  path.commands = [...commands.slice(0, 2), { command: "Q", params: { c1x: 100, c1y: 30, x: 110, y: 20 } }];
  expect(path.commands.map(({ command }) => command)).toEqual(["move-to", "line-to", "curve-to"]);
  expect(() => {
    path.d = "no path";
  }).toThrow("not path data");
});

test("masks a group by its lowest child, whose box becomes the group's", () => {
  const [mask, picture] = [rectangle(10), rectangle()];
  mask.resize(20, 30);
  const group = plugin.penpot.group([mask, picture]) as Group;
  expect(group.isMask()).toBe(false);
  group.makeMask();
  expect([group.isMask(), group.x, group.width, group.height]).toEqual([true, 10, 20, 30]);
  group.removeMask();
  expect([group.isMask(), group.width]).toEqual([false, 100]);
});

test("scales what a group holds, and copies all of it", () => {
  const [a, b] = [rectangle(), rectangle(100)];
  const group = plugin.penpot.group([a, b]) as Group;
  group.resize(100, 50);
  expect([b.x, b.width, b.height]).toEqual([50, 50, 50]);
  const copy = group.clone() as Group;
  copy.children[0]!.name = "copied";
  expect(copy.children).toHaveLength(2);
  expect(a.name).toBe("Rectangle");
  expect(copy.parentIndex).toBe(group.parentIndex + 1);
});

test("turns shapes into the paths they outline", () => {
  const shape = rectangle(5, 6);
  shape.rotation = 90;
  const [path] = plugin.penpot.flatten([shape]);
  expect(path).toMatchObject({ id: shape.id, type: "path", x: 5, y: 6 });
  expect(path?.d).toContain("105,6");
});

test("keeps places in parents and boards apart from those on the page", () => {
  plugin.board.x = 1000;
  const shape = rectangle(1010, 20);
  const group = plugin.penpot.group([shape, rectangle(1005, 10)]) as Group;
  expect([shape.parentX, shape.boardX, shape.parentY]).toEqual([5, 10, 10]);
  shape.boardX = 0;
  expect([shape.x, group.x]).toEqual([1000, 1000]);
});

test("takes children in another order, and no others", () => {
  const [a, b] = [rectangle(), rectangle()];
  plugin.board.children = [b, a];
  expect(plugin.board.children.map((child) => child.id)).toEqual([b.id, a.id]);
  expect(() => {
    plugin.board.children = [a];
  }).toThrow("another order");
});

test("leaves the tree as it is where a shape would come into itself", () => {
  const inner = plugin.penpot.createBoard();
  plugin.board.appendChild(inner);
  inner.appendChild(plugin.board);
  expect(inner.parent?.id).toBe(plugin.board.id);
  expect(plugin.board.parent?.id).toBe(plugin.penpot.root?.id);
});

test("aligns and spaces shapes by the box around them", () => {
  const [a, b, c] = [rectangle(0), rectangle(130, 40), rectangle(400)];
  plugin.penpot.alignVertical([a, b, c], "bottom");
  expect([a.y, b.y, c.y]).toEqual([40, 40, 40]);
  plugin.penpot.distributeHorizontal([a, b, c]);
  expect([a.x, b.x, c.x]).toEqual([0, 200, 400]);
  plugin.penpot.alignHorizontal([], "left");
});

test("keeps the file's pages: changes go to the open one alone, and are read from all", async () => {
  const { penpot, board } = plugin;
  const [first] = penpot.currentFile!.pages;
  const page = penpot.createPage();
  page.name = "Second";
  expect(penpot.currentPage?.id).toBe(first?.id);
  await penpot.openPage(page);
  const there = penpot.createRectangle();
  expect(() => {
    board.name = "moved";
  }).toThrow("not currently active");
  expect(board.name).toBe("Board");
  expect(page.findShapes().map((shape) => shape.id)).toEqual([there.id]);
  await penpot.openPage(first!.id);
  penpot.selection = [there, board];
  expect(penpot.selection.map((shape) => shape.id)).toEqual([board.id]);
  page.remove();
  expect(penpot.currentFile?.pages.map(({ name }) => name)).toEqual(["Page 1"]);
  expect(() => first!.remove()).toThrow("at least one page");
});

test("keeps plugin data of files, pages and assets, private and shared", () => {
  const { penpot } = plugin;
  for (const keeper of [penpot.currentFile!, penpot.currentPage!, penpot.library.local.createColor()]) {
    keeper.setPluginData("key", "mine");
    keeper.setSharedPluginData("space", "key", "ours");
    expect([keeper.getPluginData("key"), keeper.getSharedPluginData("space", "key")]).toEqual(["mine", "ours"]);
    expect([keeper.getPluginDataKeys(), keeper.getSharedPluginDataKeys("space")]).toEqual([["key"], ["key"]]);
    expect(() => keeper.setPluginData("key", 5 as unknown as string)).toThrow("setPluginData-value");
  }
});

test("keeps flows and ruler guides of a page, and guides of a board", () => {
  const { penpot, board } = plugin;
  const page = penpot.currentPage!;
  const flow = page.createFlow("Start", board);
  flow.name = "Renamed";
  expect(page.flows.map(({ name, startingBoard }) => [name, startingBoard.id])).toEqual([["Renamed", board.id]]);
  page.removeFlow(page.flows[0]!);
  expect(page.flows).toEqual([]);
  const guide = board.addRulerGuide("vertical", 50);
  guide.position = 60;
  expect(board.rulerGuides.map(({ position, orientation }) => [position, orientation])).toEqual([[60, "vertical"]]);
  page.removeRulerGuide(guide);
  expect(page.rulerGuides).toEqual([]);
});

test("offers library colours as fills and typographies to texts", () => {
  const { local } = plugin.penpot.library;
  const color = local.createColor();
  color.color = "#ff8800";
  expect(color.asFill()).toMatchObject({ fillColor: "#ff8800", fillColorRefId: color.id });
  const shape = rectangle();
  shape.fills = [color.asFill()];
  expect(shape.fills).toMatchObject([{ fillColor: "#ff8800", fillColorRefId: color.id }]);
  const typography = local.createTypography();
  typography.fontSize = "21";
  const text = plugin.penpot.createText("Hello")!;
  typography.applyToText(text);
  expect(text.fontSize).toBe("21");
  const component = local.createComponent([shape]);
  expect([(component.mainInstance() as Board).children[0]?.id, local.components.length]).toEqual([shape.id, 1]);
  expect(component.instance().id).not.toBe(component.mainInstance().id);
});

test("keeps a plugin's own strings in the browser", () => {
  const methods = {
    getItem: (key: string) => Reflect.get(storage, key) ?? null,
    setItem: (key: string, value: string) => Reflect.set(storage, key, value),
    removeItem: (key: string) => Reflect.deleteProperty(storage, key),
  };
  // As the browser's: what is stored are its own members.
  const storage: Storage = Object.create(methods);
  const { localStorage } = pluginInNode(storage).penpot;
  localStorage.setItem("key", 5);
  expect(localStorage.getItem("key")).toBe("5");
  expect(Object.keys(storage)).toEqual(["penpot-plugins:plugin/key"]);
  expect(localStorage.getKeys()).toEqual(["key"]);
  localStorage.removeItem("key");
  expect(localStorage.getKeys()).toEqual([]);
});

test("keeps interactions with their boards, live", () => {
  const { penpot, board } = plugin;
  const shape = rectangle();
  const interaction = shape.addInteraction("click", { type: "open-overlay", destination: board });
  expect(interaction.action).toMatchObject({ type: "open-overlay", position: "center" });
  expect("destination" in interaction.action && interaction.action.destination?.id).toBe(board.id);
  interaction.trigger = "after-delay";
  interaction.delay = 250;
  interaction.action = { type: "previous-screen" };
  expect(shape.interactions.map(({ trigger, delay, action }) => [trigger, delay, action.type])).toEqual([
    ["after-delay", 250, "previous-screen"],
  ]);
  expect(() => shape.addInteraction("wave" as "click", { type: "previous-screen" })).toThrow("addInteraction");
  shape.removeInteraction(shape.interactions[0]!);
  expect(shape.interactions).toEqual([]);
  expect(penpot.currentFile?.validate()).toEqual([]);
});

test("saves versions of the file that can be restored", async () => {
  const file = plugin.penpot.currentFile!;
  const shape = rectangle();
  const version = await file.saveVersion("Before");
  shape.name = "changed";
  version.restore();
  expect([shape.name, (await file.findVersions()).map(({ label }) => label)]).toEqual(["Rectangle", ["Before"]]);
  await version.remove();
  expect(await file.findVersions()).toEqual([]);
  await expect(file.saveVersion("")).rejects.toThrow();
});
