/** Office sounds that no recording is at hand for, made of noise and harmonics; full scale about ±1, 16 kHz. */
import type { Random } from "#firmware/world/random.ts";
import { RATE } from "./scene.ts";

const samplesOf = (seconds: number) => new Float32Array(Math.round(seconds * RATE));

/** One-pole low-pass noise around a centre frequency: a resonator of two poles. */
function colouredNoise(seconds: number, centreHz: number, bandwidthHz: number, random: Random): Float32Array {
  const out = samplesOf(seconds);
  const radius = Math.exp((-Math.PI * bandwidthHz) / RATE);
  const a1 = -2 * radius * Math.cos((2 * Math.PI * centreHz) / RATE);
  let before = 0;
  let beforeThat = 0;
  for (let n = 0; n < out.length; n++) {
    const y = random.gaussian() * (1 - radius) - a1 * before - radius * radius * beforeThat;
    out[n] = y;
    beforeThat = before;
    before = y;
  }
  return out;
}

/** A value that wanders about 1 with the given depth and rate. */
function drift(depth: number, rateHz: number, random: Random): (t: number) => number {
  const waves = Array.from({ length: 4 }, () => ({
    hz: rateHz * random.between(0.3, 1.5),
    phase: random.between(0, 7),
  }));
  return (t) => 1 + (depth / 2) * waves.reduce((sum, w) => sum + Math.sin(2 * Math.PI * w.hz * t + w.phase), 0);
}

/** Adds harmonics of a fundamental that follows `pitchHz(t)`, amplitudes falling by `slope` per harmonic. */
function addHarmonics(
  out: Float32Array,
  pitchHz: (t: number) => number,
  count: number,
  slope: number,
  gain: number,
): void {
  let phase = 0;
  for (let n = 0; n < out.length; n++) {
    const hz = pitchHz(n / RATE);
    phase += (2 * Math.PI * hz) / RATE;
    let sum = 0;
    for (let h = 1; h <= count && h * hz < 7500; h++) sum += Math.sin(h * phase) / h ** slope;
    out[n]! += gain * sum;
  }
}

/** Broadband air, the harmonics of a motor under changing load, and the swing of the arm. */
export function vacuumCleaner(seconds: number, random: Random): Float32Array {
  const out = colouredNoise(seconds, random.between(500, 1500), 2500, random);
  const load = drift(0.03, 0.4, random);
  const motor = random.between(180, 420);
  addHarmonics(out, (t) => motor * load(t), 12, 0.8, random.between(0.02, 0.12));
  const swing = drift(random.between(0.15, 0.4), random.between(0.4, 1), random);
  return out.map((v, n) => v * Math.max(0.2, swing(n / RATE)));
}

/** Pages: a motor that steps between speeds, a feed of noise, a clack; a few pages, then silence. */
export function printer(seconds: number, random: Random): Float32Array {
  const out = samplesOf(seconds);
  const motorHz = [1, 1.5, 2, 2.6].map((ratio) => ratio * random.between(120, 320));
  for (let at = random.between(0, 5); at < seconds - 8; at += random.between(4, 30)) {
    const pageSeconds = random.between(1.2, 3.5);
    for (let page = random.integer(1, 8); page > 0 && at < seconds - 8; page--, at += pageSeconds) {
      const steps = Array.from({ length: 4 }, () => random.pick(motorHz));
      const sheet = colouredNoise(pageSeconds, random.between(1500, 3500), 2000, random);
      addHarmonics(sheet, (t) => steps[Math.min(3, Math.floor((4 * t) / pageSeconds))]!, 8, 1, 0.08);
      const clack = random.between(0, 0.8);
      for (let n = 0; n < sheet.length; n++) {
        const t = n / RATE;
        const feed = t / pageSeconds < 0.7 ? 1 : 0.35;
        const knock = t > clack ? 4 * Math.exp(-(t - clack) / 0.015) * random.gaussian() * 0.1 : 0;
        out[Math.round(at * RATE) + n] = feed * sheet[n]! + knock;
      }
    }
  }
  return out;
}

/** Two seconds of ring, four of silence: a mechanical bell, a warble between two tones, or a little tune. */
export function deskPhone(seconds: number, random: Random): Float32Array {
  const out = samplesOf(seconds);
  const kind = random.pick(["bell", "warble", "tune"] as const);
  const low = random.between(450, 1100);
  const rate = random.between(11, 25);
  const tune = Array.from({ length: 8 }, () => low * 2 ** (random.integer(0, 12) / 12));
  for (let at = random.between(0, 3); at < seconds - 3; at += 6) {
    if (random.chance(0.15)) at += random.between(5, 30);
    for (let n = 0; n < 2 * RATE && Math.round(at * RATE) + n < out.length; n++) {
      const t = n / RATE;
      out[Math.round(at * RATE) + n] = ring(kind, t, low, rate, tune);
    }
  }
  return out;
}

function ring(kind: "bell" | "warble" | "tune", t: number, low: number, rate: number, tune: readonly number[]): number {
  const tone = (hz: number) => Math.sin(2 * Math.PI * hz * t);
  if (kind === "warble") return Math.floor(2 * rate * t) % 2 === 0 ? tone(low) : tone(1.25 * low);
  if (kind === "tune") {
    const note = Math.floor(t * 6) % tune.length;
    return Math.exp(-((t * 6) % 1)) * (tone(tune[note]!) + 0.3 * tone(2 * tune[note]!));
  }
  const strike = Math.exp(-((t * rate) % 1) * 1.2);
  return strike * (tone(low) + 0.7 * tone(2.74 * low) + 0.5 * tone(5.4 * low));
}

/** Grinder, pump and dripping. */
export function coffeeMachine(seconds: number, random: Random): Float32Array {
  const out = samplesOf(seconds);
  for (let at = random.between(0, 10); at < seconds - 30; at += random.between(30, 90)) {
    const grind = colouredNoise(random.between(4, 8), 1200, 1800, random);
    const speed = random.between(90, 160);
    addHarmonics(grind, (t) => speed * (1 + 0.02 * Math.sin(9 * t)), 20, 0.5, 0.03);
    const pump = colouredNoise(random.between(12, 20), 400, 700, random);
    addHarmonics(pump, () => 50, 12, 0.7, 0.06);
    out.set(grind, Math.round(at * RATE));
    out.set(pump, Math.round((at + grind.length / RATE + 0.5) * RATE));
  }
  return out;
}

/** Cars that come and go behind a window. */
export function traffic(seconds: number, random: Random): Float32Array {
  const out = colouredNoise(seconds, 120, 250, random);
  const passes = Array.from({ length: Math.ceil(seconds / 6) }, () => random.between(0, seconds));
  const width = random.between(1.5, 4);
  return out.map(
    (v, n) => v * (0.3 + passes.reduce((sum, at) => sum + Math.exp(-(((n / RATE - at) / width) ** 2)), 0)),
  );
}

/** Knocking, stapling, stirring: short decaying noises at about `rateHz`, in bouts. */
export function knocking(seconds: number, rateHz: number, random: Random): Float32Array {
  const out = samplesOf(seconds);
  const body = colouredNoise(0.2, random.between(200, 2500), random.between(100, 900), random);
  const decay = random.between(0.008, 0.05);
  for (let at = 0; at < seconds - 1; ) {
    const loudness = random.between(0.4, 1);
    for (let n = 0; n < body.length; n++) {
      const k = Math.round(at * RATE) + n;
      if (k < out.length) out[k]! += loudness * body[n]! * Math.exp(-n / RATE / decay);
    }
    at += random.chance(0.06) ? random.between(1, 8) : random.between(0.7, 1.3) / rateHz;
  }
  return out;
}

/** Paper, clothes, bags: high noise that swells and dies irregularly. */
export function rustling(seconds: number, random: Random): Float32Array {
  const out = colouredNoise(seconds, random.between(2500, 5000), 3000, random);
  let envelope = 0;
  let target = 0;
  return out.map((v) => {
    if (random.chance(5 / RATE)) target = random.chance(0.4) ? random.uniform() : 0;
    envelope += (target - envelope) * 0.001;
    return v * envelope;
  });
}
