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

/** A model's place, that of the autoencoder that takes the place of its own, and those of what changes it. */
export interface ModelPlaces extends ModelPlace {
  readonly vae?: ModelPlace | undefined;
  readonly loras?: readonly LoraPlace[] | undefined;
}
