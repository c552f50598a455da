import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exportPack } from "../../../companion-server/models/export-pack.ts";
import { inspectModelFiles } from "../../../companion-server/models/open-model-files.ts";
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
