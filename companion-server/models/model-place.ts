import {
  controlNetFolder,
  IMAGE_ENCODER,
  IP_ADAPTER,
  loraFolder,
  OTHER_VAE,
  textEncoderFolder,
} from "../../shared/diffusion/checkpoint/checkpoint-storage.ts";

/** Where a model lies on this machine: a folder, or one file in it. Only the command line and the catalog make places. */
export interface ModelPlace {
  readonly folder: string;
  /** Name of the file that is the whole model. Absent: the folder is. */
  readonly file?: string | undefined;
}

/** Where a LoRA lies, and how much of it is wanted. */
export interface LoraPlace {
  readonly folder: string;
  readonly file: string;
  readonly strength: number;
}

/** A model's place, and those of what it is opened with. */
export interface ModelPlaces extends ModelPlace {
  /** The autoencoder that takes the place of its own. */
  readonly vae?: ModelPlace | undefined;
  /** Text encoders that take the places of its own. */
  readonly textEncoders?: readonly ModelPlace[] | undefined;
  /** In the order in which they are applied. */
  readonly loras?: readonly LoraPlace[] | undefined;
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
export function placesBeside(places: ModelPlaces): ReadonlyMap<string, ModelPlace> {
  const { vae, textEncoders = [], loras = [], controlNets = [], ipAdapter } = places;
  const beside = new Map<string, ModelPlace>();
  if (vae) beside.set(OTHER_VAE, vae);
  for (const [k, encoder] of textEncoders.entries()) beside.set(textEncoderFolder(k), encoder);
  for (const [k, lora] of loras.entries()) beside.set(loraFolder(k), lora);
  for (const [k, controlNet] of controlNets.entries()) beside.set(controlNetFolder(k), controlNet);
  if (ipAdapter) {
    beside.set(IP_ADAPTER, ipAdapter);
    beside.set(IMAGE_ENCODER, { folder: ipAdapter.encoder });
  }
  return beside;
}
