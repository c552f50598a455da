import { randomUUID } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { createDocument } from "../../../plugin/playground/document/document.ts";
import type { ShapeData, ShapeId } from "../../../plugin/playground/document/shape.ts";
import { removeShape } from "../../../plugin/playground/document/tree-edits.ts";
import { startSandbox } from "../../../plugin/sandbox/start-sandbox.ts";
import {
  EXPORT_TIMEOUT_MS,
  ORIGINAL_TIMEOUT_MS,
  PLACE_TIMEOUT_MS,
  READ_TIMEOUT_MS,
  UPLOAD_TIMEOUT_MS,
} from "../../../shared/protocol/plugin/timeouts.ts";
import { aRecipe } from "./a-recipe.ts";
import { emptyPng } from "./empty-png.ts";
import { SandboxInPlayground } from "./sandbox-in-playground.ts";
import { rectangle } from "./shapes.ts";

afterEach(() => vi.useRealTimers());

function withPicture(change: Partial<ShapeData> = {}, host = new SandboxInPlayground()) {
  const fills = [host.imageFill(100, 80)];
  const [id] = host.open(rectangle({ name: "Beach", width: 100, height: 80, fills, ...change }));
  host.start();
  const request = {
    type: "place-layer",
    requestId: 1,
    placementId: randomUUID(),
    from: host.identityOf(id as ShapeId),
    anyway: false,
    drawnOn: [],
    stacks: true,
    growsBoard: false,
    name: "a cat",
    place: "part",
    bytes: emptyPng(30, 40),
    mime: "image/png",
    layer: { x: 10, y: 20, width: 30, height: 40 },
    recipe: aRecipe,
  };
  return { host, id: id as ShapeId, request };
}

const replace = (host: SandboxInPlayground, member: string, value: unknown) =>
  Object.defineProperty(host.penpot, member, { value, configurable: true });

test("changes nothing and says what to check where it may not write", async () => {
  const { host, request } = withPicture({}, new SandboxInPlayground({ permissions: ["content:read"] }));
  const before = host.store.snapshot.document;
  host.send(request);
  expect((await host.answer("failed")).error).toMatchObject({
    code: "upload-rejected",
    remedy: expect.stringContaining("right to edit"),
  });
  host.messages.length = 0;
  host.send({ type: "forget-history", requestId: 2, ids: ["1"] });
  expect((await host.answer("failed")).error).toMatchObject({ code: "placement-failed" });
  expect(host.store.snapshot.document).toBe(before);
});

test("tells what Penpot says of a rejected upload", async () => {
  const { host, request } = withPicture();
  replace(host, "uploadMediaData", () => Promise.reject({ code: "media-type-mismatch", hint: "it is no PNG" }));
  host.send(request);
  expect((await host.answer("failed")).error.message).toContain("media-type-mismatch");
});

test("gives up on an upload before the panel does, and does not place it when it comes all the same", async () => {
  vi.useFakeTimers();
  const { host, id, request } = withPicture();
  const late = host.penpot.uploadMediaData("late", emptyPng(30, 40), "image/png");
  replace(
    host,
    "uploadMediaData",
    () => new Promise((resolve) => setTimeout(() => resolve(late), UPLOAD_TIMEOUT_MS + 5_000)),
  );
  const before = host.store.snapshot.document;
  host.send(request);
  await vi.advanceTimersByTimeAsync(UPLOAD_TIMEOUT_MS);
  expect(host.last("failed")?.error).toMatchObject({ code: "upload-rejected" });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(host.store.snapshot.document).toBe(before);
  expect(PLACE_TIMEOUT_MS).toBeGreaterThan(UPLOAD_TIMEOUT_MS);
  expect(id).toBe(request.from.shapeId);
});

test("answers a read that falls back to an export in time for the panel", async () => {
  vi.useFakeTimers();
  const { host, id } = withPicture();
  const { mediaId } = host.identityOf(id);
  host.store.media.get = () =>
    ({
      id: mediaId,
      name: "Beach",
      width: 100,
      height: 80,
      mime: "image/png",
      get bytes() {
        throw new Error("network error");
      },
    }) as never;
  const exported = new Promise<Uint8Array>((resolve) =>
    setTimeout(() => resolve(emptyPng(100, 80)), EXPORT_TIMEOUT_MS - 1),
  );
  host.exportPng = () => exported;
  host.send({ type: "read-source", requestId: 3, shapeId: id });
  await vi.advanceTimersByTimeAsync(EXPORT_TIMEOUT_MS);
  expect(host.last("source")).toMatchObject({ requestId: 3, mime: "image/png" });
  expect(READ_TIMEOUT_MS).toBeGreaterThan(ORIGINAL_TIMEOUT_MS + EXPORT_TIMEOUT_MS);
});

test("says that the layer over a picture cannot be read, instead of leaving it out", async () => {
  const { host, id, request } = withPicture();
  host.send(request);
  await host.answer("placed");
  const get = host.store.media.get.bind(host.store.media);
  host.store.media.get = (mediaId) => {
    const media = get(mediaId);
    if (media?.width !== 30) return media;
    return new Proxy(media, {
      get: (target, member) => {
        if (member === "bytes") throw new Error("network error");
        return Reflect.get(target, member);
      },
    });
  };
  host.send({ type: "read-source", requestId: 4, shapeId: id });
  expect((await host.answer("failed")).error).toMatchObject({
    code: "unreadable-image",
    message: expect.stringContaining("“a cat”"),
    remedy: expect.stringContaining("hide that layer"),
  });
});

test("stays with the page it was meant for when another is opened during the upload", async () => {
  const { host, request } = withPicture();
  host.send(request);
  const other = { ...createDocument("Other"), fileId: host.store.snapshot.document.fileId };
  host.store.open(other);
  expect((await host.answer("failed")).error).toMatchObject({
    code: "source-changed",
    remedy: expect.stringContaining("page"),
  });
  expect(host.store.snapshot.document).toBe(other);
});

test("tells that what is watched is gone when its page is left, and back when it is opened again", async () => {
  const { host, id } = withPicture();
  const page = host.store.snapshot.document;
  host.send({ type: "watch", watches: [{ key: "source", shapeId: id, maskShapeIds: [] }] });
  const exists = async (value: boolean) =>
    await vi.waitFor(() => expect(host.last("watched")?.watched).toMatchObject([{ key: "source", exists: value }]));
  await exists(true);
  host.store.open(createDocument("Other"));
  await exists(false);
  host.store.open(page);
  await exists(true);
});

test("keeps the secret of its panel when the frame is reloaded and the plugin evaluated anew", () => {
  const { host } = withPicture();
  const { secret } = host;
  startSandbox(host.penpot);
  expect(host.opened).toHaveLength(2);
  expect(host.secret).toBe(secret);
});

test("refuses a sheared picture, whose layer would not fit", async () => {
  const { host, id } = withPicture({ rotation: 20 });
  const page = host.penpot.currentPage;
  replace(host, "currentPage", {
    id: page?.id,
    getShapeById: (shapeId: string) => {
      const shape = page?.getShapeById(shapeId);
      const { x = 0, y = 0, width = 0, height = 0 } = shape?.bounds ?? {};
      return Object.create(shape ?? null, { bounds: { value: { x, y, width: width * 1.2, height } } });
    },
  });
  host.send({ type: "read-source", requestId: 5, shapeId: id });
  expect((await host.answer("failed")).error).toMatchObject({
    code: "unsupported-shape",
    message: expect.stringContaining("sheared"),
  });
});

test("refuses a picture that is cropped by hand, whose crop Penpot does not tell", async () => {
  const { host, id } = withPicture();
  const page = host.penpot.currentPage;
  replace(host, "currentPage", {
    id: page?.id,
    getShapeById: (shapeId: string) => {
      const shape = page?.getShapeById(shapeId);
      const [fill] = (shape?.fills ?? []) as { fillImage?: object }[];
      const fillImage = { ...fill?.fillImage, imageTransform: { x: 0.1, y: 0, width: 0.5, height: 0.5 } };
      return Object.create(shape ?? null, { fills: { value: [{ fillOpacity: 1, fillImage }] } });
    },
  });
  host.send({ type: "read-source", requestId: 6, shapeId: id });
  expect((await host.answer("failed")).error).toMatchObject({ code: "unsupported-shape" });
});

test("refuses the picture that masks a group: it does not show itself", async () => {
  const { host, id } = withPicture();
  const shape = host.penpot.currentPage?.getShapeById(id);
  const content = host.penpot.createRectangle();
  const group = host.penpot.group([...(shape ? [shape] : []), content]);
  group?.makeMask();
  host.send({ type: "read-source", requestId: 6, shapeId: id });
  expect((await host.answer("failed")).error).toMatchObject({
    code: "unsupported-shape",
    remedy: expect.stringContaining("release the mask"),
  });
});

test("does not look for a shape that was deleted while the panel was closed", async () => {
  const { host, id, request } = withPicture();
  host.store.edit((page) => removeShape(page, id));
  for (const message of [request, { type: "read-source", requestId: 7, shapeId: id }]) {
    host.messages.length = 0;
    host.send(message);
    expect((await host.answer("failed")).error.code).toBe("source-changed");
  }
});
