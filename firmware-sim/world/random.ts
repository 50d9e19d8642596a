/**
 * Seeded randomness for everything that is simulated. A stream is named by its seed and the names it was forked by, never
 * by how much has been drawn before, so each room, device and day has its own numbers whatever the order it is asked in.
 */

export interface Random {
  /** Uniform in [0, 1), 32 bits of resolution. */
  uniform(): number;
  /** Uniform whole number of 32 bits, 0 ≤ n < 2³². */
  bits(): number;
  /** Standard normal deviate. */
  gaussian(): number;
  /** Uniform whole number, both ends included. */
  integer(least: number, greatest: number): number;
  /** Uniform real number in [least, greatest). */
  between(least: number, greatest: number): number;
  /** Exponential deviate with this mean. */
  exponential(mean: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** One of the items, each as likely. Throws on none. */
  pick<T>(items: readonly T[]): T;
  /** The items in random order. */
  shuffle<T>(items: readonly T[]): T[];
  /** The stream of this name: the same for the same seed and names, independent of every other. */
  fork(name: string | number): Random;
}

/** Four 32-bit words from a text (FNV-1a with four offsets, each finished by Murmur3's mixer). */
export function hashText(text: string): Uint32Array {
  const words = new Uint32Array([0x811c9dc5, 0x9e3779b9, 0x7f4a7c15, 0x85ebca6b]);
  for (let i = 0; i < text.length; i++)
    for (let w = 0; w < 4; w++) words[w] = Math.imul(words[w]! ^ text.charCodeAt(i), 0x01000193) ^ (words[w]! >>> 15);
  return words.map(mix);
}

/** Murmur3's 32-bit finaliser: every input bit reaches every output bit. */
export function mix(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** xoshiro128** 1.1 (Blackman and Vigna 2018) on state hashed from the seed. */
export function createRandom(seed: string | number): Random {
  const name = String(seed);
  const [h0, h1, h2, h3] = hashText(name) as unknown as [number, number, number, number];
  let a = h0 | 0;
  let b = h1 | 0;
  let c = h2 | 0;
  let d = h3 | 1;
  let spare = Number.NaN;

  const bits = (): number => {
    const times5 = Math.imul(b, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9);
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result >>> 0;
  };
  const uniform = () => bits() * 2 ** -32;
  const integer = (least: number, greatest: number) => least + Math.floor(uniform() * (greatest - least + 1));

  /** Box and Muller's pair, one at a time. */
  const gaussian = (): number => {
    if (!Number.isNaN(spare)) {
      const kept = spare;
      spare = Number.NaN;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  const shuffle = <T>(items: readonly T[]): T[] => {
    const order = [...items];
    for (let i = order.length - 1; i > 0; i--) {
      const j = integer(0, i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  };

  return {
    bits,
    uniform,
    gaussian,
    integer,
    shuffle,
    between: (least, greatest) => least + uniform() * (greatest - least),
    exponential: (mean) => -mean * Math.log(1 - uniform()),
    chance: (probability) => uniform() < probability,
    pick: (items) => {
      if (items.length === 0) throw new RangeError("nothing to pick from");
      return items[integer(0, items.length - 1)]!;
    },
    fork: (child) => createRandom(`${name}/${child}`),
  };
}
