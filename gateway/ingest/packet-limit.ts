/**
 * A limit on the size of one MQTT packet. aedes gathers a packet in memory until it is whole, up to the 256 MiB that the
 * standard allows; this ends the connection when a packet says that it will be longer than anything of the protocol.
 */
import type { Socket } from "node:net";

/** Far above what is answered with `oversize`, so that a device is not cut off for one long message. */
export const MAX_PACKET_BYTES = 256 * 1024;

/** Follows a stream of packets; false when one of them is to be longer than `limit`. MQTT 3.1.1 §2.2: type, then length. */
export function packetLimit(limit: number): (chunk: Uint8Array) => boolean {
  let rest = 0;
  let shift = -7;
  let length = 0;
  return (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      if (rest > 0) {
        const part = Math.min(rest, chunk.length - at);
        rest -= part;
        at += part;
        continue;
      }
      const byte = chunk[at++]!;
      if (shift < 0) {
        shift = 0;
        length = 0;
        continue;
      }
      length += (byte & 0x7f) * 2 ** shift;
      if (length > limit) return false;
      shift += 7;
      // Four bytes at most; a fifth is the parser's to refuse.
      if (byte & 0x80 && shift < 28) continue;
      rest = length;
      shift = -7;
    }
    return true;
  };
}

/** aedes takes from the socket with `read`, and this looks at what it takes. */
export function limitPackets(socket: Socket, limit = MAX_PACKET_BYTES): void {
  const within = packetLimit(limit);
  const read = socket.read.bind(socket);
  socket.read = (size?: number) => {
    const chunk: Buffer | null = read(size);
    if (chunk === null || within(chunk)) return chunk;
    socket.destroy();
    return null;
  };
}
