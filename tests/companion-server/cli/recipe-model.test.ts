import { join } from "node:path";
import { expect, test } from "vitest";
import { findModel, type NamedInRecipe } from "../../../companion-server/cli/recipe-model.ts";
import { openCatalog } from "../../../companion-server/models/model-catalog.ts";
import { type EditRequestInput, editRequestSchema } from "../../../shared/protocol/edit-request.ts";
import { aRecipe } from "../../plugin/sandbox/a-recipe.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** Finds what a picture was made with, where only what ships is installed. */
async function find(beside: Partial<EditRequestInput>, given: NamedInRecipe, id = aRecipe.model.id) {
  await using folder = await temporaryFolder();
  const request = editRequestSchema.parse({ ...aRecipe.request, ...beside });
  const recipe = { ...aRecipe, request, model: { id, files: {} } };
  return await findModel(recipe, openCatalog(folder.path), join(folder.path, "picture.png"), given);
}

test.each<[string, Partial<EditRequestInput>, string]>([
  ['ControlNet "net"', { controls: [{ model: "net", kind: "canny" }] }, "--control-model"],
  ['LoRA "ink"', { loras: [{ id: "ink" }] }, "--lora"],
  ['IP-Adapter "reader"', { referenceModel: "reader" }, "--reference-model"],
  ['autoencoder "mine"', { vae: "mine" }, "--vae"],
  ['text encoder "mine"', { textEncoders: ["mine"] }, "--text-encoder"],
  ['model "mine"', {}, "--model"],
])("makes no picture again without its %s, and says how to name it", async (name, beside, option) => {
  await expect(find(beside, {}, option === "--model" ? "mine" : undefined)).rejects.toMatchObject({
    code: "unknown-model",
    message: `There is no ${name}.`,
    remedy: `The picture was made with it: install it, or say where it is with ${option}.`,
  });
});

test.each<[NamedInRecipe, string]>([
  [{ vae: "./mine.safetensors" }, "The picture was made without --vae."],
  [{ referenceModel: "reader" }, "The picture was made without --reference-model."],
  [{ lora: ["ink", "oil"] }, "The picture was made with fewer of --lora."],
])("takes nothing into a picture that it was made without: %j", async (given, message) => {
  await expect(find({ loras: [{ id: "ink" }] }, given)).rejects.toMatchObject({ code: "invalid-request", message });
});
