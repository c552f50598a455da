import {
  controlNetFolder,
  IMAGE_ENCODER,
  IP_ADAPTER,
  OTHER_VAE,
} from "../../shared/diffusion/checkpoint/checkpoint-storage.ts";

/** Where a model lies on this machine: a folder, or one file in it. Only the command line and the catalog make places. */
export interface ModelPlace {
  readonly folder: string;
  /** Name of the file that is the whole model. Absent: the folder is. */
  readonly file?: string | undefined;
}

/** A model's place, and those of what it is opened with. */
export interface ModelPlaces extends ModelPlace {
  /** The autoencoder that takes the place of its own. */
  readonly vae?: ModelPlace | undefined;
  /** In the order of the request's controls. */
  readonly controlNets?: readonly ModelPlace[] | undefined;
  readonly ipAdapter?: IpAdapterPlace | undefined;
}

/** An IP-Adapter's file, and the folder of the image encoder that it reads. */
export interface IpAdapterPlace {
  readonly folder: string;
  readonly file: string;
  readonly encoder: string;
}

/** What a model is opened with, by the folder under which it sees it. */
export function placesBeside({ vae, controlNets = [], ipAdapter }: ModelPlaces): ReadonlyMap<string, ModelPlace> {
  const places = controlNets.map((place, k) => [controlNetFolder(k), place] as const);
  const ofAdapter = ipAdapter
    ? ([
        [IP_ADAPTER, { folder: ipAdapter.folder, file: ipAdapter.file }],
        [IMAGE_ENCODER, { folder: ipAdapter.encoder }],
      ] as const)
    : [];
  return new Map<string, ModelPlace>([...(vae ? [[OTHER_VAE, vae] as const] : []), ...places, ...ofAdapter]);
}
