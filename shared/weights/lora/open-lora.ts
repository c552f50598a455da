import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { TensorRef } from "../../protocol/tensor-ref.ts";
import type { CheckpointComponent, ComponentName } from "../checkpoint/checkpoint.ts";
import { readValues } from "../read-values.ts";
import { fileName } from "../safetensors/foreign-file.ts";
import { readSafetensorsHeader } from "../safetensors/read-header.ts";
import { recogniseFile } from "../single-file/recognise.ts";
import type { StoredTensors } from "../tensor-table.ts";
import { TensorTable } from "../tensor-table.ts";
import type { WeightFiles } from "../weight-files.ts";
import { loraStems, type ModuleName } from "./lora-stems.ts";
import { PeftSettings } from "./peft-settings.ts";

/** What a LoRA adds to one linear layer or convolution. */
export interface LoraModule extends ModuleName {
  /** [rank, in, …kernel] */
  readonly down: TensorRef;
  /** [out, rank] or [out, rank, 1, 1] */
  readonly up: TensorRef;
  /** [rank, rank, …kernel]: LoCon's core between both, whose down is [rank, in, 1, 1]. */
  readonly core: TensorRef | undefined;
  /** alpha / rank; 1 where the file has no alpha. */
  readonly scale: number;
  /** DoRA's lengths of the merged weight's rows (or columns, as LyCORIS may have them). */
  readonly magnitude: { readonly tensor: TensorRef; readonly of: "rows" | "columns" } | undefined;
}

export interface Lora {
  readonly file: string;
  readonly modules: readonly LoraModule[];
}

type Part = "down" | "up" | "core" | "alpha" | "magnitude" | "dora";
type Parts = Partial<Record<Part, TensorRef>>;

const suffixes: readonly (readonly [suffix: string, part: Part])[] = [
  [".lora_down.weight", "down"],
  [".lora_up.weight", "up"],
  [".lora_mid.weight", "core"],
  [".lora_A.weight", "down"],
  [".lora_B.weight", "up"],
  [".lora_A.default.weight", "down"],
  [".lora_B.default.weight", "up"],
  [".lora_linear_layer.down.weight", "down"],
  [".lora_linear_layer.up.weight", "up"],
  [".lora.down.weight", "down"],
  [".lora.up.weight", "up"],
  ["_lora.down.weight", "down"],
  ["_lora.up.weight", "up"],
  ["_lora.alpha", "alpha"],
  [".lora.alpha", "alpha"],
  [".lora_linear_layer.alpha", "alpha"],
  [".alpha", "alpha"],
  [".dora_scale", "dora"],
  [".lora_magnitude_vector", "magnitude"],
  [".lora_magnitude_vector.weight", "magnitude"],
  [".lora_magnitude_vector.default.weight", "magnitude"],
];

/** Other ways to change weights by few numbers, told by the names of their parts. */
const otherKinds: readonly (readonly [sign: RegExp, name: string])[] = [
  [/\.hada_/, "a LoHa"],
  [/\.lokr_/, "a LoKr"],
  [/\.(oft_blocks|oft_diag|oft_R)/, "an OFT"],
  [/\.(a1|a2|b1|b2|bm1|bm2)\.weight$/, "a GLoRA"],
  [/\.on_input$/, "an IA3"],
  [/\.(diff|diff_b)$/, "a set of whole differences"],
];

/**
 * Opens a LoRA for a model: whose module each of its tensors changes is told by name, in any of the usual ways to name them.
 * `stems` are those of the components, for whoever opens several.
 *
 * Throws OverpaintError `unsupported-model`, whose message says "LoRA", when the file is none, is of another kind (LoHa,
 * LoKr, OFT), or was made for another model; `damaged-model` when a module lacks one of its halves.
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
  const alphas = await readAlphas(files, matched);
  const modules: LoraModule[] = [];
  const wrong = new Set<string>();
  for (const [name, { module, parts }] of matched) {
    const weights = components.get(module.component)?.weights;
    const { down, up, core, dora, magnitude } = parts;
    if (!down || !up || !weights) throw incomplete(path, name);
    const rank = down.dims[0] ?? 0;
    if (!fits({ down, up, core }, weights.dims(`${module.name}.weight`) ?? [])) wrong.add(name);
    const alpha = alphas.get(name);
    modules.push({
      ...module,
      down,
      up,
      core,
      scale: alpha !== undefined ? alpha / rank : settings.scale(module, rank),
      magnitude: magnitude ? { tensor: magnitude, of: "rows" } : dora && lyCorisMagnitude(dora, up),
    });
  }
  if (wrong.size > 0) throw misfit(path, `${wrong.size} of its ${total} modules have other shapes`, wrong);
  return { file: path, modules };
}

function requireLora(path: string, stored: StoredTensors): void {
  const keys = [...stored.tensors.keys(), ...stored.unreadable.keys()];
  for (const [sign, name] of otherKinds)
    if (keys.some((key) => sign.test(key)))
      throw new OverpaintError(
        "unsupported-model",
        `${fileName(path)} is ${name}, a relative of LoRA that is not supported.`,
        "Choose a LoRA, LoCon or DoRA.",
      );
  const { kind, words } = recogniseFile(stored);
  if (kind !== "lora")
    throw new OverpaintError("unsupported-model", `${fileName(path)} holds no LoRA, but ${words}.`, "Choose a LoRA.");
}

interface Matched {
  readonly module: ModuleName;
  readonly parts: Parts;
}

function matchModules(stored: StoredTensors, stems: ReadonlyMap<string, ModuleName>) {
  const table = new TensorTable(stored.tensors, stored.unreadable);
  const matched = new Map<string, Matched>();
  const unmatched = new Set<string>();
  for (const key of table.names()) {
    const [suffix, part] = suffixes.find(([end]) => key.endsWith(end)) ?? [];
    const stem = suffix === undefined ? key : key.slice(0, -suffix.length);
    const module = stems.get(stem);
    const tensor = table.find(key);
    if (part === undefined || module === undefined || tensor === undefined) {
      unmatched.add(stem);
      continue;
    }
    matched.set(stem, { module, parts: { ...matched.get(stem)?.parts, [part]: tensor } });
  }
  return { matched, unmatched };
}

/** At once, and not one after the other: each is one number somewhere in the file. */
async function readAlphas(
  files: WeightFiles,
  matched: ReadonlyMap<string, Matched>,
): Promise<ReadonlyMap<string, number | undefined>> {
  const read = async ([name, { parts }]: readonly [string, Matched]) =>
    [name, parts.alpha && (await readValues(files, parts.alpha))[0]] as const;
  return new Map(await Promise.all([...matched].map(read)));
}

/** Whether the product of both halves has the shape of what it is added to. */
function fits({ down, up, core }: Pick<LoraModule, "down" | "up" | "core">, dims: readonly number[]): boolean {
  const [out, ...inside] = dims;
  const [rank, ...downInside] = down.dims;
  const kernel = core ? core.dims.slice(2) : [];
  return (
    up.dims[0] === out && up.dims[1] === (core?.dims[0] ?? rank) && size(inside) === size([...downInside, ...kernel])
  );
}

/** LyCORIS keeps the lengths of columns where its first dimension is 1. */
function lyCorisMagnitude(tensor: TensorRef, up: TensorRef): LoraModule["magnitude"] {
  return { tensor, of: tensor.dims[0] === up.dims[0] ? "rows" : "columns" };
}

function size(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}

function misfit(path: string, problem: string, modules: ReadonlySet<string>): OverpaintError {
  const [example] = modules;
  return new OverpaintError(
    "unsupported-model",
    `${fileName(path)} is a LoRA for another model: ${problem}, such as "${example}".`,
    "Choose a LoRA that was made for the model's own family: Stable Diffusion 1, 2 and XL each have theirs.",
  );
}

function incomplete(path: string, name: string): OverpaintError {
  return new OverpaintError(
    "damaged-model",
    `${fileName(path)} is a LoRA that has one half of "${name}" and lacks the other.`,
    "Download it again.",
  );
}
