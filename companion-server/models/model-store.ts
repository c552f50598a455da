import { join } from "node:path";
import { describeDigest, FileDigests } from "./digests/file-digests.ts";
import { type ModelRecord, ModelRecords, type RecordedFile } from "./model-records.ts";

/** The folders and files of the data folder that models are kept in. */
export class ModelStore {
  readonly dataFolder: string;
  /** What the owner installed, imported or put there. */
  readonly models: string;
  /** What is not whole yet. */
  readonly downloads: string;
  readonly records: ModelRecords;
  readonly digests: FileDigests;

  constructor(dataFolder: string) {
    this.dataFolder = dataFolder;
    this.models = join(dataFolder, "models");
    this.downloads = join(dataFolder, "downloads");
    this.records = new ModelRecords(dataFolder);
    this.digests = new FileDigests(hashCacheIn(dataFolder));
  }

  /**
   * Keeps what a model's files are, so that changes are noticed and nothing is hashed again.
   *
   * @param arriving where they lie until they take their place, which comes last: what is there is on record
   */
  async record(id: string, folder: string, record: Omit<ModelRecord, "version">, arriving = folder): Promise<void> {
    await this.records.keep(id, record);
    await this.recordFiles(id, folder, record.files, arriving);
  }

  async recordFiles(id: string, folder: string, files: readonly RecordedFile[], arriving = folder): Promise<void> {
    const digests = files.map(
      async ({ name, sha256 }) => [join(folder, name), await describeDigest(join(arriving, name), sha256, id)] as const,
    );
    await this.digests.remember(Object.fromEntries(await Promise.all(digests)));
  }
}

/** The file in which digests of model files are remembered between runs. */
export function hashCacheIn(dataFolder: string): string {
  return join(dataFolder, "model-hashes.json");
}
