import { expect, test } from "vitest";
import { decodeImage } from "../../companion-server/images/decode-image.ts";
import type { PlaygroundShape } from "../../plugin/playground/playground-api.ts";
import type { RgbaImage } from "../../shared/imaging/rgba-image.ts";
import { planSchema } from "../../shared/protocol/plans/plan.ts";
import { RECIPE_KEY, RECIPE_NAMESPACE, type Recipe, recipeSchema } from "../../shared/protocol/recipe.ts";
import { landscape } from "../plugin/ui/support/pictures.ts";
import { worstDifference } from "../support/worst-difference.ts";
import { PlaygroundSession } from "./playground-session.ts";
import { useStage } from "./use-stage.ts";

/** Both engines run the same network; the order of additions in their kernels differs. */
const ENGINE_TOLERANCE = 2;
const SOURCE = "Beach";

const stage = useStage();

interface Upscaled {
  readonly shape: PlaygroundShape;
  readonly recipe: Recipe;
  readonly pixels: RgbaImage;
}

/** Enlarges the picture in its place, in a page of its own, after `prepare`. */
async function upscaled(prepare: (session: PlaygroundSession) => Promise<void>): Promise<Upscaled> {
  const session = await PlaygroundSession.open(stage().browser, stage().companion.playgroundUrl);
  // Odd sizes, and larger than one tile of the network.
  const bytes = Array.from(landscape(333, 219));
  await session.page.evaluate(
    (file) => window.overpaintPlayground.openImage("Beach.png", Uint8Array.from(file)),
    bytes,
  );
  const source = await session.select(SOURCE);
  await prepare(session);
  const { panel } = session;
  await panel.getByRole("tab", { name: "Upscale" }).click();
  await panel.getByText("3×", { exact: true }).click();
  await panel.getByRole("button", { name: /^Upscale to 999 × 657/ }).click();
  await panel.getByRole("button", { name: "Replace the picture" }).click({ timeout: 110_000 });
  await panel.getByText("Replaced: the picture has 999 × 657 pixels now").waitFor();

  const shape = (await session.shapes()).find(({ id }) => id === source.id)!;
  const { fills: _, pluginData: __, ...geometry } = shape;
  expect(source).toMatchObject(geometry);
  const [fill] = shape.fills;
  if (fill?.type !== "image") throw new Error("The shape shows no picture.");
  const recipe = recipeSchema.parse(JSON.parse(shape.pluginData[`shared/${RECIPE_NAMESPACE}`]?.[RECIPE_KEY] ?? "null"));
  const pixels = await decodeImage(await session.mediaBytes(fill.mediaId), "the picture");
  expect(session.errors).toEqual([]);
  await session.close();
  return { shape, recipe, pixels };
}

test("upscales in place in the browser when the companion has stopped, as the companion does", async () => {
  const companions = await upscaled(async () => {});
  const browsers = await upscaled(async (session) => {
    await session.keepEngineReady();
    await stage().companion.stop();
    await session.panel.getByRole("button", { name: /Browser · WASM/ }).waitFor();
  });
  expect(companions.recipe.engine).toMatchObject({ place: "companion", device: "cpu" });
  expect(browsers.recipe.engine).toMatchObject({ place: "browser", device: "wasm" });
  // Each edit draws a seed of its own.
  expect(planSchema.parse(browsers.recipe.plan)).toEqual({
    ...planSchema.parse(companions.recipe.plan),
    seed: browsers.recipe.seed,
  });
  expect(companions.recipe.model.files).toMatchObject(browsers.recipe.model.files);
  expect(browsers.pixels).toMatchObject({ width: 999, height: 657 });
  expect(worstDifference(browsers.pixels, companions.pixels)).toBeLessThanOrEqual(ENGINE_TOLERANCE);
});
