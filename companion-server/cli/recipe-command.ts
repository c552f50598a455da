import { Command } from "commander";
import {
  dataOption,
  deviceOption,
  jsonOption,
  layerOption,
  outputOption,
  precisionOption,
  textEncoderOption,
  vaeOption,
} from "./options.ts";
import { readRecipe, runRecipe } from "./run-recipe.ts";

export function recipeCommand(): Command {
  return new Command("recipe")
    .description("how a picture was made")
    .addCommand(new Command("show").description("print a picture's recipe").argument("<file.png>").action(show))
    .addCommand(
      new Command("run")
        .description("make a picture again: of several variants, this one only")
        .argument("<file.png>")
        .option("--image <file>", "the image it was made from")
        .option("--mask <file>", "the mask it was made with")
        .option("--reference <file>", "a reference it was made with, in the order of the recipe's; repeatable", addTo)
        .addOption(outputOption())
        .addOption(layerOption())
        .option("--model <id|path>", "the model, where it is neither installed nor beside the picture")
        .addOption(vaeOption())
        .addOption(textEncoderOption())
        .option("--lora <id|path>", "a LoRA of the recipe, which says its strength; in its order; repeatable", addTo)
        .option("--reference-model <id|path>", "the IP-Adapter, where it is not installed")
        .option("--control <file>", "a picture that controls it, in the order of the recipe's; repeatable", addTo)
        .option("--control-model <id|path>", "a ControlNet, in the order of the recipe's; repeatable", addTo)
        .addOption(precisionOption().default(undefined, "as in the recipe"))
        .addOption(deviceOption().default(undefined, "as in the recipe"))
        .addOption(jsonOption())
        .addOption(dataOption())
        .action(runRecipe),
    );
}

function addTo(text: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, text];
}

async function show(path: string): Promise<void> {
  console.log(JSON.stringify(await readRecipe(path), undefined, 2));
}
