/** One function per thing worth a line, so that wording and fields cannot drift apart. Not per reading. */

import pino, { type DestinationStream, type Logger } from "pino";
import type { Change } from "./approval/diff.ts";
import type { Event as ChangeEvent } from "./approval/events.ts";
import type { Checkpoint } from "./audit/checkpoint.ts";
import { CERTIFICATE_WARNING_MS } from "./certificate.ts";
import type { Config } from "./config.ts";
import type { OutboxEvent } from "./deliver/outbox.ts";
import type { Denial } from "./enrolment/admission.ts";
import type { DeviceDeed } from "./enrolment/device-book.ts";
import type { ForwarderStatus } from "./history/forwarder.ts";
import type { OutsideState } from "./ingest/outside-broker.ts";
import type { Damage, Decision, JournalHealth } from "./journal/journal.ts";
import type { Figures, Pressure } from "./overload.ts";
import { redactor } from "./redact.ts";

export interface Log {
  /** For libraries that bring their own lines. */
  readonly logger: Logger;
  started(http: string, broker: string, config: Record<string, unknown>): void;
  stopped(): void;
  /** Alerts raised and resolved. */
  decision(decision: Decision): void;
  forwarder(status: ForwarderStatus): void;
  journal(health: JournalHealth): void;
  /** Something that was safe can be read no more. */
  damage(damage: Damage): void;
  /** Where this log is kept elsewhere it is a witness of the audit log. */
  checkpoint(checkpoint: Checkpoint): void;
  outsideBroker(state: OutsideState): void;
  /** Clients of one name throw each other out. */
  takeOverLoop(client: string, until: number): void;
  /** What a device wanted and may not have; `again`: how often since the last line of the kind. */
  denied(denial: Denial, device: string | undefined, again: number): void;
  /** Denials that were not told one by one. */
  deniedBesides(kinds: readonly Denial[], count: number): void;
  /** A device was given a claim code, a credential, or had it taken away. */
  deviceDeed(deed: DeviceDeed): void;
  /** A certificate of the gateway's own, at the start and whenever it was read again. */
  certificate(side: "broker" | "http", expiresAt: number, now: number): void;
  outbox(event: OutboxEvent): void;
  /** The load has changed. */
  load(pressure: Pressure, figures: Figures): void;
  /** The configuration: what was asked for, agreed, narrowed, is in force, has returned. */
  change(event: ChangeEvent): void;
  /** What the gateway was started with asks for more than is agreed. */
  heldBack(changes: readonly Change[]): void;
  trouble(what: string, error: unknown): void;
}

/** `secrets` are taken out of every line, and so is all that looks like one (redact.ts). */
export const openLogger = (
  level: Config["log"],
  secrets: readonly string[] = [],
  to: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger =>
  pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, hooks: { streamWrite: redactor(secrets) } }, to);

export function createLog(logger: Logger): Log {
  return {
    logger,
    started: (http, broker, config) => logger.info({ http, broker, config }, "gateway started"),
    stopped: () => logger.info("gateway stopped"),
    decision({ transitions = [] }) {
      for (const { to, at, alert } of transitions)
        if (alert.firedAt !== null)
          logger.info({ alert: alert.id, rule: alert.rule, room: alert.room, at: new Date(at) }, `alert ${to}`);
    },
    forwarder({ state, reason, behind }) {
      if (state === "held") logger.error({ reason, behind }, "history: readings are kept, somebody must act");
      else if (state === "waiting") logger.warn({ reason, behind }, "history: readings are kept, trying again");
      else logger.info({ behind }, "history: flowing");
    },
    journal(health) {
      if (health.kind === "failing")
        logger.error({ reason: health.reason }, "journal: the disk takes nothing; no reading is acknowledged");
      else logger.info("journal: the disk takes readings again");
    },
    damage({ at, what, messages, records, file }) {
      logger.error({ foundAt: new Date(at), messages, records, file }, `journal: damaged on the disk: ${what}`);
    },
    checkpoint: (checkpoint) => logger.info({ checkpoint }, "audit log: checkpoint"),
    outsideBroker(state) {
      if (state.kind === "connected") logger.info({ sessionPresent: state.sessionPresent }, "broker: connected");
      else logger.warn({ reason: state.reason, retryInMs: state.ms }, "broker: not connected");
    },
    takeOverLoop: (client, until) =>
      logger.error(
        { client, until: new Date(until) },
        "broker: two clients use one name; newcomers are refused, give one of them another name",
      ),
    deniedBesides: (kinds, count) => logger.warn({ kinds, count }, "broker: denied besides: too many to tell each"),
    denied: (denial, device, again) => logger.warn({ denial, device, again }, `broker: denied: ${denial}`),
    deviceDeed: ({ device, action, actor, at }) => logger.info({ device, actor, at: new Date(at) }, action),
    certificate(side, expiresAt, now) {
      const words = `${side}: certificate`;
      const fields = { expiresAt: new Date(expiresAt) };
      if (expiresAt - now > CERTIFICATE_WARNING_MS) logger.info(fields, words);
      else logger.warn(fields, expiresAt > now ? `${words} runs out soon` : `${words} has run out`);
    },
    outbox(event) {
      if (event.kind === "trouble") logger.error({ err: event.error }, "deliveries: the journal does not answer");
      else if (event.kind === "delivered" || event.kind === "superseded") logger.debug(event, `delivery ${event.kind}`);
      else logger.warn(event, `delivery ${event.kind}`);
    },
    load({ load, reasons }, figures) {
      if (load === "ease") logger.info({ figures }, "load: ease");
      else logger.warn({ reasons, figures }, `load: ${load}`);
    },
    change(event) {
      const who = "who" in event ? event.who?.id : undefined;
      if (event.kind === "denied") logger.warn({ who, why: event.why, change: event.id }, "configuration: denied");
      else if ("request" in event)
        logger.info({ who, change: event.request.id, changes: event.request.changes }, `configuration: ${event.kind}`);
      else
        logger.info(
          { who, ...(event.kind === "narrowing" && { changes: event.changes }) },
          `configuration: ${event.kind}`,
        );
    },
    heldBack: (changes) =>
      logger.warn({ changes }, "configuration: widens what is agreed, and is held back until it is approved"),
    trouble: (what, error) => logger.error({ err: error }, what),
  };
}
