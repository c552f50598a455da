import { createHash } from "node:crypto";
import type { EditRequest } from "../../shared/protocol/edit-request.ts";

/** Installed things by id, each with what tells its files from others of the same name. */
export type Offers = Readonly<Record<string, string>>;

/** Ids of everything installed that a request draws with. */
export function idsNeeded(request: EditRequest): readonly string[] {
  const { model, vae, textEncoders, loras, controls, referenceModel } = request;
  const beside = [vae, referenceModel, ...textEncoders, ...loras.map(({ id }) => id), ...controls.map((c) => c.model)];
  return [...new Set([model, ...beside.filter((id) => id !== null)])];
}

/**
 * What of several machines' offers a request is to be drawn with: of each id the files that most machines have which have all
 * of them, so that a job goes on with the same files elsewhere. Undefined where no machine has everything.
 */
export function chooseNeeds(ids: readonly string[], machines: readonly Offers[]): Offers | undefined {
  const counts = new Map<string, { readonly needs: Offers; count: number }>();
  for (const offers of machines) {
    if (!ids.every((id) => offers[id] !== undefined)) continue;
    const needs = Object.fromEntries([...ids].sort().map((id) => [id, offers[id]!])); // all of them are there
    const key = JSON.stringify(needs);
    counts.set(key, { needs, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  const [best] = [...counts].sort(([a, { count: x }], [b, { count: y }]) => y - x || (a < b ? -1 : 1));
  return best?.[1].needs;
}

/** Offers with the place where their machine's pictures are: who has another one cannot draw for it either. */
export function placed(offers: Offers, place: string): Offers {
  return { ...offers, [place]: "pictures" };
}

export function canDraw(needs: Offers, offers: Offers): boolean {
  return Object.entries(needs).every(([id, files]) => offers[id] === files);
}

const QUEUE_DIGITS = 12;

/** The name of the BullMQ queue in which jobs with these needs wait: the same on every machine. */
export function queueName(needs: Offers): string {
  const sorted = Object.entries(needs).sort(([a], [b]) => (a < b ? -1 : 1));
  return `draw-${createHash("sha256").update(JSON.stringify(sorted)).digest("hex").slice(0, QUEUE_DIGITS)}`;
}
