import type { Device } from "../../shared/protocol/api.ts";

export interface ProbeQuestion {
  readonly device: Device;
}

export type ProbeAnswer =
  /** How long one run of the probe graph took. */
  { readonly works: true; readonly milliseconds: number } | { readonly works: false; readonly reason: string };
