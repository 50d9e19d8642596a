/** Loaded before a program of ours (`node --import`): what Node makes of our sources is kept, so that the next start takes
 * less time and about 40 MB less memory, since nothing needs to strip types then. Plain JavaScript, for the same reason. */
import { enableCompileCache } from "node:module";
import { join } from "node:path";

enableCompileCache(join(import.meta.dirname, "../node_modules/.cache/compiled"));
