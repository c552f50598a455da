import { connectHub } from "../../../companion-server/models/install/hub-connection.ts";
import { installModel } from "../../../companion-server/models/install/install-model.ts";
import { ModelStore } from "../../../companion-server/models/model-store.ts";
import { parseWish } from "../../../shared/hub/install-wish.ts";
import { inRepository } from "../../support/repository.ts";
import { type HubRepository, StandInHub, sha256 } from "../../support/stand-in-hub.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";

export const REPOSITORY = "someone/tiny-model";
export const ID = "tiny-model";
export const UNET = "unet/diffusion_pytorch_model.safetensors";
export const VAE = "vae/diffusion_pytorch_model.safetensors";

/** Installing reads no weights, so they may be anything, and large enough to be cut. */
export function noise(seed: number): Buffer {
  return Buffer.from(Float64Array.from({ length: 60_000 }, (_, index) => Math.sin(seed * index)).buffer);
}

/** A tiny model that a stand-in for the hub has, and a data folder to install it in. */
export class UpdatableModel implements AsyncDisposable {
  readonly hub: StandInHub;
  readonly repository: HubRepository;
  readonly data: TemporaryFolder;
  readonly store: ModelStore;

  private constructor(hub: StandInHub, repository: HubRepository, data: TemporaryFolder) {
    this.hub = hub;
    this.repository = repository;
    this.data = data;
    this.store = new ModelStore(data.path);
  }

  static async create(): Promise<UpdatableModel> {
    const hub = await StandInHub.start();
    const repository = await hub.addFolder(REPOSITORY, inRepository("tests/fixtures/checkpoints/base"));
    repository.files.set(UNET, noise(1));
    return new UpdatableModel(hub, repository, await temporaryFolder());
  }

  /** The publisher changes files. */
  readonly publish = (files: Readonly<Record<string, Buffer | string>>): void => {
    for (const [path, content] of Object.entries(files)) this.repository.files.set(path, Buffer.from(content));
    this.repository.commit = sha256(this.repository.commit).slice(0, 40);
  };

  readonly connect = () => connectHub({ HF_ENDPOINT: this.hub.endpoint });

  readonly watching = () => ({ hub: this.connect(), store: this.store, onProgress: () => {} });

  /** Answers its folder. What the hub was asked for that is forgotten. */
  readonly install = async (named = REPOSITORY): Promise<string> => {
    const folder = await installModel(parseWish(named, []), this.watching());
    this.hub.asked.length = 0;
    return folder;
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub[Symbol.asyncDispose]();
    await this.data.remove();
  }
}
