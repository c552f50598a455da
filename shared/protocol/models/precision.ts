import { z } from "zod";

/** What a model whose graphs are built can be computed in. */
export const precisions = ["fp32", "fp16", "int8", "int4"] as const;
export type Precision = (typeof precisions)[number];

/**
 * - `auto`: single precision on a processor, half precision on devices that were seen to compute it rightly.
 * - `fp32`, `fp16`: weights as they are stored, numbers in single or half precision.
 * - `int8`, `int4`: the weights of linear layers in so many bits, which loses some of them; on a processor, `int8` computes
 *   3×3 convolutions in whole numbers, too. Never chosen by `auto`.
 */
export const precisionSchema = z.enum(["auto", ...precisions]);
export type RequestedPrecision = z.output<typeof precisionSchema>;

/** What a precision costs and loses on the machine where it was measured. */
export const measuredPrecisionSchema = z.object({
  precision: z.enum(precisions),
  /** A picture took in the networks, on average. */
  seconds: z.number(),
  /** Peak signal-to-noise ratio against single precision, over all pictures; null where no pixel differs. */
  decibels: z.number().nullable(),
});
export type MeasuredPrecision = z.output<typeof measuredPrecisionSchema>;

/** A precision that a model may be asked for, with what it costs and loses where that was measured. */
export const offeredPrecisionSchema = measuredPrecisionSchema.partial({ seconds: true, decibels: true });
export type OfferedPrecision = z.output<typeof offeredPrecisionSchema>;
