import { type Command, InvalidArgumentError } from "commander";
import { type ControlKind, controlKinds, controlParts, MAX_CONTROLS } from "../../../shared/protocol/control.ts";
import type { EditRequestInput } from "../../../shared/protocol/edit-request.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { InputFiles } from "../../engine/engine.ts";
import type { ModelCatalog } from "../../models/model-catalog.ts";
import type { InstalledControlNet } from "../../models/place-at.ts";
import { NamedModels } from "../named-models.ts";

/** One `--control`. */
export interface ControlOption {
  readonly kind: ControlKind;
  /** Absent: the source, or for an outline the mask. */
  readonly file: string | undefined;
  readonly strength: number | undefined;
  readonly start: number | undefined;
  readonly end: number | undefined;
}

export interface ControlOptions {
  readonly control?: readonly ControlOption[];
  /** The k-th is of the k-th control, the last one of those that are left. */
  readonly controlModel?: readonly string[];
}

const SHAPE = /^([a-z]+):(.*?)(?::(\d*\.?\d+)(?::(\d*\.?\d+)-(\d*\.?\d+))?)?$/;

/** Adds `--control` and `--control-model` to a command. */
export function withControlOptions(command: Command): Command {
  return command
    .option(
      "--control <kind:image[:strength[:start-end]]>",
      `hold the picture to another one by a ControlNet; kinds: ${controlKinds.join(", ")}; no image: the source, for an outline the mask; repeatable`,
      (text, earlier: readonly ControlOption[] = []) => [...earlier, parseControl(text, earlier.length)],
    )
    .option(
      "--control-model <id|path>",
      "the ControlNet of a control; repeatable in their order, the last one serves the rest; default: the only one installed",
      (text, earlier: readonly string[] = []) => [...earlier, text],
    );
}

function parseControl(text: string, before: number): ControlOption {
  const [, name, file, strength, start, end] = SHAPE.exec(text) ?? [];
  const kind = controlKinds.find((known) => known === name);
  if (kind === undefined)
    throw new InvalidArgumentError(`Write it like canny:photo.png:0.8:0-0.6, with ${controlKinds.join(", ")}.`);
  if (before >= MAX_CONTROLS) throw new InvalidArgumentError(`At most ${MAX_CONTROLS} are possible.`);
  const number = (value: string | undefined) => (value === undefined ? undefined : Number(value));
  return { kind, file: file || undefined, strength: number(strength), start: number(start), end: number(end) };
}

export interface FoundControls {
  readonly request: NonNullable<EditRequestInput["controls"]>;
  readonly files: InputFiles;
  readonly controlNets: readonly InstalledControlNet[];
}

/** Finds the ControlNets and pictures that a command line names. Throws OverpaintError `unknown-model`. */
export async function findControls(
  { control = [], controlModel = [] }: ControlOptions,
  catalog: ModelCatalog,
): Promise<FoundControls> {
  if (control.length === 0 && controlModel.length > 0)
    throw new OverpaintError("invalid-request", "--control-model needs --control.", "Add --control KIND:IMAGE.");
  const found: { request: FoundControls["request"][number]; controlNet: InstalledControlNet }[] = [];
  const files: Partial<Record<keyof InputFiles, string>> = {};
  for (const [k, { file, ...hold }] of control.entries()) {
    const named = controlModel[k] ?? controlModel.at(-1);
    const controlNet = named === undefined ? await onlyOne(catalog) : await new NamedModels(catalog).controlNet(named);
    found.push({ request: { ...hold, model: controlNet.id }, controlNet });
    const part = controlParts[k];
    if (part && file !== undefined) files[part] = file;
  }
  return {
    request: found.map(({ request }) => request),
    files,
    controlNets: found.map(({ controlNet }) => controlNet),
  };
}

async function onlyOne(catalog: ModelCatalog): Promise<InstalledControlNet> {
  const installed = await catalog.controlNets();
  const [only, ...others] = installed;
  if (only && others.length === 0) return only;
  throw new OverpaintError(
    "unknown-model",
    only ? `${installed.length} ControlNets are installed.` : "No ControlNet is installed.",
    `Name one with --control-model${only ? `: ${installed.map(({ id }) => id).join(", ")}` : ""}.`,
  );
}
