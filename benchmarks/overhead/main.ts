import { measureArithmetic } from "./arithmetic.ts";
import { measureStarter } from "./starter.ts";

// What an edit costs besides its graphs: `node dist/benchmarks/overhead/main.js` in the repository's root, once built. On a
// machine that is busy with other things wall time says little.

console.log(await measureStarter());
console.log(`\n${await measureArithmetic()}`);
