/** What every row that uses the load generator tells of a run. */
import { told } from "./figure.ts";
import type { LoadPlan, LoadResult } from "./load/plan.ts";

export const loadDetails = (plan: LoadPlan, result: LoadResult, gatewayCpuSeconds: number) => ({
  readings: result.total,
  unacknowledged: result.published - result.total,
  payload: `${Math.round(result.payloadBytes)} bytes of JSON (mean)`,
  qos: 1,
  clients: `${plan.connections} connections × ${plan.window} in flight, ${plan.devices} devices`,
  seconds: round(result.seconds),
  ackMs: `p50 ${told(result.latency.p50)}, p99 ${told(result.latency.p99)}, greatest ${told(result.latency.max)}`,
  gatewayCpu: perSecond(gatewayCpuSeconds, result.seconds),
  generatorCpu: perSecond(result.cpuSeconds, result.seconds),
});

export const round = (value: number, digits = 3): number => Number(value.toPrecision(digits));

/** Cores that were busy. */
export const perSecond = (cpuSeconds: number, seconds: number): string => `${round(cpuSeconds / seconds)} cores`;
