/** Exponential time weighting of squared sound pressure (IEC 61672-1:2013, 5.8). */

/** Time constant of Fast, s. */
export const FAST_S = 0.125;

/** Weight of the newest square: y += weight·(x² − y). */
export const timeWeight = (timeConstantS: number, rate: number): number => 1 - Math.exp(-1 / (rate * timeConstantS));
