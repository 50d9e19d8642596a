/** `npm run verify-audit`: whether an exported audit log is whole. Needs the file alone: no gateway, no database, no network. */
import { isUtf8 } from "node:buffer";
import { createReadStream, readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { publicKeysIn } from "./checkpoint.ts";
import { readCheckpoints } from "./line.ts";
import { verdictText } from "./verdict-text.ts";
import { type Verdict, verifier } from "./verify.ts";

const NOT_SOUND = 1;
const USAGE = 2;
/** No entry is longer, bytes. */
const LONGEST_LINE = 1024 * 1024;

interface Options {
  readonly checkpoints?: string;
  readonly publicKey?: string;
  readonly json?: true;
}

const command = new Command("npm run verify-audit --")
  .description("Whether an exported audit log is whole: nothing changed, left out, put in, moved or cut off.")
  .argument("<file>", "the log, one entry a line, as /api/v1/audit/export gives it")
  .option("--checkpoints <file>", "checkpoints that were kept, one a line, or an answer of /api/v1/audit/head")
  .option(
    "--public-key <file>",
    "checkpoints must be signed by a key in this file (PEM, or an answer of /api/v1/audit/head)",
  )
  .option("--json", "the verdict as JSON")
  .addHelpText(
    "after",
    `
Exit code: 0 sound, 1 not sound, 2 wrong usage or a file that cannot be read.
Without checkpoints a log that ends too early, or was written anew as a whole, looks like a sound one.

Examples:
  npm run -s verify-audit -- audit.jsonl
  npm run -s verify-audit -- audit.jsonl --checkpoints kept.jsonl --public-key gateway.pem`,
  )
  .exitOverride();

class UsageError extends Error {}

try {
  command.parse();
  const [file] = command.args;
  const verdict = await verify(file!, command.opts<Options>());
  const { json } = command.opts<Options>();
  process.stdout.write(json ? `${JSON.stringify({ file, ...verdict }, null, 2)}\n` : verdictText(file!, verdict));
  if (!verdict.sound) process.exitCode = NOT_SOUND;
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : USAGE;
  else if (error instanceof UsageError) {
    process.stderr.write(`verify-audit: ${error.message}\n`);
    process.exitCode = USAGE;
  } else throw error;
}

async function verify(file: string, options: Options): Promise<Verdict> {
  const checkpoints = options.checkpoints === undefined ? [] : checkpointsIn(options.checkpoints);
  const keys = options.publicKey === undefined ? [] : publicKeysIn(textOf(options.publicKey));
  if (options.publicKey !== undefined && keys.length === 0)
    throw new UsageError(`${options.publicKey}: holds no Ed25519 public key`);
  const verifying = verifier(checkpoints, keys);
  try {
    for await (const line of linesOf(file)) verifying.line(line);
  } catch (error) {
    throw unreadable(file, error);
  }
  return verifying.finish();
}

/** Lines end at \n or \r\n alone: other line separators of Unicode may stand in an entry. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest: Uint8Array = new Uint8Array();
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    const bytes = Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf("\n"); end >= 0; end = bytes.indexOf("\n", from)) {
      yield decoded(bytes.subarray(from, end));
      from = end + 1;
    }
    rest = bytes.subarray(from);
    if (rest.length > LONGEST_LINE) break;
  }
  if (rest.length > 0) yield decoded(rest);
}

/** Bytes that are no UTF-8 are no entry. */
function decoded(line: Uint8Array): string {
  return isUtf8(line) ? Buffer.from(line).toString().replace(/\r$/, "") : "";
}

function checkpointsIn(file: string) {
  const text = textOf(file);
  try {
    return readCheckpoints(text);
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`, { cause: error });
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** The file system's errors are the caller's; others are ours. */
function unreadable(file: string, error: unknown): unknown {
  if (!(error instanceof Error && "code" in error)) return error;
  return new UsageError(`${file}: cannot be read: ${error.message}`, { cause: error });
}
