import { mkdirSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";

/**
 * Says that one process and no other keeps records in a data folder. Node has no file locks of its own, so an open
 * transaction of an empty database is the lock: the system lets go of it however the process ends.
 */
export class FolderLock {
  readonly #database: Database.Database;

  private constructor(database: Database.Database) {
    this.#database = database;
  }

  /** Undefined when another process holds it. */
  static take(folder: string): FolderLock | undefined {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const database = new Database(join(folder, "lock.db"));
    try {
      database.exec("BEGIN EXCLUSIVE");
      return new FolderLock(database);
    } catch (error) {
      database.close();
      if (error instanceof Error && "code" in error && error.code === "SQLITE_BUSY") return undefined;
      throw error;
    }
  }

  release(): void {
    this.#database.exec("COMMIT");
    this.#database.close();
  }
}
