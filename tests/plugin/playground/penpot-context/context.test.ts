import type { Board, Context, Rectangle } from "@penpot/plugin-types";
import { beforeEach, expect, test, vi } from "vitest";
import { DocumentStore } from "../../../../plugin/playground/document/document-store.ts";
import { createContext } from "../../../../plugin/playground/penpot-context/create-context.ts";
import type { Permission } from "../../../../plugin/playground/penpot-context/plugin-session.ts";
import { emptyPng } from "../../sandbox/empty-png.ts";

let store: DocumentStore;
let penpot: Context;

const contextFor = (pluginId: string, ...permissions: readonly Permission[]) =>
  createContext({
    pluginId,
    store,
    permissions: new Set(permissions),
    exportPng: async () => new Uint8Array([1]),
    viewCenter: () => ({ x: 0, y: 0 }),
  });

beforeEach(() => {
  store = new DocumentStore();
  penpot = contextFor("plugin-a", "content:read", "content:write");
});

const names = (board: Board) => board.children.map((child) => child.name);

function boardWith(...childNames: readonly string[]): Board {
  const board = penpot.createBoard();
  penpot.flags.naturalChildOrdering = true;
  for (const name of childNames) board.appendChild(named(name));
  penpot.flags.naturalChildOrdering = false;
  return board;
}

function named(name: string): Rectangle {
  const rectangle = penpot.createRectangle();
  rectangle.name = name;
  return rectangle;
}

test("creates shapes at the origin, 100 × 100, grey, on top of the page, unselected", () => {
  named("first");
  const rectangle = named("second");
  expect(rectangle).toMatchObject({ type: "rectangle", x: 0, y: 0, width: 100, height: 100, parentIndex: 1 });
  expect(rectangle.fills).toEqual([{ fillColor: "#b1b2b5", fillOpacity: 1 }]);
  expect(rectangle.parent?.id).toBe(penpot.root?.id);
  expect(penpot.selection).toEqual([]);
});

test("appends at the bottom and counts insertions from the top, as Penpot does by default", () => {
  const board = boardWith("a", "b");
  board.appendChild(named("appended"));
  board.insertChild(0, named("inserted"));
  expect(names(board)).toEqual(["appended", "a", "b", "inserted"]);
});

test("appends on top and counts insertions from the bottom with natural ordering", () => {
  const board = boardWith("a", "b");
  penpot.flags.naturalChildOrdering = true;
  board.appendChild(named("appended"));
  board.insertChild(1, named("inserted"));
  expect(names(board)).toEqual(["a", "inserted", "b", "appended"]);
});

test("moves shapes among their siblings", () => {
  const board = boardWith("a", "b", "c");
  const [a] = board.children;
  a?.bringToFront();
  expect(names(board)).toEqual(["b", "c", "a"]);
  a?.sendBackward();
  expect(names(board)).toEqual(["b", "a", "c"]);
  a?.setParentIndex(0);
  expect(names(board)).toEqual(["a", "b", "c"]);
});

test("reads and writes x and y as those of the upright box around a rotated shape", () => {
  const rectangle = penpot.createRectangle();
  rectangle.resize(100, 50);
  rectangle.rotation = 90;
  expect(rectangle).toMatchObject({ x: 25, y: -25, width: 100, height: 50 });
  expect(rectangle.bounds).toEqual({ x: 25, y: -25, width: 50, height: 100 });
  rectangle.x = 0;
  expect(rectangle.center).toEqual({ x: 25, y: 25 });
});

test("toggles a flip for whatever is assigned", () => {
  const rectangle = penpot.createRectangle();
  rectangle.flipX = true;
  expect(rectangle.flipX).toBe(true);
  rectangle.flipX = true;
  expect(rectangle.flipX).toBe(false);
});

test.each([
  ["no paint", [{ fillOpacity: 1 }]],
  ["two paints in one", [{ fillColor: "#ffffff", fillImage: {} }]],
  ["nine fills", Array.from({ length: 9 }, () => ({ fillColor: "#ffffff" }))],
  ["an unknown picture", [{ fillImage: { id: "nowhere", width: 1, height: 1, mtype: "image/png" } }]],
  ["no colour", [{ fillColor: "red" }]],
])("refuses fills with %s", (_, fills) => {
  const rectangle = penpot.createRectangle();
  const before = rectangle.fills;
  expect(() => {
    rectangle.fills = fills as Rectangle["fills"];
  }).toThrow("[PENPOT PLUGIN] Value not valid");
  expect(rectangle.fills).toEqual(before);
});

test("only logs what it refuses when validation errors are not to be thrown", () => {
  penpot.flags.throwValidationErrors = false;
  const log = vi.spyOn(console, "error").mockReturnValue(undefined);
  penpot.createRectangle().resize(0, 10);
  expect(log).toHaveBeenCalledWith(expect.stringContaining("Code: resize"));
  log.mockRestore();
});

test("fills with an uploaded picture, stretched unless told to keep its aspect ratio", async () => {
  const image = await penpot.uploadMediaData("picture", emptyPng(30, 20), "image/png");
  expect(Object.keys(image)).not.toContain("data");
  const rectangle = penpot.createRectangle();
  rectangle.fills = [{ fillOpacity: 1, fillImage: image }];
  expect(rectangle.fills[0]?.fillImage).toMatchObject({ id: image.id, width: 30, height: 20, mtype: "image/png" });
  expect(rectangle.fills[0]?.fillImage?.keepAspectRatio).toBe(false);
  expect(await rectangle.fills[0]?.fillImage?.data()).toEqual(emptyPng(30, 20));
});

test("rejects uploads with Penpot's codes", async () => {
  const upload = penpot.uploadMediaData("picture", emptyPng(3, 3), "image/jpeg");
  await expect(upload).rejects.toMatchObject({ code: "media-type-mismatch" });
});

test("keeps plugin data apart by plugin, and shares what is shared", () => {
  const other = contextFor("plugin-b", "content:read", "content:write");
  const rectangle = penpot.createRectangle();
  rectangle.setPluginData("key", "mine");
  rectangle.setSharedPluginData("overpaint", "key", "ours");
  const seen = other.currentPage?.getShapeById(rectangle.id);
  expect(seen?.getPluginData("key")).toBe("");
  expect(seen?.getSharedPluginData("overpaint", "key")).toBe("ours");
  expect(seen?.getSharedPluginDataKeys("overpaint")).toEqual(["key"]);
});

test("lets nothing be written without the permission", async () => {
  const rectangle = penpot.createRectangle();
  const reader = contextFor("reader", "content:read");
  const seen = reader.currentPage?.getShapeById(rectangle.id);
  expect(() => seen?.resize(5, 5)).toThrow("content:write");
  expect(() => seen?.setSharedPluginData("a", "b", "c")).toThrow("content:write");
  await expect(reader.uploadMediaData("p", emptyPng(1, 1), "image/png")).rejects.toThrow("content:write");
  expect(rectangle.width).toBe(100);
});

test("answers null for a shape that is not there and throws for one that went away", () => {
  const rectangle = penpot.createRectangle();
  const { id } = rectangle;
  rectangle.remove();
  expect(penpot.currentPage?.getShapeById(id)).toBeNull();
  expect(() => rectangle.name).toThrow("There is no shape");
});

test("groups and ungroups in the order of painting", () => {
  const board = boardWith("a", "b", "c");
  const [a, , c] = board.children;
  const group = penpot.group([c!, a!]);
  expect(group?.children.map((child) => child.name)).toEqual(["a", "c"]);
  expect(names(board)).toEqual(["b", "Group"]);
  penpot.ungroup(group!);
  expect(names(board)).toEqual(["b", "a", "c"]);
  expect(penpot.group([])).toBeNull();
});

test("finds shapes by name and type", () => {
  boardWith("Sky", "Sea");
  expect(penpot.currentPage?.findShapes({ nameLike: "s" }).map((shape) => shape.name)).toEqual(["Sky", "Sea"]);
  expect(penpot.currentPage?.findShapes({ type: "board" })).toHaveLength(1);
});

test("works frozen, as the runtime hands it out", () => {
  const rectangle: Rectangle = Object.freeze(penpot.createRectangle());
  rectangle.name = "still writable";
  expect(rectangle.name).toBe("still writable");
});

test("calls listeners later, once, with the last value, and survives what they throw", async () => {
  const heard: string[][] = [];
  const log = vi.spyOn(console, "error").mockReturnValue(undefined);
  penpot.addListener("selectionchange", () => {
    throw new Error("a plugin's mistake");
  });
  penpot.addListener("selectionchange", (ids) => heard.push(ids));
  const [first, second] = [penpot.createRectangle(), penpot.createRectangle()];
  penpot.selection = [first];
  penpot.selection = [second];
  expect(heard).toEqual([]);
  await vi.waitFor(() => expect(heard).toEqual([[second.id]]));
  expect(log).toHaveBeenCalledWith(expect.objectContaining({ message: "a plugin's mistake" }));
  log.mockRestore();
});

test("tells about the observed shape only, and about themes and pages", async () => {
  const heard: string[] = [];
  const [watched, other] = [named("watched"), named("other")];
  penpot.addListener("shapechange", (shape) => heard.push(shape.name), { shapeId: watched.id });
  const themes = penpot.addListener("themechange", (theme) => heard.push(theme));
  other.x = 5;
  watched.name = "renamed";
  store.setTheme("light");
  await vi.waitFor(() => expect(heard.toSorted()).toEqual(["light", "renamed"]));
  penpot.removeListener(themes);
  store.setTheme("dark");
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(heard).toHaveLength(2);
});
