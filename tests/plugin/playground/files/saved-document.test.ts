import { expect, test } from "vitest";
import { DocumentStore } from "../../../../plugin/playground/document/document-store.ts";
import { openSaved, savedText } from "../../../../plugin/playground/files/saved-document.ts";
import { createContext } from "../../../../plugin/playground/penpot-context/create-context.ts";
import { emptyPng } from "../../sandbox/empty-png.ts";
import { pluginInNode } from "../penpot-context/plugin-in-node.ts";

test("opens what it saved: shapes, looks, pages, plugin data and pictures, byte for byte", async () => {
  const { penpot, store, board } = pluginInNode();
  const image = await penpot.uploadMediaData("picture", emptyPng(30, 20), "image/png");
  const shape = penpot.createRectangle();
  board.appendChild(shape);
  shape.fills = [{ fillImage: image, fillOpacity: 0.5 }];
  shape.strokes = [{ strokeColor: "#112233" }];
  shape.shadows = [{ offsetX: 3 }];
  shape.setSharedPluginData("overpaint", "recipe", "{}");
  const text = penpot.createText("Hello")!;
  text.getRange(0, 2).fontSize = "40";
  board.addFlexLayout().columnGap = 5;
  await penpot.openPage(penpot.createPage());
  penpot.createEllipse();

  const saved = savedText(store.snapshot.document, store.media);
  const opened = new DocumentStore();
  openSaved(opened, "mine", saved);
  expect(opened.snapshot.document).toEqual(store.snapshot.document);
  const seen = createContext({
    pluginId: "plugin",
    store: opened,
    permissions: new Set(["content:read", "content:write"]),
    exportPng: async () => new Uint8Array(),
    viewCenter: () => ({ x: 0, y: 0 }),
  });
  const again = seen.currentFile?.pages[0]?.getShapeById(shape.id);
  const [fill] = Array.isArray(again?.fills) ? again.fills : [];
  expect(await fill?.fillImage?.data()).toEqual(emptyPng(30, 20));
});

test.each([
  ["no JSON", () => "hello"],
  ["another file", () => '{"version":1}'],
  ["a newer file", (saved: string) => saved.replace('"version":1', '"version":2')],
  ["a shape without its parent", (saved: string) => saved.replace(/"parentId":"[^"]*"/, '"parentId":"gone"')],
  ["an unknown shape", (saved: string) => saved.replace('"type":"rectangle"', '"type":"hexagon"')],
])("refuses %s, and leaves what is open", (_, damage) => {
  const { penpot, store } = pluginInNode();
  penpot.createRectangle();
  const before = store.snapshot.document;
  const damaged = damage(savedText(before, store.media));
  expect(() => openSaved(store, "mine.json", damaged)).toThrow("“mine.json” is not a document");
  expect(store.snapshot.document).toBe(before);
});
