import Database from "libsql";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { migrate } from "./ledger-schema.ts";
import { storageError } from "./storage-error.ts";

/**
 * The file of a ledger, with this version's tables. What is written is on the disk when the method returns, within a transaction when
 * that does; without room for it methods throw `disk-full`.
 */
export class LedgerFile {
  readonly database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  #isOpen = true;

  /** `:memory:` keeps nothing. Throws for a file that is no ledger, is damaged, or is of a later version (`LaterVersion`). */
  constructor(file: string) {
    this.database = openDatabase(file);
  }

  get inTransaction(): boolean {
    // The binding ends the process when it is asked this of a closed file.
    return this.#isOpen && this.database.inTransaction;
  }

  /** Within another one it is a part of it, which may fail without it. */
  transaction<Result>(work: () => Result): Result {
    return this.inTransaction ? this.#part(work) : this.#whole(work);
  }

  #part<Result>(work: () => Result): Result {
    this.run("SAVEPOINT part");
    try {
      const result = work();
      this.run("RELEASE part");
      return result;
    } catch (error) {
      // A statement that found no room may have ended everything.
      if (this.inTransaction) this.database.exec("ROLLBACK TO part; RELEASE part");
      throw error;
    }
  }

  #whole<Result>(work: () => Result): Result {
    this.run("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.run("COMMIT");
      return result;
    } catch (error) {
      // A statement that found no room may have ended the transaction itself.
      if (this.inTransaction) this.database.exec("ROLLBACK");
      throw error;
    }
  }

  run(sql: string, ...values: readonly (string | number | null)[]): void {
    try {
      this.#prepare(sql).run(...values);
    } catch (error) {
      throw storageError(error);
    }
  }

  get(sql: string, ...values: readonly (string | number | null)[]): unknown {
    return this.#prepare(sql).get(...values);
  }

  all(sql: string, ...values: readonly (string | number | null)[]): readonly unknown[] {
    return this.#prepare(sql).all(...values);
  }

  close(): void {
    this.#statements.clear();
    try {
      // The binding closes a file once its statements are collected; its lock is to go now.
      this.database.exec("PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT count(*) FROM jobs");
    } catch {
      // A full disk: the next start reads what stays beside the file.
    }
    this.#isOpen = false;
    this.database.close();
  }

  #prepare(sql: string): Database.Statement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

function openDatabase(file: string): Database.Database {
  const database = new Database(file);
  try {
    // Exclusively, because memory shared between processes is a file more, and a full disk has no room for it.
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    useWriteAheadLog(database);
    migrate(database);
    database.prepare("SELECT count(*) FROM events").get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** One sync a transaction instead of three. Where a full disk has no room for the change, reading goes on without it. */
function useWriteAheadLog(database: Database.Database): void {
  try {
    database.exec("PRAGMA journal_mode = WAL");
  } catch (error) {
    if (!(storageError(error) instanceof OverpaintError)) throw error;
  }
}
