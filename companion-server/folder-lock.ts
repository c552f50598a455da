import { existsSync, mkdirSync, renameSync, rmSync, truncateSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type Database from "libsql";

/** Loaded when a lock is taken: on systems that it has no binary for, everything else of the program still runs. */
function openDatabase(file: string): Database.Database {
  const Libsql = createRequire(import.meta.url)("libsql") as typeof Database;
  return new Libsql(file);
}

/**
 * Says that one process and no other keeps records in a data folder. Node has no file locks of its own, so an open
 * transaction of an empty database is the lock: the system lets go of it however the process ends.
 */
export class FolderLock {
  readonly #database: Database.Database | undefined;

  private constructor(database: Database.Database | undefined) {
    this.#database = database;
  }

  /**
   * Undefined when another process holds it. A file that is damaged is emptied: nothing is in it, and nobody can hold it. Where a full
   * disk has no room for a new one, nobody is kept out: there is none for jobs either.
   */
  static take(folder: string): FolderLock | undefined {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, "lock.db");
    try {
      return FolderLock.#hold(file);
    } catch (error) {
      if (isFull(error)) return new FolderLock(undefined);
      mend(file);
      return FolderLock.#hold(file);
    }
  }

  static #hold(file: string): FolderLock | undefined {
    const database = openDatabase(file);
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
    this.#database?.exec("ROLLBACK"); // which a full disk has room for
    this.#database?.close();
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "SQLITE_FULL";
}

/** Emptied, not replaced: two processes that mend it at once must end up with the same file. */
function mend(file: string): void {
  for (const ending of ["-journal", "-wal", "-shm"]) rmSync(file + ending, { force: true });
  try {
    truncateSync(file);
  } catch {
    if (existsSync(file)) renameSync(file, `${file}.set-aside`); // a folder, or somebody else's
  }
}
