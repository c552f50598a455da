import type { ModelSummary } from "../../shared/protocol/api.ts";
import { toErrorData } from "../../shared/protocol/overpaint-error.ts";
import type { CheckpointComponent, ComponentName } from "../../shared/weights/checkpoint/checkpoint.ts";
import { describeLora } from "../../shared/weights/lora/describe-lora.ts";
import { loraStems } from "../../shared/weights/lora/lora-stems.ts";
import { openLora } from "../../shared/weights/lora/open-lora.ts";
import { readSafetensorsHeader } from "../../shared/weights/safetensors/read-header.ts";
import { recogniseFile } from "../../shared/weights/single-file/recognise.ts";
import { DiskCheckpoint } from "./disk-checkpoint.ts";
import { inspectPack } from "./inspect-pack.ts";
import type { InstalledPack } from "./place-at.ts";

/** A model, or why it cannot be used, and what LoRAs can change of it. */
interface Inspected {
  readonly summary: ModelSummary;
  readonly components: ReadonlyMap<ComponentName, CheckpointComponent>;
  readonly stems: ReturnType<typeof loraStems>;
}

/** What is installed: models, also those that cannot be read, with the reason, and LoRAs, with the models that each fits. */
export async function summarize(packs: readonly InstalledPack[]): Promise<readonly ModelSummary[]> {
  const loras = new Map(await Promise.all(packs.map(async (pack) => [pack.id, await readLora(pack)] as const)));
  const models = await Promise.all(packs.filter(({ id }) => !loras.get(id)).map(inspect));
  const summaries: ModelSummary[] = models.map(({ summary }) => summary);
  for (const pack of packs) {
    const found = loras.get(pack.id);
    if (!found) continue;
    const fits = [];
    for (const model of models) if (await isFitting(pack, model)) fits.push(model.summary.id);
    summaries.push({ id: pack.id, name: pack.id, lora: { ranks: [...found.ranks], fits } });
  }
  return summaries.sort((a, b) => a.id.localeCompare(b.id));
}

/** Undefined for what is none, or cannot be read. */
async function readLora({ file, ...places }: InstalledPack) {
  if (file === undefined) return undefined;
  const header = await readSafetensorsHeader(new DiskCheckpoint(places), file).catch(() => undefined);
  return header && recogniseFile(header).kind === "lora" ? describeLora(header) : undefined;
}

async function inspect({ id, ...places }: InstalledPack): Promise<Inspected> {
  try {
    const { name, licence, facts, files } = await inspectPack(places);
    const components = files.builtComponents;
    return { summary: { id, name: name ?? id, licence, facts }, components, stems: loraStems(components) };
  } catch (error) {
    return { summary: { id, name: id, error: toErrorData(error) }, components: new Map(), stems: new Map() };
  }
}

async function isFitting({ file = "", ...places }: InstalledPack, { components, stems }: Inspected): Promise<boolean> {
  if (!components.has("unet")) return false;
  return await openLora(new DiskCheckpoint(places), file, components, stems).then(
    () => true,
    () => false,
  );
}
