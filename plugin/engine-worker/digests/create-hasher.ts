import type { CreateHasher } from "../../../shared/hub/hub-fetch.ts";
import { Sha1 } from "./sha1.ts";
import { Sha256, toHex } from "./sha256.ts";

/** Digests of what arrives: `crypto.subtle` takes nothing piece by piece. */
export const createHasher: CreateHasher = (algorithm) => {
  const digest = algorithm === "sha1" ? new Sha1() : new Sha256();
  return { add: (bytes) => digest.add(bytes), finish: () => toHex(digest.finish()) };
};
