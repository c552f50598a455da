import { OverpaintError } from "../../protocol/overpaint-error.ts";
import { rowsOf, type TensorRef } from "../../protocol/tensor-ref.ts";
import type { CheckpointComponent, ComponentName } from "../checkpoint/checkpoint.ts";
import { readValues } from "../read-values.ts";
import { fileName } from "../safetensors/foreign-file.ts";
import { readSafetensorsHeader } from "../safetensors/read-header.ts";
import { recogniseFile } from "../single-file/recognise.ts";
import type { StoredTensors } from "../tensor-table.ts";
import { TensorTable } from "../tensor-table.ts";
import type { WeightFiles } from "../weight-files.ts";
import { loraStems, type ModuleName } from "./lora-stems.ts";
import { fitsWeight, type ModuleChange, moduleChange } from "./module-change.ts";
import { type ModuleParts, takeApart } from "./module-parts.ts";
import { PeftSettings } from "./peft-settings.ts";
import { rowsOfShare } from "./transformer-stems.ts";

/** What a LoRA changes of one linear layer or convolution. */
export interface LoraModule extends ModuleName {
  readonly change: ModuleChange;
}

export interface Lora {
  readonly file: string;
  readonly modules: readonly LoraModule[];
}

/** Other ways to change a model by few numbers, told by the names and dimensions of their parts. */
const otherKinds: readonly (readonly [sign: RegExp, name: string, dimensions?: number])[] = [
  [/\.oft_blocks$/, "BOFT", 4],
  [/\.oft_R(\.|$)/, "PEFT's OFT"],
  [/\.(a1|a2|b1|b2|bm1|bm2)\.weight$/, "GLoRA"],
  [/\.(diff|diff_b)$/, "whole differences"],
  [/\.(w_norm|b_norm)$/, "norms"],
];

/**
 * Opens a LoRA, LoCon, DoRA, LoHa, LoKr, OFT or (IA)³ for a model: whose module each of its tensors changes is told by name, in any of the usual ways to name them.
 * `stems` are those of the components, for whoever opens several.
 *
 * Throws OverpaintError `unsupported-model`, whose message says "LoRA", when the file is none, is of a kind that is
 * not known, or was made for another model; `damaged-model` when a module lacks one of its parts.
 */
export async function openLora(
  files: WeightFiles,
  path: string,
  components: ReadonlyMap<ComponentName, CheckpointComponent>,
  stems = loraStems(components),
): Promise<Lora> {
  const stored = await readSafetensorsHeader(files, path);
  requireLora(path, stored);
  const { matched, unmatched } = matchModules(stored, stems);
  const total = matched.size + unmatched.size;
  if (unmatched.size > 0) throw misfit(path, `${unmatched.size} of its ${total} modules are not in it`, unmatched);
  const settings = PeftSettings.read(stored.metadata);
  const numbers = await readNumbers(files, path, matched);
  const modules: LoraModule[] = [];
  const wrong = new Set<string>();
  for (const [name, { targets, parts }] of matched)
    for (const { share, ...module } of targets) {
      const weights = components.get(module.component)?.weights;
      const change = moduleChange(share ? ownRows(parts, share) : parts, {
        ...numbers.get(name)!, // read of all that match
        usualScale: (rank) => settings.scale(module, rank),
      });
      if (!change || !weights) throw incomplete(path, name);
      if (!fitsWeight(change, uprightDims(weights, module.name))) wrong.add(name);
      modules.push({ ...module, change });
    }
  if (wrong.size > 0) throw misfit(path, `${wrong.size} of its ${total} modules have other shapes`, wrong);
  return { file: path, modules };
}

function requireLora(path: string, stored: StoredTensors): void {
  const all = [...stored.tensors, ...stored.unreadable];
  for (const [sign, name, dimensions] of otherKinds) {
    const found = all.filter(([key, { dims }]) => sign.test(key) && dims.length === (dimensions ?? dims.length));
    if (found.length > 0)
      throw new OverpaintError(
        "unsupported-model",
        `${fileName(path)} holds ${name}, a relative of LoRA that is not supported, in ${found.length} of its ${all.length} tensors.`,
        "Choose a LoRA, LoCon, DoRA, LoHa, LoKr, OFT or (IA)³.",
      );
  }
  const { kind, words } = recogniseFile(stored);
  if (kind !== "lora")
    throw new OverpaintError("unsupported-model", `${fileName(path)} holds no LoRA, but ${words}.`, "Choose a LoRA.");
}

/** Parts of which rows are told apart: others cannot be cut, nor put in another order. */
const rearrangedParts: readonly string[] = ["down", "up", "alpha"] satisfies (keyof ModuleParts)[];

function ownRows({ up, ...parts }: ModuleParts, share: NonNullable<ModuleName["share"]>): ModuleParts {
  const rows = up?.dims[0] ?? 0;
  if (!up || rows % share.count !== 0) return parts;
  return { ...parts, up: rowsOf(up, rowsOfShare(share, rows)) };
}

interface Matched {
  /** Several where one module of the file stands for them. */
  readonly targets: readonly ModuleName[];
  readonly parts: ModuleParts;
}

function matchModules(stored: StoredTensors, stems: ReadonlyMap<string, readonly ModuleName[]>) {
  const table = new TensorTable(stored.tensors, stored.unreadable);
  const matched = new Map<string, Matched>();
  const unmatched = new Set<string>();
  for (const key of table.names()) {
    const { stem = key, part } = takeApart(key) ?? {};
    const targets = stems.get(stem);
    const tensor = table.find(key);
    const isRearranged = targets?.some(({ share, halves }) => share ?? halves);
    const isKnown = part !== undefined && (!isRearranged || rearrangedParts.includes(part));
    if (!isKnown || targets === undefined || tensor === undefined) {
      unmatched.add(stem);
      continue;
    }
    matched.set(stem, { targets, parts: { ...matched.get(stem)?.parts, [part]: tensor } });
  }
  return { matched, unmatched };
}

/** At once, and not one after the other: each is a number somewhere in the file. */
async function readNumbers(files: WeightFiles, path: string, matched: ReadonlyMap<string, Matched>) {
  const readNumber = async (tensor: TensorRef | undefined) => tensor && (await readValues(files, tensor))[0];
  const read = async ([name, { parts }]: readonly [string, Matched]) => {
    const [alpha, onInput] = await Promise.all([readNumber(parts.alpha), readNumber(parts.on_input)]);
    if (alpha !== undefined && !Number.isFinite(alpha)) throw notNumber(path, name);
    return [name, { alpha, isOnInput: onInput === 1 }] as const;
  };
  return new Map(await Promise.all([...matched].map(read)));
}

function uprightDims(weights: TensorTable, name: string): readonly number[] {
  const dims = weights.dims(`${name}.weight`) ?? [];
  return weights.find(`${name}.weight`)?.isTransposed ? [...dims].reverse() : dims;
}

function misfit(path: string, problem: string, modules: ReadonlySet<string>): OverpaintError {
  const [example] = modules;
  return new OverpaintError(
    "unsupported-model",
    `${fileName(path)} is a LoRA for another model: ${problem}, such as "${example}".`,
    "Choose a LoRA that was made for the model's own family: each has its own.",
  );
}

function notNumber(path: string, name: string): OverpaintError {
  return new OverpaintError(
    "damaged-model",
    `${fileName(path)} is a LoRA whose alpha of "${name}" is no number (NaN or infinite).`,
    "Download it again.",
  );
}

function incomplete(path: string, name: string): OverpaintError {
  return new OverpaintError(
    "damaged-model",
    `${fileName(path)} is a LoRA that has one half of "${name}" and lacks the other.`,
    "Download it again.",
  );
}
