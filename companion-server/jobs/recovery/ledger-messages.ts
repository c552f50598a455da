import type { SavedJob } from "../saved-job.ts";

/** What the companion asks a process of its own about a file of records, which it does not dare to open itself. */
export type LedgerQuestion =
  /** `known`: the latest version that this Overpaint knows. */
  | { readonly type: "check"; readonly file: string; readonly known: number }
  /** Every job that can be read, from the one with this number on. */
  | { readonly type: "salvage"; readonly file: string; readonly from: number };

export type LedgerAnswer =
  | { readonly type: "sound" }
  /** A later Overpaint wrote it. */
  | { readonly type: "later" }
  | { readonly type: "damaged"; readonly reason: string }
  | { readonly type: "job"; readonly job: SalvagedJob }
  | { readonly type: "end" };

/** A job with its place among the others. */
export interface SalvagedJob extends SavedJob {
  readonly number: number;
}
