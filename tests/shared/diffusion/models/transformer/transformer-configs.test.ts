import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openModel } from "../../../../../shared/diffusion/models/open-model.ts";
import { type FlowFamily, flowFamilies, flowFolder } from "../../../../support/flow-models.ts";

/** A family's model, with fields of one of its JSON files changed. */
function openChanged(family: FlowFamily, file: string, fields: object) {
  return openModel({
    readText: async (path) => {
      const text = await readFile(join(flowFolder(family), path), "utf8").catch(() => undefined);
      return path === file && text !== undefined ? JSON.stringify({ ...JSON.parse(text), ...fields }) : text;
    },
    openSession: async (path) => {
      throw new Error(`${path} is not opened for its configs.`);
    },
  });
}

describe.each(flowFamilies)("a folder of %s", (family) => {
  test.each(["transformer", "text_encoder", "tokenizer", "vae", "scheduler"])("is refused without %s", async (name) => {
    await expect(openChanged(family, "model_index.json", { [name]: [null, null] })).rejects.toMatchObject({
      code: "damaged-model",
      message: expect.stringContaining(`lists no ${name}`),
    });
  });

  test("is refused with an autoencoder of other latents", async () => {
    await expect(openChanged(family, "vae/config.json", { latent_channels: 16 })).rejects.toMatchObject({
      code: "damaged-model",
      message: expect.stringContaining("autoencoder"),
    });
  });

  test("may say the base of its rotary angles as older files do", async () => {
    const older = { rope_parameters: undefined, rope_theta: 1e6 };
    await expect(openChanged(family, "text_encoder/config.json", older)).resolves.toMatchObject({ type: "diffusion" });
    const stretched = { rope_parameters: { rope_theta: 1e6, rope_type: "yarn" } };
    await expect(openChanged(family, "text_encoder/config.json", stretched)).rejects.toThrow("yarn");
  });
});
