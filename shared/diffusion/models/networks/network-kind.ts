import type { ModelFacts, ModelKind } from "../../../protocol/models/model-facts.ts";
import type { ModelPack } from "../../model-pack.ts";
import type { ValueInfo } from "../../model-session.ts";
import type { GraphPaths } from "../../pack/component.ts";
import { fixedDimension } from "../../pack/graph-declaration.ts";
import type { Recommendation } from "../../pack/recommendation.ts";
import type { GraphDeclaration } from "../../pack-files.ts";

/** A graph of a pack and what it declares. */
export interface NetworkGraph extends GraphDeclaration {
  /** Relative to the pack's folder. */
  readonly path: string;
}

/** Networks that are told by what their graphs take and give. */
export interface NetworkKind<SomeModel> {
  readonly kind: ModelKind;
  /** What its graphs take and give, for people. */
  readonly signature: string;
  /** Which graph is which, or undefined for graphs of another kind. */
  recognise(graphs: readonly NetworkGraph[]): GraphPaths | undefined;
  /** Throws OverpaintError `unsupported-model` where the graphs lack what the pack has to say of them. */
  open(pack: ModelPack, recommended: Recommendation): Promise<SomeModel>;
}

/** Planes of one channel or three, [batch, channels, height, width]; exporters may leave open how many. */
export function isPlanes(value: ValueInfo, channels: 1 | 3): boolean {
  return value.shape.length === 4 && (fixedDimension(value, 1) ?? channels) === channels;
}

/** Height and width that a graph is fixed to. */
export function fixedSizeOf(value: ValueInfo): ModelFacts["fixedSize"] {
  const height = fixedDimension(value, 2);
  const width = fixedDimension(value, 3);
  return height === undefined || width === undefined ? undefined : { width, height };
}

/** The facts of all networks that draw nothing of their own: nothing is guided, inverted or told in words. */
export const networkFacts = {
  sizeMultiple: 1,
  cell: 1,
  seesMask: false,
  readsPrompt: false,
  isGuidable: false,
  canInvert: false,
} as const;
