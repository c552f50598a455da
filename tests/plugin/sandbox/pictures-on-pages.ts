import { randomUUID } from "node:crypto";
import type { Board, Shape } from "@penpot/plugin-types";
import { createDocument, defaultShape, getContainer, getShape } from "../../../plugin/playground/document/document.ts";
import type { ShapeData, ShapeId } from "../../../plugin/playground/document/shape.ts";
import { addShape } from "../../../plugin/playground/document/tree-edits.ts";
import { aRecipe } from "./a-recipe.ts";
import { emptyPng } from "./empty-png.ts";
import { SandboxInPlayground } from "./sandbox-in-playground.ts";
import { rectangle } from "./shapes.ts";

export const place = { x: 10, y: 20, width: 30, height: 40 };

/** A picture of 100 × 80 pixels, one a unit, under a caption. */
export function withPicture(change: Partial<ShapeData> = {}) {
  const host = new SandboxInPlayground().start();
  const fills = [host.imageFill(100, 80)];
  const picture = rectangle({ name: "Beach", x: 64, y: 32, width: 100, height: 80, fills, ...change });
  const [id] = host.open(picture, rectangle({ name: "Caption", x: 70, y: 40, width: 20, height: 10 }));
  const insert = async (change: Record<string, unknown> = {}) => {
    host.messages.length = 0;
    host.send(layerRequest(host, id!, change));
    return await host.answer("placed");
  };
  const names = () => {
    const { document } = host.store.snapshot;
    return getContainer(document, document.rootId).children.map((child) => getShape(document, child).name);
  };
  const shape = (shapeId: string) => host.penpot.currentPage?.getShapeById(shapeId) as Shape;
  const read = async () => {
    host.messages.length = 0;
    host.send({ type: "read-source", requestId: 9, shapeId: id });
    return await host.answer("source");
  };
  return { host, id: id!, insert, names, shape, read };
}

export function layerRequest(host: SandboxInPlayground, shapeId: ShapeId, change: Record<string, unknown> = {}) {
  return {
    type: "place-layer",
    requestId: 1,
    placementId: randomUUID(),
    from: { ...host.identityOf(shapeId), image: { width: 100, height: 80 } },
    anyway: false,
    drawnOn: [],
    stacks: true,
    growsBoard: false,
    name: "a cat",
    place: "part",
    bytes: emptyPng(30, 40),
    mime: "image/png",
    layer: place,
    recipe: aRecipe,
    ...change,
  };
}

/** A board of 200 × 100 at the origin with a picture of 100 × 80 at (60, 10). */
export function onBoard() {
  const host = new SandboxInPlayground().start();
  const size = { width: 200, height: 100 };
  const board: ShapeData = { ...defaultShape("Hero"), ...size, type: "board", children: [], clipContent: true };
  const fills = [host.imageFill(100, 80)];
  const picture = rectangle({ name: "Beach", x: 60, y: 10, width: 100, height: 80, fills });
  const title = rectangle({ name: "Title", x: 4, y: 4, width: 20, height: 8 });
  host.store.open(
    [picture, title].reduce((page, each) => addShape(page, each, board.id), addShape(createDocument("T"), board)),
  );
  const shape = (id: string) => host.penpot.currentPage?.getShapeById(id) as Shape;
  return { host, board: shape(board.id) as Board, picture: shape(picture.id), title: shape(title.id), shape };
}
