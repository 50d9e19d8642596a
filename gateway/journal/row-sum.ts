/**
 * Checksums of rows: SQLite keeps none of what lies in its file, so that a byte flipped at rest would be read as it
 * stands. Every table has a column `sum`; a row whose sum does not fit is never told to anybody as true.
 */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { crc32 } from "node:zlib";

/** CRC-32 over the table's name and its values as text; blobs follow as they are. */
export function rowSum(table: string, values: readonly SQLInputValue[]): number {
  let text = table;
  for (const value of values) if (!(value instanceof Uint8Array)) text += value === null ? "\x01" : `\0${value}`;
  let sum = crc32(text);
  for (const value of values) if (value instanceof Uint8Array) sum = crc32(value, sum);
  return sum;
}

/**
 * Gives SQL on this connection `row_sum(table, …values)` and `sound(sum, table, …values)`, which is 1 when the sum fits;
 * otherwise `onUnsound` hears of the row.
 */
export function registerSums(db: DatabaseSync, onUnsound: (table: string, key: string) => void): void {
  const options = { varargs: true, deterministic: true, useBigIntArguments: true };
  db.function("row_sum", options, (table, ...values) => rowSum(String(table), values));
  db.function("sound", options, (sum, table, ...values) => {
    if (Number(sum) === rowSum(String(table), values)) return 1;
    onUnsound(String(table), String(values[0]));
    return 0;
  });
}
