/** Topics looked up by their bytes as they stand in a packet, so that no text is made of them for each message. */

export interface TopicIndex {
  /** The topic that stands at [from, to) of `bytes`, as the one string that was given; undefined when it is none of them. */
  find(bytes: Uint8Array, from: number, to: number): string | undefined;
}

/** Of ASCII topics; open addressing, at most half full. */
export function createTopicIndex(topics: Iterable<string>): TopicIndex {
  const all = [...topics];
  const size = 2 ** Math.ceil(Math.log2(Math.max(2, 2 * all.length)));
  const slots = new Int32Array(size).fill(-1);
  const encoded = all.map((topic) => new TextEncoder().encode(topic));
  for (const [i, bytes] of encoded.entries()) {
    let slot = hashOf(bytes, 0, bytes.length) & (size - 1);
    while (slots[slot] !== -1) slot = (slot + 1) & (size - 1);
    slots[slot] = i;
  }
  return {
    find(bytes, from, to) {
      let slot = hashOf(bytes, from, to) & (size - 1);
      for (let i = slots[slot]!; i !== -1; i = slots[slot]!) {
        if (stands(encoded[i]!, bytes, from, to)) return all[i];
        slot = (slot + 1) & (size - 1);
      }
      return undefined;
    },
  };
}

/** FNV-1a, 32 bit (Fowler, Noll, Vo; RFC 9923). */
function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
  return hash ^ (hash >>> 15);
}

function stands(topic: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (topic.length !== to - from) return false;
  for (let i = 0; i < topic.length; i++) if (topic[i] !== bytes[from + i]) return false;
  return true;
}
