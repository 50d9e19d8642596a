/** How often a device speaks. Firmware keeps these; the information budget divides by them. */
export const LEVEL_WINDOW_S = 10;
export const STATS_WINDOW_S = 300;
export const HEALTH_PERIOD_S = 60;
export const BANDS_WINDOW_S = 10;
/** `state` repeats after this long without a change. */
export const STATE_PERIOD_S = 30;
/** Long-run limit on `state`, held by a token bucket: one per this many seconds, with `STATE_BURST` saved up. */
export const STATE_REFILL_S = 20;
export const STATE_BURST = 3;
/** Without a state for this long a room's state is unknown. */
export const STATE_STALE_S = 90;
