import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exportPack } from "../../../companion-server/models/export-pack.ts";
import { inspectModelFiles } from "../../../companion-server/models/files/open-model-files.ts";
import { openModel } from "../../../shared/diffusion/models/open-model.ts";
import { inRepository } from "../../support/repository.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("a pack that borrows is exported with what it borrows, and nothing is written beside it", async () => {
  await using folder = await temporaryFolder();
  const target = join(folder.path, "exported");
  const graphs = await exportPack({ folder: inRepository("models/starter-fast") }, target);
  expect(graphs.toSorted()).toEqual(
    ["text_encoder", "unet", "vae_decoder", "vae_encoder"].map((name) => `${name}/model.onnx`),
  );
  expect(await readdir(folder.path)).toEqual(["exported"]);
  const { facts, graphs: opened } = await openModel(await inspectModelFiles({ folder: target }));
  expect(opened.toSorted()).toEqual(graphs.toSorted());
  expect(facts.tasks).toContain("inpaint");
  expect(await readdir(join(target, "tokenizer"))).toContain("vocab.json");
});

test("a U-Net built here takes sides that do not halve evenly, exported too; a graph of another exporter does not", async () => {
  await using folder = await temporaryFolder();
  const checkpoint = { folder: inRepository("tests/fixtures/checkpoints/base") };
  const target = join(folder.path, "exported");
  await exportPack(checkpoint, target);
  const multipleOf = async (place: { folder: string }) => {
    const { facts } = await openModel(await inspectModelFiles(place));
    return [facts.sizeMultiple, facts.cell];
  };
  expect(await multipleOf(checkpoint)).toEqual([8, 8]);
  expect(await multipleOf({ folder: target })).toEqual([8, 8]);
  expect(await multipleOf({ folder: inRepository("tests/fixtures/packs/base") })).toEqual([16, 8]);
});
