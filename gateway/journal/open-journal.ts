/** Opens the journal: a worker thread with an SQLite file, and in front of it the batches that fill while it syncs. */
import { Appender } from "./appender.ts";
import type { Journal, Message } from "./journal.ts";
import { type Packed, unpack } from "./packed.ts";
import { JournalError, startThread } from "./thread.ts";
import type { JournalOptions } from "./worker.ts";

/**
 * Opens or makes `journal.db` in `folder`. Rejects with a text for people when the folder cannot be written, the file is
 * another gateway's, of a newer version or no journal. One that is damaged is set aside and made anew from what can be
 * read of it. A `readOnly` journal may be read beside a running gateway.
 */
export async function openJournal(folder: string, options: JournalOptions = {}): Promise<Journal> {
  const thread = await startThread({ folder, ...options });
  const appender = new Appender(thread.contents, (batch, buffers) => thread.call("append", [batch], buffers));
  thread.onRebuilt = () => appender.storeSourcesAgain();
  thread.onBuffers = (buffers) => appender.reuse(buffers);
  const { call } = thread;
  let closed: Promise<void> | undefined;

  const packedAfter = async (after: number, limit: number, sourcesFrom = 0): Promise<Packed> => {
    const segments = await call("segmentsAfter", [after, limit]);
    return { segments, after, limit, lastId: appender.lastId(), sources: appender.sources(sourcesFrom) };
  };

  const appendAll = (messages: readonly Message[]) =>
    closed ? Promise.reject(new JournalError("the journal is closed")) : appender.append(messages);

  return {
    append: (message) => appendAll([message]).then(([appended]) => appended!),
    appendAll,
    lastId: () => appender.lastId(),
    head: appender.head,
    async messagesAfter(after, limit) {
      const packed = await packedAfter(after, limit);
      const sources = new Map(packed.sources.map((source) => [source.id, source]));
      return [...unpack(packed, (id) => sources.get(id)!)];
    },
    packedAfter,
    async forget(through, before) {
      const { messages, sources, useless } = await call("forget", [through, before]);
      appender.dropSources(sources, useless);
      return messages;
    },
    received: (device) => appender.received(device),
    health: () => thread.health(),
    onHealth: (listener) => listen(thread.healthListeners, listener),
    damage: () => thread.damage(),
    onDamage: (listener) => listen(thread.damageListeners, listener),
    onSync: (listener) => listen(thread.syncListeners, listener),

    quarantine: (refused) => call("quarantine", [refused]),
    quarantined: (limit) => call("quarantined", [limit]),
    quarantineSize: () => call("quarantineSize", []),
    release: (ids) => call("release", [ids]),
    purgeQuarantine: (before) => call("purgeQuarantine", [before]),

    record: (decision) => call("record", [decision]),
    snapshot: (name) => call("snapshot", [name]),
    episodes: (from, to) => call("episodes", [from, to]),
    alerts: (range) => call("alerts", [range]),
    transitions: (alertId) => call("transitions", [alertId]),
    pairMinutes: (from, to) => call("pairMinutes", [from, to]),
    pairDays: (from, to) => call("pairDays", [from, to]),
    purgePairMinutes: (before) => call("purgePairMinutes", [before]),
    purgeBehaviour: (before, limit) => call("purgeBehaviour", [before, limit]),
    oldestBehaviour: () => call("oldestBehaviour", []),

    dueDeliveries: (now, limit) => call("dueDeliveries", [now, limit]),
    settleDelivery: (key, outcome) => call("settleDelivery", [key, outcome]),

    note: (name) => call("note", [name]),
    setNote: (name, value) => call("setNote", [name, value]),
    setNoteAudited: (name, value, entries) => call("setNoteAudited", [name, value, entries]),
    silence: (rooms) => call("silence", [rooms]),

    audit: (entry) => call("audit", [entry]),
    auditHead: () => call("auditHead", []),
    auditAfter: (seq, limit) => call("auditAfter", [seq, limit]),
    auditBefore: (period, seq, limit) => call("auditBefore", [period, seq, limit]),
    keepCheckpoint: (checkpoint) => call("keepCheckpoint", [checkpoint]),
    checkpoints: () => call("checkpoints", []),

    [Symbol.asyncDispose]: () => (closed ??= appender.drained().then(() => thread.close())),
  };
}

function listen<L>(listeners: Set<L>, listener: L): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
