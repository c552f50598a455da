import { expect, test } from "vitest";
import { describeLora } from "../../../../shared/weights/lora/describe-lora.ts";
import { readSafetensorsHeader } from "../../../../shared/weights/safetensors/read-header.ts";
import { type FixtureRange, readFixture } from "../../../support/fixture-file.ts";
import { MemoryFiles, safetensorsFile } from "../../../support/weight-files.ts";

const { content } = readFixture<{
  readonly mixed: Readonly<Record<string, { readonly dims: readonly number[]; readonly values: FixtureRange }>>;
}>("checkpoints/lora-relatives");

test("counts the layers that LoRA's relatives change, of either component", async () => {
  const dims = Object.fromEntries(Object.entries(content.mixed).map(([name, { dims }]) => [name, { dims }]));
  const header = await readSafetensorsHeader(
    new MemoryFiles({ "a.safetensors": safetensorsFile(dims) }),
    "a.safetensors",
  );
  expect(describeLora(header)).toEqual({ ranks: [3], modules: { unet: 9, text_encoder: 4 }, madeFor: undefined });
});
