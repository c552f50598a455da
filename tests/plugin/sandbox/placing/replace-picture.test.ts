import { randomUUID } from "node:crypto";
import { expect, test, vi } from "vitest";
import { getShape } from "../../../../plugin/playground/document/document.ts";
import type { ShapeData, ShapeId } from "../../../../plugin/playground/document/shape.ts";
import { updateShape } from "../../../../plugin/playground/document/tree-edits.ts";
import { RECIPE_KEY, RECIPE_NAMESPACE } from "../../../../shared/protocol/recipe.ts";
import { aRecipe } from "../a-recipe.ts";
import { emptyPng } from "../empty-png.ts";
import { layerRequest, onBoard, withPicture } from "../pictures-on-pages.ts";
import { SandboxInPlayground } from "../sandbox-in-playground.ts";
import { rectangle } from "../shapes.ts";

/** A picture beneath a translucent veil, cropped by its shape. */
function veiledPicture() {
  const host = new SandboxInPlayground().start();
  const veil = { type: "color", color: "#ff0000", opacity: 0.3 } as const;
  const picture = { ...host.imageFill(40, 20, true), opacity: 0.8 };
  const [id] = host.open(rectangle({ x: 3, y: 4, width: 50, height: 50, rotation: 20, fills: [veil, picture] }));
  const mediaId = picture.type === "image" ? picture.mediaId : "";
  return { host, id: id!, mediaId, shape: () => getShape(host.store.snapshot.document, id!) };
}

function replaceRequest(host: SandboxInPlayground, shapeId: ShapeId) {
  return {
    type: "replace-picture",
    requestId: 1,
    placementId: randomUUID(),
    from: host.identityOf(shapeId),
    anyway: false,
    drawnOn: [],
    name: "Beach @4x",
    bytes: emptyPng(160, 80),
    mime: "image/png",
    recipe: aRecipe,
  };
}

test("exchanges the picture and nothing else of the shape, and keeps the recipe", async () => {
  const { host, id, mediaId, shape } = veiledPicture();
  const { fills: before, pluginData: _, ...geometry } = shape();
  host.send(replaceRequest(host, id));
  expect((await host.answer("placed")).shapeId).toBe(id);
  const { fills, pluginData, ...after } = shape();
  expect(after).toEqual(geometry);
  expect(fills[0]).toEqual(before[0]);
  expect(fills[1]).toEqual({ ...before[1], mediaId: expect.not.stringContaining(mediaId) });
  const media = fills[1]?.type === "image" ? host.store.media.get(fills[1].mediaId) : undefined;
  expect(media).toMatchObject({ width: 160, height: 80 });
  expect(JSON.parse(pluginData[`shared/${RECIPE_NAMESPACE}`]?.[RECIPE_KEY] ?? "")).toEqual(aRecipe);
});

test("is taken back by one undo", async () => {
  const { host, id } = veiledPicture();
  const before = host.store.snapshot.document;
  host.send(replaceRequest(host, id));
  await host.answer("placed");
  host.store.undo();
  expect(host.store.snapshot.document).toBe(before);
});

test("does not replace a picture that is not the one the result was made from", async () => {
  const { host, id, shape } = veiledPicture();
  host.send(replaceRequest(host, id));
  // Another picture is put in while the result is being uploaded.
  const fills: ShapeData["fills"] = [host.imageFill(8, 8)];
  host.store.edit((page) => updateShape(page, id, (each) => ({ ...each, fills })));
  const { error } = await host.answer("failed");
  expect(error).toMatchObject({ code: "source-changed", remedy: expect.stringContaining("load the picture again") });
  expect(shape().fills).toEqual(fills);
});

test("lets a picture grow in one shape, its known part where it was", async () => {
  const { host, picture } = onBoard();
  picture.rotation = 90;
  const { x, y } = picture.center;
  host.send({
    ...layerRequest(host, picture.id as ShapeId),
    type: "replace-picture",
    frame: { x: -20, y: 0, width: 140, height: 80 },
  });
  await host.answer("placed");
  expect([picture.width, picture.height]).toEqual([140, 80]);
  // 20 pixels more on either end: the middle moved by none.
  expect([picture.center.x, picture.center.y]).toEqual([x, y]);
});

test("hides the layers that became part of a new picture, and shows them again when it is taken back", async () => {
  const { host, id, insert, shape } = withPicture();
  const { shapeId } = await insert();
  const placementId = randomUUID();
  host.send({ ...layerRequest(host, id, { drawnOn: [shapeId], placementId }), type: "replace-picture" });
  await vi.waitFor(() => expect(shape(shapeId).hidden).toBe(true));
  host.send({ type: "undo-placement", requestId: 2, placementId });
  await vi.waitFor(() => expect(shape(shapeId).hidden).toBe(false));
});
