import { readFile, writeFile } from "node:fs/promises";
import { decode } from "fast-png";
import { expect, test } from "vitest";
import type { SelectionEngine, SelectionJob } from "../../../companion-server/engine/engine.ts";
import { decodeImage } from "../../../companion-server/images/decode-image.ts";
import { encodeGreyPng } from "../../../companion-server/images/encode-image.ts";
import { ModelCatalog } from "../../../companion-server/models/model-catalog.ts";
import { Selections } from "../../../companion-server/selections.ts";
import { openModel } from "../../../shared/diffusion/models/open-model.ts";
import { Selector } from "../../../shared/editing/selection/selector.ts";
import { PICTURE_HEADER } from "../../../shared/protocol/selection.ts";
import { NodePackFiles } from "../../support/node-pack-files.ts";
import { inRepository } from "../../support/repository.ts";
import { pngOf } from "../support/pictures.ts";
import { testCompanion } from "../support/test-companion.ts";

const width = 96;
const height = 60;

/** The engine's work in this process, on the tiny packs. */
class SelectorHere implements SelectionEngine {
  readonly jobs: SelectionJob[] = [];
  readonly #selector = new Selector();

  async select(job: SelectionJob) {
    this.jobs.push(job);
    const model = await openModel(new NodePackFiles(job.model.folder));
    const read = async () => decodeImage(await readFile(job.picture), "The picture");
    await writeFile(
      job.output,
      await encodeGreyPng(await this.#selector.select(model, { key: job.pictureKey, read }, job.of)),
    );
    await model.release();
    return { device: "cpu" as const, timings: {} };
  }

  async close(): Promise<void> {}
}

async function setUp() {
  const engine = new SelectorHere();
  const models = new ModelCatalog([inRepository("tests/fixtures/packs")]);
  const selections = await Selections.open({
    engine,
    models,
    surroundings: async () => ({ devices: ["cpu"], hashCache: "", quantisedWeights: "" }),
  });
  const companion = await testCompanion({ selections });
  const post = async (request: object, image?: Uint8Array<ArrayBuffer>) => {
    const body = new FormData();
    body.append("request", JSON.stringify(request));
    if (image) body.append("image", new Blob([image]), "image");
    return await companion.api("selections", { method: "POST", body });
  };
  const picture = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i += 1) picture.set(i % width < 40 ? [220, 40, 30] : [40, 60, 200], i * 3);
  return {
    engine,
    post,
    image: await pngOf({ width, height, channels: 3 }, picture),
    async [Symbol.asyncDispose]() {
      await companion[Symbol.asyncDispose]();
      await selections.close();
    },
  };
}

const clickAt = (x: number, y: number) => ({ of: { type: "object", points: [{ x, y }] } });

test("answers what a click shows as a mask of the picture's size, and knows the picture at the next click", async () => {
  await using scene = await setUp();
  const first = await scene.post(clickAt(10, 30), scene.image);
  expect(first.status).toBe(200);
  const mask = decode(new Uint8Array(await first.arrayBuffer()));
  expect(mask).toMatchObject({ width, height, channels: 1 });
  expect(mask.data[30 * width + 10]).toBe(255);
  expect(mask.data[30 * width + 80]).toBe(0);
  const picture = first.headers.get(PICTURE_HEADER);
  expect(picture).toMatch(/^[0-9a-f]{64}$/);

  const second = await scene.post({ ...clickAt(80, 30), picture });
  const other = decode(new Uint8Array(await second.arrayBuffer()));
  expect(other.data[30 * width + 80]).toBe(255);
  expect(scene.engine.jobs.map(({ pictureKey }) => pictureKey)).toEqual([picture, picture]);
});

test("takes the model that removes backgrounds for the subject, and one that takes clicks for an object", async () => {
  await using scene = await setUp();
  await scene.post({ of: { type: "subject" } }, scene.image);
  await scene.post(clickAt(5, 5), scene.image);
  expect(scene.engine.jobs.map(({ model }) => model.id)).toEqual(["background", "segmentation"]);
});

test.each([
  { name: "a picture that it does not keep", request: { ...clickAt(1, 1), picture: "0".repeat(64) }, status: 404 },
  { name: "neither a picture nor its name", request: clickAt(1, 1), status: 400 },
  { name: "no clicks", request: { of: { type: "object", points: [] } }, status: 400 },
  { name: "a model that is not there", request: { ...clickAt(1, 1), model: "nothing" }, sends: true, status: 404 },
  { name: "a click beside the picture", request: clickAt(width, 1), sends: true, status: 400 },
  { name: "a model for something else", request: { ...clickAt(1, 1), model: "background" }, sends: true, status: 422 },
])("refuses $name", async ({ request, sends, status }) => {
  await using scene = await setUp();
  const response = await scene.post(request, sends ? scene.image : undefined);
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } });
});

test("refuses what is no picture", async () => {
  await using scene = await setUp();
  expect((await scene.post(clickAt(1, 1), new Uint8Array([1, 2, 3]))).status).toBe(422);
});
