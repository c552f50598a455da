import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DiskCheckpoint } from "../../../../companion-server/models/files/disk-checkpoint.ts";
import { cpuProfile, inHalf } from "../../../../shared/networks/graph/graph-profile.ts";
import { buildFlux2Transformer, parseFlux2TransformerConfig } from "../../../../shared/networks/transformer-flux2.ts";
import { openComponentFolder } from "../../../../shared/weights/checkpoint/open-folder.ts";
import { flowFolder } from "../../../support/flow-models.ts";

test("what a transformer adds up is kept within half precision, in half precision alone", async () => {
  const folder = flowFolder("klein");
  const storage = new DiskCheckpoint({ folder });
  const config = parseFlux2TransformerConfig(
    JSON.parse(await readFile(join(folder, "transformer/config.json"), "utf8")),
  );
  const { weights } = await openComponentFolder(storage, "transformer", "Flux2Transformer2DModel");
  const clips = (profile: typeof cpuProfile) =>
    buildFlux2Transformer(config, weights, { profile }).nodes.filter(({ operator }) => operator === "Clip").length;
  expect(clips(cpuProfile)).toBe(0);
  // The words' sum after each double block, and the whole sequence's after each single one, at least.
  expect(clips(inHalf(cpuProfile))).toBeGreaterThanOrEqual(config.num_layers + config.num_single_layers);
});
