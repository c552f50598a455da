import { randomBytes } from "node:crypto";
import type { JobId } from "../../shared/protocol/api.ts";

/** 96 random bits: not to be guessed, and never twice. */
const ID_BYTES = 12;

export function newJobId(): JobId {
  return randomBytes(ID_BYTES).toString("hex") as JobId;
}
