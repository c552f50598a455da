import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { PLACE_KEYWORD, RECIPE_KEYWORD } from "../../../shared/editing/layer/provenance.ts";
import { readPngText } from "../../../shared/imaging/metadata/png-metadata.ts";
import { type JobId, jobIdSchema } from "../../../shared/protocol/api.ts";
import { type EditEvent, type EditResult, editResultSchema } from "../../../shared/protocol/edit-event.ts";
import { editPartNames } from "../../../shared/protocol/edit-request.ts";
import type { PixelSize } from "../../../shared/protocol/geometry.ts";
import { type Recipe, recipeSchema } from "../../../shared/protocol/recipe.ts";
import { inspectImage } from "../../images/inspect-image.ts";
import type { SavedJob } from "../saved-job.ts";

/** What the pictures in the jobs' folders tell of their jobs, the oldest first. Folders without a result tell nothing. */
export async function readPictures(jobs: string): Promise<readonly SavedJob[]> {
  const names = await readdir(jobs).catch(() => []);
  const ids = names.flatMap((name) => jobIdSchema.safeParse(name).data ?? []);
  const found = await Promise.all(ids.map((id) => readJob(join(jobs, id), id).catch(() => undefined)));
  return found.filter((job) => job !== undefined).sort((a, b) => a.createdAt - b.createdAt);
}

/** A record of which the last events are lost, with the results that its pictures tell of. */
export function completed(saved: SavedJob, pictures: SavedJob | undefined): SavedJob {
  const isOver = saved.events.some((event) => /^\{"type":"(done|failed|cancelled)"/.test(event));
  if (isOver || pictures === undefined) return saved;
  const known = saved.events.filter((event) => event.startsWith('{"type":"result"')).length;
  const drawn = pictures.events.filter((event) => event.startsWith('{"type":"result"')).length;
  return drawn > known ? { ...saved, events: pictures.events } : saved;
}

async function readJob(folder: string, id: JobId): Promise<SavedJob | undefined> {
  const names = await readdir(folder);
  const parts = editPartNames.filter((part) => names.includes(part));
  const source = parts.includes("image") ? await inspectImage(join(folder, "image"), "The image") : undefined;
  const files = await readdir(join(folder, "results"));
  const results: EditResult[] = [];
  for (const name of files.filter((file) => /^\d+\.png$/.test(file))) {
    const result = await readResult(join(folder, "results", name), source).catch(() => undefined);
    if (result !== undefined) results.push(result);
  }
  results.sort((a, b) => a.variant - b.variant);
  const [first] = results;
  if (first === undefined) return undefined;
  const { request } = first.recipe;
  const end: EditEvent =
    results.length === request.count
      ? { type: "done", results: [] }
      : {
          type: "failed",
          error: {
            code: "internal",
            message: "The companion's record of this job was lost; what was drawn is kept.",
            remedy: "Draw the variants that are missing again.",
          },
        };
  const { recipe } = first;
  const events: readonly EditEvent[] = [
    { type: "queued", ahead: 0 },
    { type: "started", model: recipe.model.id, device: recipe.engine.device, attempt: 1 },
    ...results.map((result) => ({ type: "result", result }) as const),
    end,
  ];
  return {
    id,
    owner: null,
    createdAt: Math.round((await stat(folder)).mtimeMs),
    job: JSON.stringify({ submission: { request }, parts, source }),
    interruptions: 0,
    isAcknowledged: false,
    events: events.map((event) => JSON.stringify(event)),
  };
}

const placeSchema = editResultSchema.pick({ layer: true, erases: true });

async function readResult(file: string, source: PixelSize | undefined): Promise<EditResult> {
  const texts = readPngText(await readFile(file));
  const textOf = (wanted: string) => texts.find(({ keyword }) => keyword === wanted)?.text;
  const recipe = recipeSchema.parse(JSON.parse(textOf(RECIPE_KEYWORD) ?? ""));
  const { width, height } = await inspectImage(file, "The result");
  const place = textOf(PLACE_KEYWORD);
  const { layer, erases } =
    place === undefined ? placeIn(recipe, source ?? { width, height }) : placeSchema.parse(JSON.parse(place));
  return editResultSchema.parse({
    variant: recipe.variant,
    layer,
    pixels: { width, height },
    ...(erases && { erases }),
    recipe,
  });
}

/** Of a picture that does not say where it lies, as those of earlier versions: most fill their source. */
function placeIn({ plan }: Recipe, size: PixelSize): z.output<typeof placeSchema> {
  const canvas = z.object({ canvas: placeSchema.shape.layer }).safeParse(plan);
  return { layer: canvas.success ? canvas.data.canvas : { x: 0, y: 0, ...size } };
}
