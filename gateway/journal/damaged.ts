/** The file says of itself that it is damaged, or its checksums do. */
export class Damaged extends Error {
  override readonly name = "Damaged";
}

/** SQLite's result codes for a damaged file: corrupt, not a database. */
const DAMAGE_CODES: ReadonlySet<number> = new Set([11, 26]);

export const isDamage = (error: unknown): boolean =>
  error instanceof Damaged || DAMAGE_CODES.has(Number((error as { errcode?: unknown } | null)?.errcode) & 0xff);
