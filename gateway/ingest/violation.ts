/**
 * What MQTT 3.1.1 forbids and aedes lets pass. Such a packet ends its connection ([MQTT-4.8.0-1]); a message that is MQTT
 * but none of ours never does.
 */

export interface ConnectFields {
  readonly protocolVersion?: number | undefined;
  readonly clientId: string;
  readonly username?: string | undefined;
  readonly password?: unknown;
  readonly will?: { readonly topic: string; readonly qos?: number } | undefined;
}

/** Why a CONNECT is none, or undefined. */
export function connectViolation(fields: ConnectFields): string | undefined {
  const { protocolVersion, clientId, username, password, will } = fields;
  // What follows at once would be read as MQTT 5.
  if (protocolVersion === 5) return "MQTT 5";
  if (!isText(clientId)) return "the client id is not UTF-8 [MQTT-1.5.3-1], or has a null character [MQTT-1.5.3-2]";
  if (password !== undefined && username === undefined) return "a password without a user name [MQTT-3.1.2-22]";
  if (!will) return undefined;
  if ((will.qos ?? 0) > 2) return "a will of QoS 3 [MQTT-3.1.2-14]";
  return isText(will.topic) ? undefined : "the will's topic is not UTF-8 [MQTT-1.5.3-1]";
}

/** Why a PUBLISH is none, or undefined. A will has no identifier; −1 is the parser's for one that was cut off. */
export function publishViolation(topic: string, qos: number, identifier: number | undefined): string | undefined {
  if (qos > 0 && identifier !== undefined && identifier < 1) return "no packet identifier [MQTT-2.3.1-1]";
  return isText(topic) ? undefined : "the topic is not UTF-8 [MQTT-1.5.3-1], or has a null character [MQTT-1.5.3-2]";
}

/** The parser has put U+FFFD where bytes were not UTF-8. A name that has it on purpose is none of ours either. */
const isText = (text: string): boolean => !text.includes("\0") && !text.includes("\uFFFD");
