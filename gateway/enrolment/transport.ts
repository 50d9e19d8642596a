/** Which way MQTT may take: what the settings leave open is refused at the start, what they allow against advice is shown. */
import type { Millis } from "#protocol/quantities.ts";
import { lastingUntil } from "../certificate.ts";
import type { Config } from "../config.ts";
import type { Check } from "../http/parts.ts";
import { isLoopback } from "../loopback.ts";

type Settings = Pick<
  Config,
  | "mqtt"
  | "mqttCert"
  | "mqttKey"
  | "mqttClientCa"
  | "mqttPlain"
  | "broker"
  | "brokerCert"
  | "brokerKey"
  | "deviceAccess"
>;

/** What keeps the gateway from starting, one line each. */
export function transportFaults(settings: Settings): string[] {
  return settings.broker === "" ? embeddedFaults(settings) : outsideFaults(settings);
}

function embeddedFaults({
  mqtt: { host },
  mqttCert,
  mqttKey,
  mqttClientCa,
  mqttPlain,
  deviceAccess,
}: Settings): string[] {
  const beyond = !isLoopback(host);
  const reachable = `${host} is reachable from other machines`;
  const faults: [boolean, string][] = [
    [
      (mqttCert === undefined) !== (mqttKey === undefined),
      "FORTROLIG_MQTT_CERT, FORTROLIG_MQTT_KEY: a certificate and its key come together",
    ],
    [
      mqttClientCa !== undefined && mqttCert === undefined,
      "FORTROLIG_MQTT_CLIENT_CA: only TLS asks for certificates; set FORTROLIG_MQTT_CERT and FORTROLIG_MQTT_KEY too",
    ],
    [
      beyond && mqttCert === undefined && !mqttPlain,
      `FORTROLIG_MQTT: ${reachable}; give the broker a certificate (FORTROLIG_MQTT_CERT, FORTROLIG_MQTT_KEY), or say FORTROLIG_MQTT_PLAIN=yes and have everything read on its way`,
    ],
    [beyond && deviceAccess === "open", `FORTROLIG_DEVICES: ${reachable}, so that devices must be enrolled`],
  ];
  return faults.filter(([is]) => is).map(([, fault]) => fault);
}

function outsideFaults({ broker, brokerCert, brokerKey, mqttPlain }: Settings): string[] {
  const faults: [boolean, string][] = [
    [
      (brokerCert === undefined) !== (brokerKey === undefined),
      "FORTROLIG_BROKER_CERT, FORTROLIG_BROKER_KEY: a certificate and its key come together",
    ],
    [
      isPlainBeyond(broker) && !mqttPlain,
      "FORTROLIG_BROKER: plain MQTT to another machine; use mqtts://, or say FORTROLIG_MQTT_PLAIN=yes",
    ],
  ];
  return faults.filter(([is]) => is).map(([, fault]) => fault);
}

const isPlainBeyond = (broker: string): boolean => broker.startsWith("mqtt:") && !isLoopback(new URL(broker).hostname);

/** `transport` of `/readyz`. `expiresAt`: of the embedded broker's certificate, where it has one. */
export function transportCheck(settings: Settings, expiresAt: Millis | undefined, now: Millis): Check {
  const { broker, mqtt } = settings;
  if (broker !== "") {
    if (isPlainBeyond(broker))
      return { state: "degraded", detail: "plain MQTT to another machine, by FORTROLIG_MQTT_PLAIN" };
    return {
      state: "ok",
      detail: broker.startsWith("mqtts:") ? "TLS to the outside broker" : "plain, on loopback only",
    };
  }
  if (expiresAt !== undefined) return lastingUntil(expiresAt, now);
  if (isLoopback(mqtt.host)) return { state: "ok", detail: "plain, on loopback only" };
  return { state: "degraded", detail: "plain MQTT beyond this machine, by FORTROLIG_MQTT_PLAIN" };
}
