import { createHash } from "node:crypto";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { packFingerprint } from "./files/list-pack-files.ts";
import type { ModelPlaces } from "./model-place.ts";

/** Answers kept; beyond it all are worked out anew. */
const MOST = 4096;

/** Which models open with what, remembered for as long as the files of both stay as they are: opening all with all takes long. */
export class KnownFits {
  readonly #known = new Map<string, boolean>();

  /**
   * Whether a model opens with what lies beside it in `places`.
   *
   * @param opens asked where that is not known yet; rejects where it does not
   */
  async fits(places: ModelPlaces, opens: (places: ModelPlaces) => Promise<unknown>): Promise<boolean> {
    const asked = createHash("sha256").update(`${Object.keys(places).sort()}\n${await packFingerprint(places)}`);
    const key = asked.digest("hex");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const refusal = await opens(places).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    const fits = refusal === undefined;
    // What fails for another reason, such as a drive that is away for now, may fit the next time.
    if (!fits && !(refusal instanceof OverpaintError)) return false;
    if (this.#known.size >= MOST) this.#known.clear();
    this.#known.set(key, fits);
    return fits;
  }
}
