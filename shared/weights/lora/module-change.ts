import type { Factor, LineFactors } from "../../protocol/layer-change.ts";
import type { TensorRef } from "../../protocol/tensor-ref.ts";
import type { ModuleParts } from "./module-parts.ts";

/** What a module of a file changes of a weight W [out, in, …kernel], at strength 1; names and layouts as LyCORIS has them. */
export type ModuleChange = LowRank | Addition | Rotation | Scaling;

/** LoRA and LoCon: W + scale · up · core · down. */
export interface LowRank {
  readonly type: "low-rank";
  /** [rank, in, …kernel] */
  readonly down: TensorRef;
  /** [out, rank] or [out, rank, 1, 1] */
  readonly up: TensorRef;
  /** [rank, rank, …kernel]: LoCon's core between both, whose down is [rank, in, 1, 1]. */
  readonly core: TensorRef | undefined;
  /** alpha / rank; 1 where the file has no alpha. */
  readonly scale: number;
  /** DoRA's lengths of the merged weight's rows (or columns, as LyCORIS may have them). */
  readonly magnitude: LineFactors | undefined;
}

/** LoHa and LoKr: W + scale · the product of two factors. */
export interface Addition {
  readonly type: "addition";
  readonly product: "elementwise" | "kronecker";
  readonly factors: readonly [Factor, Factor];
  readonly scale: number;
  readonly magnitude: LineFactors | undefined;
}

/** OFT: blocks of outputs are turned. */
export interface Rotation {
  readonly type: "rotation";
  /** [blocks, size, size]: the turn R itself, or what Cayley's formula makes one of. */
  readonly blocks: TensorRef;
  readonly isTurn: boolean;
  /** The greatest norm of all blocks together, as a part of the outputs' number; 0 for none. */
  readonly constraint: number;
  /** A factor for each output. */
  readonly rescale: TensorRef | undefined;
}

/** (IA)³: rows or columns times 1 + a number. */
export interface Scaling {
  readonly type: "scaling";
  readonly by: LineFactors;
}

/** What numbers of a module say that are stored beside its matrices. */
export interface ModuleNumbers {
  readonly alpha: number | undefined;
  /** (IA)³ scales what goes into the layer, not what comes out. */
  readonly isOnInput: boolean;
  /** alpha / rank where the file has no alpha. */
  usualScale(rank: number): number;
}

/** What a module does, from its tensors. Undefined where one is missing. */
export function moduleChange(parts: ModuleParts, numbers: ModuleNumbers): ModuleChange | undefined {
  if (parts.hada_w1_b) return loha(parts, numbers);
  if (parts.lokr_w1 || parts.lokr_w1_b) return lokr(parts, numbers);
  const blocks = parts.oft_blocks ?? parts.oft_diag;
  if (blocks) {
    const isTurn = parts.oft_blocks === undefined;
    return { type: "rotation", blocks, isTurn, constraint: isTurn ? 0 : (numbers.alpha ?? 0), rescale: parts.rescale };
  }
  if (parts.ia3 && parts.on_input)
    return { type: "scaling", by: { tensor: parts.ia3, of: numbers.isOnInput ? "columns" : "rows" } };
  return lora(parts, numbers);
}

function lora({ down, up, core, magnitude, dora }: ModuleParts, numbers: ModuleNumbers): LowRank | undefined {
  if (!down || !up) return undefined;
  const ofRows = magnitude && ({ tensor: magnitude, of: "rows" } as const);
  return {
    ...{ type: "low-rank", down, up, core },
    scale: scaleOf(numbers, down.dims[0] ?? 0),
    magnitude: ofRows ?? lyCorisMagnitude(dora),
  };
}

function loha(parts: ModuleParts, numbers: ModuleNumbers): Addition | undefined {
  const first = productOf(parts.hada_w1_a, parts.hada_w1_b, parts.hada_t1);
  const second = productOf(parts.hada_w2_a, parts.hada_w2_b, parts.hada_t2);
  if (!first || !second) return undefined;
  const scale = scaleOf(numbers, parts.hada_w1_b?.dims[0] ?? 0);
  return {
    type: "addition",
    product: "elementwise",
    factors: [first, second],
    scale,
    magnitude: lyCorisMagnitude(parts.dora),
  };
}

function lokr(parts: ModuleParts, numbers: ModuleNumbers): Addition | undefined {
  const first = wholeOf(parts.lokr_w1) ?? productOf(parts.lokr_w1_a, parts.lokr_w1_b);
  const second = wholeOf(parts.lokr_w2) ?? productOf(parts.lokr_w2_a, parts.lokr_w2_b, parts.lokr_t2);
  if (!first || !second) return undefined;
  const [rank] = (parts.lokr_w2_b ?? parts.lokr_w1_b)?.dims ?? [];
  // Without a rank, alpha stands for nothing.
  const scale = rank === undefined ? 1 : scaleOf(numbers, rank);
  return {
    type: "addition",
    product: "kronecker",
    factors: [first, second],
    scale,
    magnitude: lyCorisMagnitude(parts.dora),
  };
}

function wholeOf(tensor: TensorRef | undefined): Factor | undefined {
  return tensor && { type: "whole", tensor };
}

/** With Tucker's core, the outer matrix is stored [rank, out]. */
function productOf(outer?: TensorRef, inner?: TensorRef, core?: TensorRef): Factor | undefined {
  return outer && inner && { type: "product", outer: core ? { ...outer, isTransposed: true } : outer, inner, core };
}

function scaleOf({ alpha, usualScale }: ModuleNumbers, rank: number): number {
  return alpha === undefined ? usualScale(rank) : alpha / rank;
}

/** LyCORIS keeps the lengths of columns where its first dimension is 1. */
function lyCorisMagnitude(tensor: TensorRef | undefined): LineFactors | undefined {
  return tensor && { tensor, of: tensor.dims[0] === 1 ? "columns" : "rows" };
}

/** Whether a change has the shape of what it changes. */
export function fitsWeight(change: ModuleChange, dims: readonly number[]): boolean {
  const [out = 0, ...inside] = dims;
  const kernel = kernelOf(dims);
  const magnitude = "magnitude" in change ? change.magnitude : undefined;
  if (magnitude && size(magnitude.tensor.dims) !== (magnitude.of === "rows" ? out : inside[0])) return false;
  switch (change.type) {
    case "low-rank": {
      const { down, up, core } = change;
      const hasRank = down.dims[0] !== 0 && kernelOf(up.dims) === 1 && kernelOf((core ?? down).dims) === kernel;
      return (
        hasRank &&
        isSame(shapeOf({ type: "product", outer: up, inner: down, core }), { rows: out, columns: size(inside) })
      );
    }
    case "addition": {
      const [first, second] = change.factors.map(shapeOf);
      if (!first || !second) return false;
      if (change.product === "elementwise")
        return [first, second].every((shape) => isSame(shape, { rows: out, columns: size(inside) }));
      const [small] = change.factors;
      const isSplit = (small.type === "product" || kernelOf(small.tensor.dims) === 1) && second.columns % kernel === 0;
      return isSplit && first.rows * second.rows === out && first.columns * second.columns === size(inside);
    }
    case "rotation": {
      const [count = 0, rows = 0, columns] = change.blocks.dims;
      return (
        count * rows === out && rows === columns && (change.rescale === undefined || size(change.rescale.dims) === out)
      );
    }
    case "scaling":
      return size(change.by.tensor.dims) === (change.by.of === "rows" ? out : inside[0]);
    default:
      return change satisfies never;
  }
}

interface Shape {
  readonly rows: number;
  /** All dimensions but the first. */
  readonly columns: number;
}

/** Of what a factor makes; undefined where its parts do not fit each other. */
function shapeOf(factor: Factor): Shape | undefined {
  if (factor.type === "whole") return { rows: factor.tensor.dims[0] ?? 0, columns: size(factor.tensor.dims.slice(1)) };
  const { outer, inner, core } = factor;
  const [rows = 0, rank] = outer.isTransposed ? [outer.dims[1], outer.dims[0]] : outer.dims;
  const [innerRank, ...columns] = inner.dims;
  const [from = rank, to = innerRank, ...kernel] = core?.dims ?? [];
  const isJoined = from === rank && to === innerRank && (core !== undefined || rank === innerRank);
  return isJoined ? { rows, columns: size(columns) * size(kernel) } : undefined;
}

function isSame(a: Shape | undefined, b: Shape): boolean {
  return a?.rows === b.rows && a.columns === b.columns;
}

/** Cells of a kernel: 1 for a matrix. */
function kernelOf([, , ...kernel]: readonly number[]): number {
  return size(kernel);
}

function size(dims: readonly number[]): number {
  return dims.reduce((product, dim) => product * dim, 1);
}
