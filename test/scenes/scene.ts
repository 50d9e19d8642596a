/**
 * A scene: who and what sounds when and how loud in which room, and what a calibrated microphone there takes up.
 * Ground truth comes with it, per second.
 */
import { createNoise, noiseCriterion } from "#firmware/world/noise.ts";
import type { Random } from "#firmware/world/random.ts";
import { createConvolver, roomImpulseResponse } from "#firmware/world/reverberation.ts";
import { gainTo } from "./level.ts";

export const RATE = 16_000;

export interface SceneEvent {
  readonly at: number;
  readonly samples: Float32Array;
  /** Active level at the microphone, dB SPL. */
  readonly levelDb: number;
  readonly speech: boolean;
  /** Sources at one place share a path through the room. */
  readonly place: number;
}

export interface Room {
  readonly rt60: number;
  readonly directToReverberantDb: number;
  /** Ventilation on curve NC-15 … NC-45. */
  readonly nc: number;
}

export interface Plan {
  readonly kind: string;
  readonly seconds: number;
  readonly room: Room;
  readonly events: readonly SceneEvent[];
  /** Nothing above this frequency, as in a recording made at a lower rate. */
  readonly limitHz?: number;
  /** Seconds from the first to the last word; null when nobody converses. */
  readonly conversation: { readonly from: number; readonly to: number } | null;
}

export interface Scene extends Plan {
  /** Sound pressure at 16 kHz, Pa. */
  readonly pressure: Float32Array;
  /** Share of each second in which somebody speaks, 0–1. */
  readonly speech: Float64Array;
}

const BLOCK = 1024;
/** White noise of the microphone itself: 30 dBA in total, of which 16 kHz sampling keeps nearly all. */
const SELF_NOISE_PA = 2e-5 * 10 ** (30 / 20);
const FULL_SCALE_PA = 20;
const STEP_PA = FULL_SCALE_PA / 2 ** 23;

export function render(plan: Plan, random: Random): Scene {
  const length = Math.ceil((plan.seconds * RATE) / BLOCK) * BLOCK;
  const sum = new Float32Array(length);
  for (const place of new Set(plan.events.map((event) => event.place))) {
    const path = createConvolver(roomImpulseResponse(plan.room, random.fork(`path ${place}`)), BLOCK);
    const dry = new Float32Array(length);
    for (const event of plan.events) if (event.place === place) addEvent(dry, event);
    for (let at = 0; at < length; at += BLOCK) path.process(dry.subarray(at, at + BLOCK));
    for (let n = 0; n < length; n++) sum[n]! += dry[n]!;
  }
  createNoise(noiseCriterion(plan.room.nc), random.fork("ventilation")).addTo(sum);
  const self = random.fork("microphone");
  for (let n = 0; n < length; n++) {
    const pressure = sum[n]! + SELF_NOISE_PA * self.gaussian();
    sum[n] = STEP_PA * Math.round(Math.max(-FULL_SCALE_PA, Math.min(FULL_SCALE_PA, pressure)) / STEP_PA);
  }
  if (plan.limitHz !== undefined) lowPass(sum, plan.limitHz);
  const seconds = Math.floor(plan.seconds);
  return { ...plan, pressure: sum.subarray(0, seconds * RATE), speech: speechShare(plan, seconds) };
}

function addEvent(to: Float32Array, { at, samples, levelDb }: SceneEvent): void {
  const gain = gainTo(levelDb, samples);
  const start = Math.round(at * RATE);
  const end = Math.min(samples.length, to.length - start);
  for (let n = 0; n < end; n++) to[start + n]! += gain * samples[n]!;
}

function speechShare(plan: Plan, seconds: number): Float64Array {
  const share = new Float64Array(seconds);
  for (const { at, samples, speech } of plan.events) {
    const end = at + samples.length / RATE;
    for (let s = Math.floor(at); speech && s < Math.min(seconds, end); s++) {
      share[s] = Math.min(1, share[s]! + Math.min(s + 1, end) - Math.max(s, at));
    }
  }
  return share;
}

/** Windowed sinc of 127 taps. */
function lowPass(samples: Float32Array, limitHz: number): void {
  const taps = Float64Array.from({ length: 127 }, (_, n) => {
    const x = n - 63;
    const sinc = x === 0 ? (2 * limitHz) / RATE : Math.sin((2 * Math.PI * limitHz * x) / RATE) / (Math.PI * x);
    return sinc * (0.54 + 0.46 * Math.cos((Math.PI * x) / 63));
  });
  const filter = createConvolver(taps, BLOCK);
  for (let at = 0; at < samples.length; at += BLOCK) filter.process(samples.subarray(at, at + BLOCK));
}
