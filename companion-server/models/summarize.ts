import { createHash } from "node:crypto";
import type { ModelSummary } from "../../shared/protocol/api.ts";
import { controlKindOf } from "../../shared/protocol/control.ts";
import { type OfferedPrecision, precisions } from "../../shared/protocol/models/precision.ts";
import { toErrorData } from "../../shared/protocol/overpaint-error.ts";
import type { CheckpointComponent, ComponentName } from "../../shared/weights/checkpoint/checkpoint.ts";
import { describeLora } from "../../shared/weights/lora/describe-lora.ts";
import { loraStems } from "../../shared/weights/lora/lora-stems.ts";
import { openLora } from "../../shared/weights/lora/open-lora.ts";
import { readSafetensorsHeader } from "../../shared/weights/safetensors/read-header.ts";
import { recogniseFile } from "../../shared/weights/single-file/recognise.ts";
import { DiskCheckpoint } from "./files/disk-checkpoint.ts";
import { packFingerprint } from "./files/list-pack-files.ts";
import { inspectModelFiles } from "./files/open-model-files.ts";
import { inspectPack } from "./inspect-pack.ts";
import type { KnownFits } from "./known-fits.ts";
import type { ModelPlace, ModelPlaces } from "./model-place.ts";
import type { InstalledControlNet, InstalledIpAdapter, InstalledPack, InstalledPart } from "./place-at.ts";
import { type Measurements, openMeasurements } from "./precision-measurements.ts";

/** What is used with a model, by where it was looked for. */
export interface Installed {
  readonly packs: readonly InstalledPack[];
  readonly controlNets: readonly InstalledControlNet[];
  readonly ipAdapters: readonly InstalledIpAdapter[];
  readonly vaes: readonly InstalledPart[];
  readonly textEncoders: readonly InstalledPart[];
  /** The file of what precisions take and lose on this machine. */
  readonly measurements?: string | undefined;
}

/** A model, or why it cannot be used, and what LoRAs can change of it. */
interface Inspected {
  readonly pack: InstalledPack;
  readonly summary: ModelSummary;
  readonly components: ReadonlyMap<ComponentName, CheckpointComponent>;
  readonly stems: ReturnType<typeof loraStems>;
}

/** What a model is opened with, and how it is tried. */
type BesideModel = Omit<ModelPlaces, keyof ModelPlace>;
type Opens = (places: ModelPlaces, model: Inspected) => Promise<unknown>;

/**
 * What is installed: models, also those that cannot be read, with the reason; and LoRAs, ControlNets, IP-Adapters, autoencoders and
 * text encoders, with the models that each fits.
 *
 * @param known what earlier listings found to fit
 */
export async function summarize(installed: Installed, known: KnownFits): Promise<readonly ModelSummary[]> {
  const { packs, controlNets, ipAdapters, vaes, textEncoders, measurements } = installed;
  const loras = new Map(await Promise.all(packs.map(async (pack) => [pack.id, await readLora(pack)] as const)));
  const added = new Set([...controlNets, ...ipAdapters, ...vaes, ...textEncoders].map(({ id }) => id));
  const isModel = ({ id }: InstalledPack) => !loras.get(id) && !added.has(id);
  const measured = measurements === undefined ? undefined : await openMeasurements(measurements);
  const models = await Promise.all(packs.filter(isModel).map((pack) => inspect(pack, measured)));
  const summaries: ModelSummary[] = models.map(({ summary }) => summary);
  const fitting = async (of: readonly Inspected[], beside: BesideModel, opens: Opens): Promise<string[]> => {
    const fits: string[] = [];
    for (const model of of)
      if (await known.fits({ ...model.pack, ...beside }, (places) => opens(places, model))) fits.push(model.summary.id);
    return fits;
  };
  const built = models.filter(isBuilt);
  for (const pack of packs) {
    const found = loras.get(pack.id);
    if (!found || pack.file === undefined) continue;
    const loraPlace = { folder: pack.folder, file: pack.file, strength: 1 };
    const fits = await fitting(built, { loras: [loraPlace] }, (_, model) => takesLora(model, pack));
    summaries.push({ id: pack.id, name: pack.name ?? pack.id, lora: { ranks: [...found.ranks], fits } });
  }
  for (const { id, ...place } of controlNets) {
    const fits = await fitting(built, { controlNets: [place] }, (places) => inspectModelFiles(places));
    const kind = controlKindOf(id);
    summaries.push({ id, name: id, controlNet: { ...(kind && { kind }), fits } });
  }
  for (const { id, ...ipAdapter } of ipAdapters)
    summaries.push({
      id,
      name: id,
      ipAdapter: { fits: await fitting(built, { ipAdapter }, (places) => inspectModelFiles(places)) },
    });
  const drawing = models.filter(({ summary }) => summary.facts?.kind === "diffusion");
  for (const { id, ...vae } of vaes)
    summaries.push({ id, name: id, vae: { fits: await fitting(drawing, { vae }, inspectPack) } });
  for (const { id, ...encoder } of textEncoders) {
    const fits = await fitting(drawing, { textEncoders: [encoder] }, inspectPack);
    summaries.push({ id, name: id, textEncoder: { fits } });
  }
  return summaries.sort((a, b) => a.id.localeCompare(b.id));
}

/** Undefined for what is none, or cannot be read. */
async function readLora({ file, ...places }: InstalledPack) {
  if (file === undefined) return undefined;
  const header = await readSafetensorsHeader(new DiskCheckpoint(places), file).catch(() => undefined);
  return header && recogniseFile(header).kind === "lora" ? describeLora(header) : undefined;
}

async function inspect(pack: InstalledPack, measurements: Measurements | undefined): Promise<Inspected> {
  const { id, name: shown, ...places } = pack;
  try {
    const { words, facts, files } = await inspectPack(places);
    const components = files.builtComponents;
    const offered = isBuilt({ components }) && { precisions: await offeredPrecisions(places, measurements) };
    const fingerprint = createHash("sha256")
      .update(await packFingerprint(places))
      .digest("hex");
    const summary = { id, ...words, name: words.name ?? shown ?? id, fingerprint, facts, ...offered };
    return { pack, summary, components, stems: loraStems(components) };
  } catch (error) {
    return {
      pack,
      summary: { id, name: shown ?? id, error: toErrorData(error) },
      components: new Map(),
      stems: new Map(),
    };
  }
}

async function offeredPrecisions(places: ModelPlaces, all: Measurements | undefined): Promise<OfferedPrecision[]> {
  const measured = await all?.of(places);
  return precisions.map(
    (precision) => measured?.precisions.find((each) => each.precision === precision) ?? { precision },
  );
}

function isBuilt({ components }: Pick<Inspected, "components">): boolean {
  return components.has("unet") || components.has("transformer");
}

function takesLora({ components, stems }: Inspected, { file = "", ...places }: InstalledPack): Promise<unknown> {
  return openLora(new DiskCheckpoint(places), file, components, stems);
}
