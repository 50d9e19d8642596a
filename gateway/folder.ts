/** Makes a folder and those it lies in: nobody else on the machine is to read what is kept there. */
import { existsSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";

/**
 * One level after another: where a file system takes no new folders and says ENOENT, as /proc does, Node's own
 * `recursive` never ends. Throws the file system's error.
 */
export function makeFolder(folder: string): void {
  const path = resolve(folder);
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}
