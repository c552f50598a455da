/** Where a model lies on this machine: a folder, or one file in it. Only the command line and the catalog make places. */
export interface ModelPlace {
  readonly folder: string;
  /** Name of the file that is the whole model. Absent: the folder is. */
  readonly file?: string | undefined;
}

/** A model's place, and that of the autoencoder that takes the place of its own. */
export interface ModelPlaces extends ModelPlace {
  readonly vae?: ModelPlace | undefined;
}
