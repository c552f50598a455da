import { z } from "zod";
import type { GraphBuilder, Value } from "../graph/graph-builder.ts";

/** Names as in the configs of diffusers and transformers; "swish" is another name of SiLU. */
export const activationSchema = z.enum(["silu", "swish", "gelu", "quick_gelu", "relu"]);
export type Activation = z.output<typeof activationSchema>;

/** The activation that a config names, on every value. */
export function activate(g: GraphBuilder, x: Value, activation: Activation): Value {
  switch (activation) {
    case "silu":
    case "swish":
      return silu(g, x);
    case "gelu":
      return gelu(g, x);
    case "quick_gelu":
      return quickGelu(g, x, 1.702);
    case "relu":
      return g.op("Relu", [x]);
  }
}

/** SiLU(x) = x · σ(x). Elfwing, Uchibe and Doya, 2017 (arXiv:1702.03118). */
export function silu(g: GraphBuilder, x: Value): Value {
  return quickGelu(g, x, 1);
}

/** GELU(x) = x · Φ(x) = x · (1 + erf(x / √2)) / 2. Hendrycks and Gimpel, 2016 (arXiv:1606.08415). */
export function gelu(g: GraphBuilder, x: Value): Value {
  return g.profile.operators === "contrib" ? g.contrib("Gelu", [x]) : g.op("Gelu", [x]);
}

/** x · σ(α·x): with α = 1.702 the approximation of GELU that CLIP was trained with, with α = 1 SiLU. */
function quickGelu(g: GraphBuilder, x: Value, alpha: number): Value {
  if (g.profile.operators === "contrib") return g.contrib("QuickGelu", [x], { alpha: { float: alpha } });
  const scaled = alpha === 1 ? x : g.multiply(x, g.number(alpha));
  return g.multiply(x, g.op("Sigmoid", [scaled]));
}
