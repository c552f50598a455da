import { access, readFile } from "node:fs/promises";
import type { CatalogEntry } from "../../shared/hub/catalog.ts";
import { inRepository } from "./repository.ts";
import type { StandInHub } from "./stand-in-hub.ts";

const fixtures = (...names: readonly string[]) => names.map((name) => `tests/fixtures/checkpoints/${name}`);

/** Where tiny files of a catalog's entry are taken from: the first that has one. */
const sources: Readonly<Record<string, readonly string[]>> = {
  "sd-1.5": fixtures("base"),
  "sd-1.5-inpainting": fixtures("inpaint", "base"),
  "sd-2.1": fixtures("base"),
  sdxl: fixtures("xl", "base"),
  "sdxl-inpainting": fixtures("xl", "base"),
  "sd-turbo": fixtures("base"),
  "sdxl-turbo": fixtures("xl", "base"),
  "lcm-dreamshaper": fixtures("base"),
  "x4-upscaler": fixtures("upscale", "base"),
  taesd: fixtures("taesd"),
  "flux2-klein-4b": fixtures("klein"),
  "z-image-turbo": fixtures("z-image"),
  "real-esrgan": ["models/fast-upscale"],
};

/** Entries whose layout there is a tiny pack of. Networks that are one graph have theirs where their kind is tested. */
export function hasTinyPack({ id }: CatalogEntry): boolean {
  return id in sources;
}

/**
 * Puts a repository of an entry's layout into the stand-in, of tiny weights, and answers the entry as it is then: without the
 * digests and sizes of the true files.
 */
export async function addTinyRepository(hub: StandInHub, entry: CatalogEntry): Promise<CatalogEntry> {
  const files: Record<string, Buffer> = {};
  for (const { path, as = path } of [...entry.files, ...alsoTiny(entry)]) {
    // Publishers name half precision in the file's name; what is in it is the fixture's.
    const names = [as, as.replace(".fp16", "")];
    const places = (sources[entry.id] ?? []).flatMap((folder) =>
      names.map((name) => inRepository(`${folder}/${name}`)),
    );
    for (const place of places) {
      if (files[path] || !(await exists(place))) continue;
      files[path] = await readFile(place);
    }
  }
  const isCommit = /^[0-9a-f]{40}$/.test(entry.revision);
  hub.add(entry.repository, files, { ...(isCommit && { commit: entry.revision }), licence: "other" });
  return { ...entry, files: entry.files.map(({ path, as }) => ({ path, ...(as !== undefined && { as }) })) };
}

/** Tiny weights are in one file where large ones are in several, and the other way round. */
function alsoTiny({ id }: CatalogEntry): readonly { readonly path: string; readonly as?: string }[] {
  if (id !== "z-image-turbo") return [];
  return [
    "text_encoder/model.safetensors",
    "transformer/diffusion_pytorch_model.safetensors",
    "tokenizer/chat_template.jinja",
  ].map((path) => ({ path }));
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
