/** How many messages came to which end, since the gateway started. */
import { RefusalReason } from "#protocol/commands.ts";
import { type ReadingChannel, readingSchemas, type SequencedChannel, sequencedChannels } from "#protocol/readings.ts";

export interface Counts {
  /** Safe in the journal, or handed on where nothing is kept. */
  readonly accepted: Record<ReadingChannel, number>;
  readonly duplicates: Record<SequencedChannel, number>;
  readonly refused: Record<RefusalReason, number>;
  /** The disk did not take them: neither stored nor acknowledged. */
  failed: number;
  /** On their way into the journal now. */
  pending: number;
}

const zeros = <K extends string>(keys: readonly K[]): Record<K, number> =>
  Object.fromEntries(keys.map((key) => [key, 0])) as Record<K, number>;

export const noCounts = (): Counts => ({
  accepted: zeros(Object.keys(readingSchemas) as ReadingChannel[]),
  duplicates: zeros(sequencedChannels),
  refused: zeros(RefusalReason.options),
  failed: 0,
  pending: 0,
});
