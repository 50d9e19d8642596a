/** Passwords: what is taken for one, and how it is kept (argon2id, RFC 9106, as a PHC string with its parameters). */
import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { isCommon } from "./common-passwords.ts";
import { AccessError } from "./refusal.ts";

export interface HashCost {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** OWASP Password Storage Cheat Sheet, "Argon2id": m = 19456 KiB (19 MiB), t = 2, p = 1. */
export const COST: HashCost = { memory: 19_456, passes: 2, parallelism: 1 };

/** RFC 9106 §3.1: 128 bit of salt are enough; §4: a tag of 256 bit. */
const SALT_BYTES = 16;
const TAG_BYTES = 32;

/** NIST SP 800-63B §3.1.1.2 asks for a minimum length, at least 64 taken, no rules of composition, and a blocklist. */
const SHORTEST = 12;
const LONGEST = 128;

const derive = promisify(argon2) as (algorithm: "argon2id", parameters: Argon2Parameters) => Promise<Buffer>;

/** Two ways to write one letter are one password (SP 800-63B §3.1.1.2: NFKC). */
const normal = (password: string): string => password.normalize("NFKC");

/** Throws AccessError where the text is no password for somebody of this login name. */
export function assertPassword(password: string, name: string): void {
  const text = normal(password);
  const length = [...text].length;
  if (length < SHORTEST) throw new AccessError("password-short", `a password has at least ${SHORTEST} characters`);
  if (length > LONGEST) throw new AccessError("password-long", `a password has at most ${LONGEST} characters`);
  if (isOf(text.toLowerCase(), name.toLowerCase()))
    throw new AccessError("password-name", "a password is not made of the login name");
  if (isCommon(text)) throw new AccessError("password-common", "this password is too easy to guess");
}

/** The name again and again, or the name with a few characters more. */
function isOf(text: string, name: string): boolean {
  const rest = text.replaceAll(name, "");
  return rest.length < text.length && [...rest].length < 6;
}

/** As a PHC string. Off the main thread, tens of milliseconds. */
export async function hashPassword(password: string, cost: HashCost = COST): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  return phc(cost, salt, await tagOf(password, salt, cost, TAG_BYTES));
}

export async function isPassword(password: string, stored: string): Promise<boolean> {
  const { cost, salt, tag } = parsePhc(stored);
  return timingSafeEqual(await tagOf(password, salt, cost, tag.length), tag);
}

/** Whether it was made with less than is asked for today; it is made anew when its owner next brings the password. */
export function isOutdated(stored: string, cost: HashCost = COST): boolean {
  const was = parsePhc(stored).cost;
  return was.memory < cost.memory || was.passes < cost.passes || was.parallelism !== cost.parallelism;
}

/** No password's: what is checked for somebody who has none, or is not there, so that it takes as long. */
export const NOBODYS: string = phc(COST, randomBytes(SALT_BYTES), randomBytes(TAG_BYTES));

const tagOf = (password: string, nonce: Buffer, { memory, passes, parallelism }: HashCost, tagLength: number) =>
  derive("argon2id", { message: normal(password), nonce, memory, passes, parallelism, tagLength });

function phc({ memory, passes, parallelism }: HashCost, salt: Buffer, tag: Buffer): string {
  const text = (bytes: Buffer) => bytes.toString("base64").replaceAll("=", "");
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${text(salt)}$${text(tag)}`;
}

function parsePhc(text: string) {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(text);
  if (!match) throw new Error("a password's hash is not readable");
  const [memory, passes, parallelism] = match.slice(1, 4).map(Number) as [number, number, number];
  const cost: HashCost = { memory, passes, parallelism };
  return { cost, salt: Buffer.from(match[4]!, "base64"), tag: Buffer.from(match[5]!, "base64") };
}
