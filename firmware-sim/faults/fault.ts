/** Faults on request: what goes wrong with which device, from when until when. `KIND[:AMOUNT][@START..END][/DEVICE]` */
import { InvalidArgumentError } from "commander";
import type { Id } from "#protocol/quantities.ts";

export const faultKinds = {
  disconnect: "the network is away",
  duplicate: "every tenth message (or AMOUNT, 0–1) arrives twice",
  reorder: "every tenth message (or AMOUNT, 0–1) arrives behind the next one",
  skew: "the clock is 45 s (or AMOUNT, such as 0.25) ahead, and the device does not know",
  drift: "the clock is 0.25 s (or AMOUNT) ahead, and the device knows and says so",
  jump: "the clock jumps ahead by an hour (or AMOUNT), then back",
  silence: "the microphone delivers nothing",
  stuck: "the microphone delivers one value for ever",
  clipped: "the microphone is overdriven",
  muted: "somebody has switched the microphone off",
  reboot: "the power goes at START and comes back at END",
} as const;
export type FaultKind = keyof typeof faultKinds;

/** Times are ms after the start of the run. */
export interface Fault {
  readonly kind: FaultKind;
  readonly amount: number;
  readonly from: number;
  readonly until: number;
  /** Absent: every device has it. */
  readonly device?: Id;
}

const defaultAmount: Partial<Record<FaultKind, number>> = {
  duplicate: 0.1,
  reorder: 0.1,
  skew: 45,
  drift: 0.25,
  jump: 3600,
};
const PATTERN =
  /^([a-z]+)(?::(-?[\d.]+))?(?:@(\d+(?:\.\d+)?)([smh]?)(?:\.\.(\d+(?:\.\d+)?)([smh]?))?)?(?:\/([a-z0-9][a-z0-9_-]{0,31}))?$/;
/** How long a reboot without an END takes. */
const REBOOT_MS = 5000;
const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** Reads `disconnect@60..120`, `skew:45@5m..1h` or `muted/k3`; throws commander's `InvalidArgumentError`. */
export function parseFault(text: string): Fault {
  const match = PATTERN.exec(text);
  const kind = match?.[1];
  if (!match || kind === undefined || !isFaultKind(kind))
    throw new InvalidArgumentError(
      `"${text}" is not KIND[:AMOUNT][@START..END][/DEVICE] with one of ${Object.keys(faultKinds).join(", ")}`,
    );
  const [, , amount, from, fromUnit, until, untilUnit, device] = match;
  const fault: Fault = {
    kind,
    amount: amount === undefined ? (defaultAmount[kind] ?? 0) : Number(amount),
    from: timeOf(from, fromUnit, 0),
    until: timeOf(
      until,
      untilUnit,
      kind === "reboot" ? timeOf(from, fromUnit, 0) + REBOOT_MS : Number.POSITIVE_INFINITY,
    ),
    ...(device !== undefined && { device }),
  };
  if (fault.until <= fault.from) throw new InvalidArgumentError(`"${text}" ends before it starts`);
  return fault;
}

export const isFaultKind = (kind: string): kind is FaultKind => Object.hasOwn(faultKinds, kind);

/** Those that this device has. */
export const faultsOf = (faults: readonly Fault[], device: Id): readonly Fault[] =>
  faults.filter((fault) => fault.device === undefined || fault.device === device);

/** The fault of this kind that holds at `elapsed` ms after the start. */
export const faultAt = (faults: readonly Fault[], kind: FaultKind, elapsed: number): Fault | undefined =>
  faults.find((fault) => fault.kind === kind && elapsed >= fault.from && elapsed < fault.until);

function timeOf(number: string | undefined, unit: string | undefined, otherwise: number): number {
  return number === undefined ? otherwise : Number(number) * UNIT_MS[(unit || "s") as keyof typeof UNIT_MS];
}
