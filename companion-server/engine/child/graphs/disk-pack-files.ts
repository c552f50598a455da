import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { ModelSession } from "../../../../shared/diffusion/model-session.ts";
import type { GraphDeclaration, PackFiles } from "../../../../shared/diffusion/pack-files.ts";
import type { Device } from "../../../../shared/protocol/api.ts";
import { OverpaintError } from "../../../../shared/protocol/overpaint-error.ts";
import { listGraphs } from "../../../models/files/list-graphs.ts";
import { readModelText } from "../../../models/files/open-model-files.ts";
import { readGraphFile } from "../../../models/files/read-graph-file.ts";
import type { ModelPlaces } from "../../../models/model-place.ts";
import type { Stopwatch } from "../../stopwatch.ts";
import { openOnnxSession } from "./onnx-session.ts";

/** A pack in a folder, its graphs running on one device. The time of loading is added to the stopwatch of the moment. */
export class DiskPackFiles implements PackFiles {
  readonly #places: ModelPlaces;
  readonly #folder: string;
  readonly #device: Device;
  readonly #stopwatch: () => Stopwatch;

  constructor(places: ModelPlaces, device: Device, stopwatch: () => Stopwatch) {
    this.#places = places;
    this.#folder = places.folder;
    this.#device = device;
    this.#stopwatch = stopwatch;
  }

  readText(path: string): Promise<string | undefined> {
    return readModelText(this.#places, path);
  }

  readDeclaration(path: string): Promise<GraphDeclaration> {
    return readGraphFile(join(this.#folder, path), path);
  }

  listGraphs(): Promise<readonly string[]> {
    return listGraphs(this.#folder);
  }

  async openSession(path: string): Promise<ModelSession> {
    const file = join(this.#folder, path);
    const isThere = await stat(file).then(
      (entry) => entry.isFile(),
      () => false,
    );
    if (!isThere)
      throw new OverpaintError(
        "damaged-model",
        `The model's file ${path} is missing.`,
        "Restore the file from where the model came from.",
      );
    return this.#stopwatch().measure("modelLoad", () => openOnnxSession(file, this.#device, path));
  }
}
