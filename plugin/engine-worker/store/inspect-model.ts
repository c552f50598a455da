import { CheckpointFiles } from "../../../shared/diffusion/checkpoint/checkpoint-files.ts";
import { openModel } from "../../../shared/diffusion/models/open-model.ts";
import { cpuProfile } from "../../../shared/networks/graph/graph-profile.ts";
import type { ModelSummary } from "../../../shared/protocol/api.ts";
import type { ModelId } from "../../../shared/protocol/models/model-facts.ts";
import { packWordsSchema } from "../../../shared/protocol/models/pack-words.ts";
import { toErrorData } from "../../../shared/protocol/overpaint-error.ts";
import type { InstalledFiles } from "../files/engine-files.ts";
import { WebCheckpoint } from "../models/web-checkpoint.ts";
import { bare, findWebModel } from "../models/web-model.ts";
import { type FileSource, WebPackFiles } from "../models/web-pack-files.ts";

export interface InspectOptions {
  readonly id: ModelId;
  readonly name: string;
  readonly licence: string | undefined;
  readonly files: InstalledFiles;
  readonly clipMerges: () => Promise<string>;
}

/** Any address: nothing is fetched from it. */
const ROOT = new URL("https://models.invalid/");

/** Tells what a model is without loading it: its graphs declare themselves and compute nothing. Of one that cannot be used, why. */
export async function inspectModel({ id, name, licence, files, clipMerges }: InspectOptions): Promise<ModelSummary> {
  const about = { id, name, ...(licence !== undefined && { licence }) };
  const own = new URL(`${id}/`, ROOT);
  const source: FileSource = {
    find: async ({ href }) => (href.startsWith(own.href) ? await files.find(href.slice(own.href.length)) : undefined),
    list: async ({ href }) => (href === own.href ? files.paths : undefined),
  };
  const runtime = {
    openSession: async (path: string) => {
      throw new Error(`${path} is open for inspection only`);
    },
  };
  try {
    const web = await findWebModel(
      bare(id),
      (folder) => new WebPackFiles({ url: new URL(`${folder}/`, ROOT), runtime, files: source }),
    );
    const storage = new WebCheckpoint({ model: web, runtime, profile: async () => cpuProfile, clipMerges });
    const opened = await CheckpointFiles.open(web.files, storage, web.choice);
    const { facts, graphs } = await openModel(opened);
    for (const path of graphs) await opened.readDeclaration(path);
    const words = packWordsSchema.safeParse(JSON.parse((await opened.readText("overpaint.json")) ?? "{}"));
    return { ...about, ...(words.success && words.data), name, facts };
  } catch (error) {
    return { ...about, error: toErrorData(error) };
  }
}
