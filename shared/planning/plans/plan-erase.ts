import type { InpaintRequest } from "../../protocol/edit-request.ts";
import { enlargedIn, type PixelRect, type PixelSize } from "../../protocol/geometry.ts";
import type { MaskShape } from "../../protocol/mask-shape.ts";
import type { ModelFacts } from "../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { ErasePass } from "../../protocol/plans/pass.ts";
import type { InpaintPlan } from "../../protocol/plans/plan.ts";
import { groupHoles } from "../holes/group-holes.ts";
import { planMasks } from "../holes/plan-masks.ts";
import { fitContext } from "../sizes/fit-context.ts";
import { chooseIntent } from "../words/choose-intent.ts";
import { hasWords } from "../words/has-words.ts";
import { atPlace, type DraftPass, planSettings } from "./plan-settings.ts";

/**
 * An erase network fills a stroke from what is around it: the middle of one wider than this share of its native side is nearly as far
 * from anything known as the network can see.
 */
const WIDEST_STROKE = 1 / 4;

/**
 * Works out a removal by an erase network: holes far apart by themselves, each seen with the surroundings that the network's native
 * side holds, pixel for pixel where they fit into it.
 *
 * Throws OverpaintError `unsupported-model` for anything but a removal, and for a plain run.
 */
export function planErase(request: InpaintRequest, image: PixelSize, mask: MaskShape, facts: ModelFacts): InpaintPlan {
  requireRemoval(request);
  const reach = (request.grow ?? 0) + (request.feather ?? 0);
  const seenAround = (painted: PixelRect): Seen => regionSeen(image, enlargedIn(image, painted, reach), facts);
  const groups = groupHoles(mask.holes, {
    mayCut: true,
    costOf: (painted) => {
      const { context, working } = seenAround(painted);
      const detail = Math.min(1, working.width / context.width);
      return { work: working.width * working.height, detail, span: Math.max(working.width, working.height) / detail };
    },
  });
  const passes = groups.map(({ bounds: painted, strokeWidth }): DraftPass<ErasePass> => {
    const masks = planMasks({ strokeWidth, cell: 1, strength: 1, intent: "remove", image, wanted: request });
    return { method: "erase", ...seenAround(painted), painted, mask: masks };
  });
  return { task: "inpaint", ...planSettings(request, facts), intent: "remove", passes: passes.map(atPlace) };
}

/**
 * Whether an erase network removes what a mask covers better than a diffusion model: nothing is asked for in words or pictures, the
 * network sees every hole in full detail with its surroundings, and no stroke is wider than a quarter of its native side.
 */
export function erasesBetter(request: InpaintRequest, image: PixelSize, mask: MaskShape, facts: ModelFacts): boolean {
  const { prompt, plain, controls, referenceModel, strength } = request;
  if (hasWords(prompt) || plain || controls.length > 0 || referenceModel !== null) return false;
  if (chooseIntent({ ...request, strength: strength ?? 1 }, mask) !== "remove") return false;
  if (mask.holes.some(({ strokeWidth }) => strokeWidth > WIDEST_STROKE * facts.nativeSize)) return false;
  const { passes } = planErase(request, image, mask, facts);
  return passes.every(({ context, working }) => working.width >= context.width && working.height >= context.height);
}

type Seen = Pick<ErasePass, "context" | "working">;

function regionSeen(image: PixelSize, around: PixelRect, { nativeSize, sizeMultiple, fixedSize }: ModelFacts): Seen {
  const aspect = fixedSize && fixedSize.width / fixedSize.height;
  const context = fitContext(image, around, nativeSize, aspect);
  if (fixedSize !== undefined) return { context, working: fixedSize };
  const scale = Math.min(1, nativeSize / Math.max(context.width, context.height));
  const rounded = (length: number): number => Math.max(1, Math.ceil((length * scale) / sizeMultiple)) * sizeMultiple;
  const working = { width: rounded(context.width), height: rounded(context.height) };
  // Pixel for pixel: what is missing to a size that the network takes, the picture's border repeats.
  return scale === 1 ? { context: { ...context, ...working }, working } : { context, working };
}

function requireRemoval({ intent, plain, model }: InpaintRequest): void {
  if (plain)
    throw new OverpaintError(
      "unsupported-model",
      `"${model}" is an erase network, which no pipeline of diffusers runs.`,
      "Leave out --plain.",
    );
  if (intent === "remove" || intent === "auto") return;
  throw new OverpaintError(
    "unsupported-model",
    `"${model}" is an erase network: it removes what is painted over and cannot ${intent}.`,
    "Choose the intent Remove, or a diffusion model.",
  );
}
