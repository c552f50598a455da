// Takes the lock of the folder named on the command line, says "held", and keeps it until it is ended.
import Database from "libsql";

const database = new Database(`${process.argv[2]}/lock.db`);
database.exec("BEGIN EXCLUSIVE");
process.send("held");
process.on("disconnect", () => process.exit());
