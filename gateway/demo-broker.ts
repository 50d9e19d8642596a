/** How the demo's simulated devices, which are on the gateway's own machine, reach its broker, and by whose word they trust it. */
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:tls";
import { type Certificate, readCertificate, readPem } from "./certificate.ts";
import { type Config, ConfigError } from "./config.ts";
import { isAnywhere, isNamedIn, reachedAt } from "./origin.ts";

export interface DemoBroker {
  /** Where the embedded one is asked for. */
  readonly host: string;
  /** Of `npm run device`. */
  readonly flags: readonly string[];
}

/** Throws ConfigError where devices would not come, and CertificateError. */
export async function demoBroker(config: Config): Promise<DemoBroker> {
  const { mqtt, mqttCert, mqttKey, brokerCa } = config;
  if (config.broker !== "") return { host: "", flags: brokerCa === undefined ? [] : ["--ca", brokerCa] };
  if (mqttCert === undefined || mqttKey === undefined)
    return { host: isAnywhere(mqtt.host) ? "127.0.0.1" : mqtt.host, flags: [] };
  const certificate = readCertificate({ cert: mqttCert, key: mqttKey });
  const host = hostOf(mqtt, certificate.own);
  const ca = brokerCa ?? (vouchesForItself(certificate) ? mqttCert : undefined);
  const fault = await faultOf(mqtt.host, host, certificate, ca);
  if (fault !== undefined)
    throw new ConfigError(
      `FORTROLIG_MQTT_CERT: the simulated devices would not get through to the broker as ${host} (${fault}); name the certificate's authority in FORTROLIG_BROKER_CA, or start with --no-devices`,
    );
  return { host, flags: ca === undefined ? [] : ["--ca", ca] };
}

/** From this machine itself, if the certificate is good for that. */
function hostOf(mqtt: Config["mqtt"], own: X509Certificate): string {
  const near = isAnywhere(mqtt.host) ? ["127.0.0.1", "localhost"].find((host) => isNamedIn(own, host)) : undefined;
  return near ?? reachedAt(mqtt, own).host;
}

/** Made without an authority, or with it in the same file. */
const vouchesForItself = ({ cert }: Certificate): boolean =>
  (cert.toString().match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs) ?? [])
    .map((pem) => new X509Certificate(pem))
    .some((one) => one.checkIssued(one));

/** Tried on a port of its own, before anything else is done. */
async function faultOf(
  at: string,
  host: string,
  { cert, key }: Certificate,
  ca: string | undefined,
): Promise<string | undefined> {
  const server = createServer({ cert, key }).on("tlsClientError", () => {});
  server.listen(0, at);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host, port, ...(ca !== undefined && { ca: readPem(ca) }) });
  try {
    await once(socket, "secureConnect");
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    socket.destroy();
    server.close();
  }
}
