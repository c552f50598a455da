import { expect, test } from "vitest";
import type { ShapeId } from "../../../../plugin/playground/document/shape.ts";
import { updateShape } from "../../../../plugin/playground/document/tree-edits.ts";
import { layerRequest, onBoard, place, withPicture } from "../pictures-on-pages.ts";

test("hands over the visible layers above the picture with their place on its pixels, and names the others", async () => {
  const { insert, shape, read } = withPicture();
  const { shapeId } = await insert();
  const second = await insert({ layer: { ...place, x: 50 } });
  shape(shapeId).opacity = 0.5;
  shape(shapeId).blendMode = "multiply";
  const { image, layers, others } = await read();
  expect(layers).toMatchObject([
    { shapeId, name: "a cat", matrix: [30, 0, 0, 40, 10, 20], opacity: 0.5, blendMode: "multiply", mime: "image/png" },
    { shapeId: second.shapeId, name: "a cat 2", matrix: [30, 0, 0, 40, 50, 20], opacity: 1, blendMode: "normal" },
  ]);
  expect(image.layers).toEqual(layers.map(({ shapeId, name }) => ({ shapeId, name })));
  expect(others).toMatchObject([{ name: "Caption" }]);
  shape(shapeId).hidden = true;
  expect((await read()).layers).toMatchObject([{ shapeId: second.shapeId }]);
});

test("places layers on the pixels of a turned, mirrored and cropped picture", async () => {
  const { host, id, insert, read } = withPicture({ width: 50, height: 80, rotation: 30, flipX: true });
  const fills = [host.imageFill(100, 80, true)];
  host.store.edit((page) => updateShape(page, id, (each) => ({ ...each, fills })));
  await insert({ layer: { ...place, x: 40 } });
  const [layer] = (await read()).layers;
  for (const [index, value] of [30, 0, 0, 40, 40, 20].entries()) expect(layer?.matrix[index]).toBeCloseTo(value, 3);
});

test("tells the source's version, which changes with the layers over it and not with where it stands", async () => {
  const { host, id, insert, shape, read } = withPicture();
  const { version } = (await read()).image;
  const { shapeId } = await insert();
  const withLayer = (await read()).image.version;
  expect(withLayer).not.toBe(version);
  shape(shapeId).x += 1;
  expect((await read()).image.version).not.toBe(withLayer);
  shape(shapeId).x -= 1;
  for (const each of [id, shapeId]) shape(each).y += 40;
  expect((await read()).image.version).toBe(withLayer);
  host.store.undo();
});

test("shows an extension with the picture that it extends, and lays what is drawn on both above both", async () => {
  const { host, board, picture } = onBoard();
  const around = { x: -60, y: -10, width: 200, height: 100 };
  host.send(layerRequest(host, picture.id as ShapeId, { place: "around", layer: around, name: "Extension" }));
  const extension = (await host.answer("placed")).shapeId as ShapeId;
  const sourceOf = async (shapeId: string) => {
    host.messages.length = 0;
    host.send({ type: "read-source", requestId: 9, shapeId });
    return await host.answer("source");
  };
  const seen = await sourceOf(extension);
  expect(seen.layers).toMatchObject([{ name: "Beach" }]);
  const drawnOn = seen.layers.map(({ shapeId }) => shapeId);
  const seam = { x: 5, y: 10, width: 20, height: 20 };
  const from = host.identityOf(extension);
  host.messages.length = 0;
  host.send(layerRequest(host, extension, { from, layer: seam, drawnOn, name: "Seam" }));
  await host.answer("placed");
  expect(board.children.map(({ name }) => name)).toEqual(["Extension", "Beach", "Seam", "Title"]);
  expect((await sourceOf(extension)).layers).toMatchObject([{ name: "Beach" }, { name: "Seam" }]);
  // The picture alone is seen with the seam over it too.
  expect((await sourceOf(picture.id)).layers).toMatchObject([{ name: "Seam" }]);
});
