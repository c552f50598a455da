import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import { modelIdSchema } from "../../../shared/protocol/models/model-facts.ts";
import { edgeContrast } from "../measures/edge-contrast.ts";
import { peakSignalToNoise } from "../measures/peak-signal-to-noise.ts";
import { structuralSimilarity } from "../measures/structural-similarity.ts";
import type { QualityContext, QualitySection } from "../quality-section.ts";
import { heldPictures } from "../support/held-pictures.ts";
import { resamplePicture } from "../support/resample-picture.ts";
import { runRequest } from "../support/run-request.ts";
import { shippedPacks } from "../support/shipped-packs.ts";
import { table } from "../support/table.ts";

const factors = [2, 4] as const;
/** Side of the detail shown, in pixels. */
const DETAIL = 96;

const legend = `Pictures are reduced by Lanczos and enlarged again; the result is compared with the picture itself. PSNR in dB, SSIM
(Wang 2004, in brightness), and edges: the root mean square of the gradient over the truth's, 1 is as sharp. Models without
an upscaling network of their own refine the resampled picture, at the default strength, without a prompt.
In the sheet: a detail of the truth, then ×4 by each method in the table's order.

starter-upscale is what upscaling uses by default: nearest to the truth and sharpest in every row, in about the time of
fast-upscale. The scene, the hamburger and the rocket are of styles it was trained on; its card measures one it never saw.`;

/** A way to enlarge: resampling alone, or one of the packs that ship. */
interface Method {
  readonly name: string;
  readonly enlarge: (small: RgbaImage, width: number, height: number) => Promise<RgbaImage> | RgbaImage;
}

export const upscalingSection: QualitySection = {
  name: "upscaling",
  title: "Upscaling",
  run: async (context) => {
    const methods: readonly Method[] = [{ name: "Lanczos", enlarge: resamplePicture }, ...(await packMethods(context))];
    const rows: (readonly (string | number)[])[] = [];
    const sheet: (readonly RgbaImage[])[] = [];
    for (const { name, truth, detail } of await heldPictures(context)) {
      const shown = [cut(truth, detail)];
      for (const factor of factors) {
        const small = resamplePicture(truth, truth.width / factor, truth.height / factor);
        for (const method of methods) {
          const start = performance.now();
          const image = await method.enlarge(small, truth.width, truth.height);
          const seconds = (performance.now() - start) / 1000;
          const sharpness = edgeContrast(image) / edgeContrast(truth);
          const similarity = structuralSimilarity(image, truth).toFixed(3);
          rows.push([
            `${name} ×${factor}`,
            method.name,
            peakSignalToNoise(image, truth),
            similarity,
            sharpness,
            seconds,
          ]);
          if (factor === 4) shown.push(cut(image, detail));
        }
      }
      sheet.push(shown);
    }
    const header = ["picture", "method", "PSNR", "SSIM", "edges", "seconds"];
    return `${legend}\n\n${table(header, rows)}\n\n${await context.writeSheet("upscaling", sheet)}`;
  },
};

/** Every shipped pack that can upscale: the networks first. */
async function packMethods({ openPack }: QualityContext): Promise<readonly Method[]> {
  const methods: (Method & { readonly isSpecialist: boolean })[] = [];
  for (const name of await shippedPacks("models")) {
    const model = await openPack(name);
    if (!model.facts.tasks.includes("upscale")) continue;
    methods.push({
      name,
      isSpecialist: model.facts.tasks.length === 1,
      enlarge: async (image, width, height) => {
        const request = { task: "upscale", model: modelIdSchema.parse(name), width, height } as const;
        return (await runRequest(model, request, { image })).pixels;
      },
    });
  }
  return methods.sort((a, b) => Number(b.isSpecialist) - Number(a.isSpecialist));
}

function cut(image: RgbaImage, [left, top]: readonly [number, number]): RgbaImage {
  const data = new Uint8ClampedArray(DETAIL * DETAIL * 4);
  for (let y = 0; y < DETAIL; y += 1) {
    const start = ((top + y) * image.width + left) * 4;
    data.set(image.data.subarray(start, start + DETAIL * 4), y * DETAIL * 4);
  }
  return { width: DETAIL, height: DETAIL, data };
}
