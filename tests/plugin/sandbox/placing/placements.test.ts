import { randomUUID } from "node:crypto";
import { expect, test, vi } from "vitest";
import { getContainer } from "../../../../plugin/playground/document/document.ts";
import { aRecipe } from "../a-recipe.ts";
import { layerRequest, place, withPicture } from "../pictures-on-pages.ts";

test("takes an insertion back and does it again for the panel, each as one step", async () => {
  const { host, insert, names } = withPicture();
  const placementId = randomUUID();
  const before = host.store.snapshot.document;
  await insert({ placementId });
  host.send({ type: "undo-placement", requestId: 2, placementId });
  await host.answer("done");
  expect(names()).toEqual(["Beach", "Caption"]);
  expect(getContainer(host.store.snapshot.document, before.rootId)).toEqual(getContainer(before, before.rootId));
  host.messages.length = 0;
  host.send({ type: "redo-placement", requestId: 3, placementId });
  await host.answer("placed");
  expect(names()).toEqual(["Beach", "a cat", "Caption"]);
  host.store.undo();
  expect(names()).toEqual(["Beach", "Caption"]);
});

test("takes an exchanged variant back to the one before", async () => {
  const { host, id, insert, shape, names } = withPicture();
  const first = await insert({ job: "job-1", stacks: false, name: "One" });
  const picture = () => (shape(first.shapeId).fills as { fillImage?: { id: string } }[])[0]?.fillImage?.id;
  const shown = picture();
  const placementId = randomUUID();
  await insert({ job: "job-1", stacks: false, name: "Two", layer: { ...place, x: 0 }, placementId });
  host.send({ type: "undo-placement", requestId: 2, placementId });
  await host.answer("done");
  expect([picture(), names()[1], shape(first.shapeId).x]).toEqual([shown, "One", shape(id).x + 10]);
});

test("leaves alone what Penpot's own undo has taken back, and inserts it again when asked", async () => {
  const { host, insert, names } = withPicture();
  const placementId = randomUUID();
  await insert({ placementId });
  host.store.undo();
  const before = host.store.snapshot.document;
  host.send({ type: "undo-placement", requestId: 2, placementId });
  await host.answer("done");
  expect(host.store.snapshot.document).toBe(before);
  await insert({ placementId });
  expect(names()).toEqual(["Beach", "a cat", "Caption"]);
});

test("does not insert twice what is sent again because no answer came", async () => {
  const { host, id, names } = withPicture();
  const request = layerRequest(host, id);
  host.send(request);
  host.send({ ...request, requestId: 2 });
  await vi.waitFor(() => expect(host.messages.filter(({ type }) => type === "placed")).toHaveLength(2));
  host.send({ ...request, requestId: 3 });
  await vi.waitFor(() => expect(host.messages.filter(({ type }) => type === "placed")).toHaveLength(3));
  expect(names()).toEqual(["Beach", "a cat", "Caption"]);
  const ids = host.messages.flatMap((message) => (message.type === "placed" ? message.shapeId : []));
  expect(new Set(ids).size).toBe(1);
});

test("tells what has become of an insertion: undone, redone, deleted", async () => {
  const { host, insert, shape } = withPicture();
  const { shapeId } = await insert();
  host.send({ type: "watch", watches: [{ key: "layer", shapeId, maskShapeIds: [] }] });
  const exists = async (value: boolean) =>
    await vi.waitFor(() => expect(host.last("watched")?.watched).toMatchObject([{ key: "layer", exists: value }]));
  await exists(true);
  host.store.undo();
  await exists(false);
  host.store.redo();
  await exists(true);
  shape(shapeId).remove();
  await exists(false);
});

test("reads how a layer came to be, wherever it was copied to", async () => {
  const { host, id, insert, shape } = withPicture();
  const { shapeId } = await insert();
  const copy = shape(shapeId).clone();
  host.send({ type: "read-recipe", requestId: 4, shapeId: copy.id });
  expect(await host.answer("recipe")).toMatchObject({ recipe: aRecipe, madeFrom: { shapeId: id, name: "Beach" } });
  host.messages.length = 0;
  host.send({ type: "read-recipe", requestId: 5, shapeId: id });
  expect(await host.answer("recipe")).not.toHaveProperty("recipe");
});

test("keeps what was painted and what a layer was drawn on beside its recipe, and takes both back with it", async () => {
  const { host, id, insert } = withPicture();
  const read = async (shapeId: string) => {
    host.messages.length = 0;
    host.send({ type: "read-recipe", requestId: 9, shapeId });
    return await host.answer("recipe");
  };
  const { shapeId } = await insert({ job: "one", stacks: false, mask: "Zmlyc3Q=", drawnOn: ["earlier"] });
  expect(await read(shapeId)).toMatchObject({ mask: "Zmlyc3Q=", drawnOn: ["earlier"], madeFrom: { shapeId: id } });
  host.messages.length = 0;
  const again = await insert({ job: "one", stacks: false, placementId: "second", mask: "c2Vjb25k", drawnOn: [] });
  expect(again.shapeId).toBe(shapeId);
  expect(await read(shapeId)).toMatchObject({ mask: "c2Vjb25k", drawnOn: [] });
  host.messages.length = 0;
  host.send({ type: "undo-placement", requestId: 10, placementId: "second" });
  await host.answer("done");
  expect(await read(shapeId)).toMatchObject({ mask: "Zmlyc3Q=", drawnOn: ["earlier"] });
});
