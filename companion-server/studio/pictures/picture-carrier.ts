import { z } from "zod";
import type { JobId } from "../../../shared/protocol/api.ts";
import { type EditPart, editPartNames } from "../../../shared/protocol/edit-request.ts";
import { MAX_UPLOAD_BYTES, MAX_VARIANTS } from "../../../shared/protocol/limits.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { formatBytes } from "../../../shared/protocol/text/format-bytes.ts";

/** A picture on its way between machines. */
export const sentPictureSchema = z.object({
  /** See `pictureNames`. */
  name: z.string().regex(/^[a-z0-9]{12,40}:[a-z0-9-]{1,40}$/),
  bytes: z.int().nonnegative().max(MAX_UPLOAD_BYTES),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type SentPicture = z.output<typeof sentPictureSchema>;

/** Carries pictures between machines that share no disk. */
export interface PictureCarrier {
  /** Where they are meanwhile, without secrets: the same for all who can fetch each other's. */
  readonly place: string;
  /** Throws `upload-too-large`. `life`: how long it is kept for whoever fetches it, in milliseconds; `LONGEST_LIFE_MS` at most. */
  send(name: string, file: string, life: number): Promise<SentPicture>;
  /** Writes it, whole and synced, to `file`. Answers false when it is not there any more. */
  fetch(picture: SentPicture, file: string): Promise<boolean>;
  /** Those that are there. */
  remove(names: readonly string[]): Promise<void>;
  /** What is being carried is given up. */
  close(): void;
}

/** A result waits so long for a companion that is away. */
export const LONGEST_LIFE_MS = 7 * 24 * 60 * 60_000;

/** What the pictures of a job are called on their way. */
export const pictureNames = {
  part: (id: JobId, part: EditPart) => `${id}:${part}`,
  result: (id: JobId, variant: number) => `${id}:result-${variant}`,
  erase: (id: JobId, variant: number) => `${id}:erase-${variant}`,
  /** Every name that a picture of the job can have. */
  all(id: JobId): readonly string[] {
    const variants = Array.from({ length: MAX_VARIANTS }, (_, variant) => variant);
    return [
      ...editPartNames.map((part) => pictureNames.part(id, part)),
      ...variants.flatMap((variant) => [pictureNames.result(id, variant), pictureNames.erase(id, variant)]),
    ];
  },
} as const;

/** Throws `upload-too-large` for what no carrier takes. */
export function requireCarriable(bytes: number): void {
  if (bytes <= MAX_UPLOAD_BYTES) return;
  throw new OverpaintError(
    "upload-too-large",
    `A picture of ${formatBytes(bytes)} is larger than the ${formatBytes(MAX_UPLOAD_BYTES)} that travel between machines.`,
    "Use a smaller picture.",
  );
}

const GONE = new Error("the picture is not there any more");

/** Passes on the bytes of a picture as they come. Ends with an error for which `isGone` holds where they are not those that were sent. */
export async function* verified(
  { bytes, sha256 }: SentPicture,
  pieces: AsyncIterable<Uint8Array>,
  hash: { update(bytes: Uint8Array): unknown; digest(encoding: "hex"): string },
): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const piece of pieces) {
    left -= piece.length;
    if (left < 0) throw GONE;
    hash.update(piece);
    yield piece;
  }
  if (left > 0 || hash.digest("hex") !== sha256) throw GONE;
}

export function isGone(error: unknown): boolean {
  return error === GONE;
}
