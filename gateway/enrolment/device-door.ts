/** What the gateway puts together around devices' credentials: who is let in, who is told, what is entered in the audit log. */
import type { Id, Millis } from "#protocol/quantities.ts";
import { type AuditEntry, BY_GATEWAY } from "../audit/entry.ts";
import type { Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import type { EmbeddedBroker, EmbeddedBrokerOptions } from "../ingest/embedded-broker.ts";
import type { Fleet } from "../ingest/fleet.ts";
import type { Log } from "../log.ts";
import { type Denial, enrolledAdmission } from "./admission.ts";
import { readCertificates } from "./certificates.ts";
import { createDenialTally, type DenialSum } from "./denial-tally.ts";
import { type DeviceBook, type DeviceDeed, openDeviceBook } from "./device-book.ts";

export interface DeviceDoorOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
}

export interface DeviceDoor extends AsyncDisposable {
  /** What the embedded broker is opened with. */
  readonly broker: Pick<EmbeddedBrokerOptions, "admit" | "tls" | "onDenied" | "onTakeOverLoop">;
  /** Undefined where no device needs a credential. */
  readonly book: DeviceBook | undefined;
  /** Of the broker's certificate; undefined where it has none. */
  certificateExpiresAt(): Millis | undefined;
  /** From now on devices are shown, and connections ended, as the book has it. */
  connect(parts: ConnectedParts): void;
}

export interface ConnectedParts {
  readonly broker: EmbeddedBroker;
  readonly fleet: Fleet;
  /** Rejects when the entry cannot be written: it is tried again. */
  readonly enter: (entry: AuditEntry) => Promise<void>;
}

const LOOK_MS = 1000;

/** Reads certificates and opens the book; throws a CertificateError or SQLite's error. */
export function openDeviceDoor({ config, clock, log }: DeviceDoorOptions): DeviceDoor {
  const { mqttCert: cert, mqttKey: key, mqttClientCa: clientCa, site } = config;
  const files = cert !== undefined && key !== undefined ? { cert, key, clientCa } : undefined;
  let certificates = files && readCertificates(files);
  if (certificates) log.certificate("broker", certificates.expiresAt, clock.now());
  const book =
    config.deviceAccess === "enrolled" ? openDeviceBook(config.data, { now: clock.now, watch: true }) : undefined;
  const stop = new AbortController();
  const tally = createDenialTally();
  let parts: ConnectedParts | undefined;

  function onDenied(denial: Denial, device: Id | undefined): void {
    const at = clock.now();
    if (device !== undefined) parts?.fleet.note(device, { kind: "denied", at, namesake: denial === "namesake" });
    const again = tally.tell(denial, device, at);
    if (again === undefined) return;
    log.denied(denial, device, again);
    void enterDenial(denialEntry(at, denial, device));
  }

  async function enterDenial(entry: AuditEntry): Promise<void> {
    try {
      await parts?.enter(entry);
    } catch (error) {
      log.trouble("what was denied could not be entered in the audit log", error);
    }
  }

  async function tellSums(sums: readonly DenialSum[]): Promise<void> {
    for (const sum of sums) {
      log.deniedBesides(sum.kinds, sum.count);
      await enterDenial(sumEntry(clock.now(), sum));
    }
  }

  async function sumUp(): Promise<void> {
    for (;;) {
      await clock.wait(LOOK_MS, stop.signal);
      await tellSums(tally.due(clock.now()));
    }
  }

  async function enterDeeds(book: DeviceBook, enter: ConnectedParts["enter"]): Promise<void> {
    for (; !stop.signal.aborted; await clock.wait(LOOK_MS, stop.signal)) {
      try {
        for (const deed of book.deedsToEnter()) {
          await enter(entryOf(deed));
          book.entered(deed.seq);
          log.deviceDeed(deed);
        }
      } catch (error) {
        log.trouble("what was done to a device could not be entered in the audit log; trying again", error);
      }
    }
  }

  function reload(broker: EmbeddedBroker): void {
    if (!files) return;
    try {
      certificates = readCertificates(files);
      broker.useCertificates(certificates);
      log.certificate("broker", certificates.expiresAt, clock.now());
    } catch (error) {
      log.trouble("broker: the certificate was not read again; the one before stays", error);
    }
  }

  let entering: Promise<void> = Promise.resolve();
  let summing: Promise<void> = Promise.resolve();
  let onHangUp: (() => void) | undefined;
  return {
    broker: {
      onDenied,
      onTakeOverLoop: (client, until) => log.takeOverLoop(client, until),
      ...(book && { admit: enrolledAdmission(site, book) }),
      ...(certificates && { tls: certificates }),
    },
    book,
    certificateExpiresAt: () => certificates?.expiresAt,
    connect(connected) {
      parts = connected;
      const { broker, fleet, enter } = connected;
      if (files) {
        onHangUp = () => reload(broker);
        process.on("SIGHUP", onHangUp);
      }
      summing = sumUp().catch(() => {}); // ends by the signal only
      if (!book) return;
      for (const { id } of site.devices)
        fleet.note(id, { kind: "credential", at: clock.now(), credential: book.of(id).credential });
      book.onChange(({ device, enrolment: { credential }, ends }) => {
        if (ends) broker.dismiss(device);
        fleet.note(device, { kind: "credential", at: clock.now(), credential });
      });
      entering = enterDeeds(book, enter).catch(() => {}); // ends by the signal only
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      if (onHangUp) process.off("SIGHUP", onHangUp);
      await Promise.all([entering, summing]);
      await tellSums(tally.rest());
      book?.[Symbol.dispose]();
    },
  };
}

const entryOf = ({ at, actor, role, action, device }: DeviceDeed): AuditEntry => ({
  at,
  actor,
  role,
  action,
  object: "device",
  scope: `device=${device}`,
  count: 1,
});

/** The device is the one that the credential was of, or was said to be of; it need not have been the one who wanted it. */
const denialEntry = (at: Millis, denial: Denial, device: Id | undefined): AuditEntry => ({
  at,
  ...BY_GATEWAY,
  action: "device-refused",
  object: "device",
  scope: device === undefined ? "" : `device=${device}`,
  reason: denial,
  count: 1,
});

const sumEntry = (at: Millis, { kinds, count }: DenialSum): AuditEntry => ({
  at,
  ...BY_GATEWAY,
  action: "device-refused",
  object: "device",
  scope: "",
  reason: kinds.join("+"),
  count,
});
