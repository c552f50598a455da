import { expect, test } from "vitest";
import { getShape } from "../../../../plugin/playground/document/document.ts";
import type { FillData, ShapeId } from "../../../../plugin/playground/document/shape.ts";
import { RECIPE_KEY, RECIPE_NAMESPACE } from "../../../../shared/protocol/recipe.ts";
import { aRecipe } from "../a-recipe.ts";
import { emptyPng } from "../empty-png.ts";
import { SandboxInPlayground } from "../sandbox-in-playground.ts";
import { rectangle } from "../shapes.ts";

const request = {
  type: "place-picture",
  requestId: 1,
  placementId: "placement-1",
  name: "a lighthouse",
  bytes: emptyPng(64, 48),
  mime: "image/png",
  size: { width: 64, height: 48 },
  recipe: aRecipe,
};
const colour: FillData = { type: "color", color: "#b1b2b5", opacity: 1 };

test("puts a picture on the page, one unit a pixel, in the middle of what shows", async () => {
  const host = new SandboxInPlayground().start();
  host.open();
  host.send(request);
  const { shapeId } = await host.answer("placed");
  const placed = getShape(host.store.snapshot.document, shapeId as ShapeId);
  expect(placed).toMatchObject({ name: "a lighthouse", x: 368, y: 276, width: 64, height: 48 });
  expect(placed.fills).toEqual([expect.objectContaining({ type: "image" })]);
  expect(JSON.parse(placed.pluginData[`shared/${RECIPE_NAMESPACE}`]?.[RECIPE_KEY] ?? "")).toEqual(aRecipe);
  expect(host.store.snapshot.selection).toEqual([shapeId]);
});

test("fills a shape without stretching and keeps the fills it had beneath, in one undo step", async () => {
  const host = new SandboxInPlayground().start();
  const [id] = host.open(rectangle({ x: 1, y: 2, width: 30, height: 90, fills: [colour] }));
  const before = host.store.snapshot.document;
  host.send({ ...request, shapeId: id });
  expect((await host.answer("placed")).shapeId).toBe(id);
  const filled = getShape(host.store.snapshot.document, id!);
  expect(filled).toMatchObject({ name: "Picture", x: 1, y: 2, width: 30, height: 90 });
  expect(filled.fills).toEqual([expect.objectContaining({ type: "image", keepAspectRatio: true }), colour]);
  host.store.undo();
  expect(host.store.snapshot.document).toBe(before);
});

test("leaves a shape as it was that can take no more fills", async () => {
  const host = new SandboxInPlayground().start();
  const [id] = host.open(rectangle({ fills: Array.from({ length: 8 }, () => colour) }));
  host.send({ ...request, shapeId: id });
  const { error } = await host.answer("failed");
  expect(error).toMatchObject({ code: "placement-failed", message: expect.stringContaining("fills") });
  expect(getShape(host.store.snapshot.document, id!).fills).toHaveLength(8);
});

test("says that the shape it is meant for is gone", async () => {
  const host = new SandboxInPlayground().start();
  host.open();
  host.send({ ...request, shapeId: "gone" });
  expect((await host.answer("failed")).error.code).toBe("source-changed");
});
