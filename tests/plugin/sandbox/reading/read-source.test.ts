import { expect, test } from "vitest";
import type { ShapeData } from "../../../../plugin/playground/document/shape.ts";
import { removeShape, updateShape } from "../../../../plugin/playground/document/tree-edits.ts";
import { emptyPng } from "../empty-png.ts";
import { SandboxInPlayground } from "../sandbox-in-playground.ts";
import { rectangle } from "../shapes.ts";

test("hands over the original bytes with the type they show", async () => {
  const host = new SandboxInPlayground().start();
  const [id] = host.open(rectangle({ fills: [host.imageFill(64, 32)] }));
  host.send({ type: "read-source", requestId: 1, shapeId: id });
  const answer = await host.answer("source");
  expect(answer).toMatchObject({ requestId: 1, mime: "image/png", image: { image: { width: 64, height: 32 } } });
  expect(answer.bytes).toEqual(emptyPng(64, 32));
});

test("tells that the shape is gone", async () => {
  const host = new SandboxInPlayground().start();
  const [id] = host.open(rectangle({ fills: [host.imageFill(64, 32)] }));
  host.store.edit((document) => removeShape(document, id!));
  host.send({ type: "read-source", requestId: 2, shapeId: id });
  expect(await host.answer("failed")).toMatchObject({ requestId: 2, error: { code: "source-changed" } });
});

/** A page whose picture cannot be downloaded. */
function withoutOriginal(change: Partial<ShapeData>) {
  const host = new SandboxInPlayground();
  const [id] = host.open(rectangle({ fills: [host.imageFill(100, 50, true)], ...change }));
  const getMedia = host.store.media.get.bind(host.store.media);
  host.store.media.get = (mediaId) =>
    new Proxy(getMedia(mediaId)!, {
      get: (media, member) => {
        if (member === "bytes") throw new Error("network error");
        return Reflect.get(media, member);
      },
    });
  host.start();
  return { host, id: id! };
}

test("falls back to an export of what shows, at the picture's own resolution", async () => {
  const { host, id } = withoutOriginal({ width: 25, height: 25 });
  const scales: number[] = [];
  host.exportPng = async (_, scale) => {
    scales.push(scale);
    return emptyPng(25 * scale, 25 * scale);
  };
  host.send({ type: "read-source", requestId: 3, shapeId: id });
  const { image, mime } = await host.answer("source");
  expect(scales).toEqual([2]);
  expect(mime).toBe("image/png");
  expect(image).toMatchObject({ image: { width: 50, height: 50 }, visible: { x: 0, y: 0, width: 50, height: 50 } });
});

test("does not take the export of a turned shape for its picture", async () => {
  const { host, id } = withoutOriginal({ rotation: 20 });
  host.exportPng = async () => emptyPng(10, 10);
  host.send({ type: "read-source", requestId: 4, shapeId: id });
  const { error } = await host.answer("failed");
  expect(error).toMatchObject({ code: "unreadable-image", message: expect.stringContaining("network error") });
});

test("says why when the export fails too", async () => {
  const { host, id } = withoutOriginal({ name: "Beach" });
  expect(host.store.snapshot.document.shapes.get(id)?.name).toBe("Beach");
  host.send({ type: "read-source", requestId: 5, shapeId: id });
  const { error } = await host.answer("failed");
  expect(error.message).toBe("Penpot could not hand out the picture of “Beach”: network error; no renderer.");
});

test("reads the picture a shape has now, not the one it had when selected", async () => {
  const host = new SandboxInPlayground().start();
  const [id] = host.open(rectangle({ fills: [host.imageFill(64, 32)] }));
  const fills = [host.imageFill(20, 10)];
  host.store.edit((document) => updateShape(document, id!, (shape) => ({ ...shape, fills })));
  host.send({ type: "read-source", requestId: 6, shapeId: id });
  expect((await host.answer("source")).image.image).toEqual({ width: 20, height: 10 });
});
