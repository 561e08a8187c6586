// The server's side of a WebSocket (RFC 6455), as much of it as Socket Mode uses: text, ping, pong and close.
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

export interface Line {
  send(text: string): void;
  /** As a network does: without a goodbye. */
  cut(): void;
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const [TEXT, CLOSE, PING, PONG] = [0x1, 0x8, 0x9, 0xa];

/** Answers an upgrade request. `hear` gets each text, `ended` is told once when it is over, however it ends. */
export function acceptLine(
  req: IncomingMessage,
  socket: Duplex,
  on: { hear: (text: string) => void; ended: () => void },
): Line {
  const accept = createHash('sha1').update(`${req.headers['sec-websocket-key']}${GUID}`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  const write = (opcode: number, data: Buffer) => {
    if (socket.writable) socket.write(Buffer.concat([headOf(opcode, data.length), data]));
  };
  // Clients give a server up that never pings.
  const pinging = setInterval(() => write(PING, Buffer.alloc(0)), 10_000);
  let over = false;
  const end = () => {
    if (over) return;
    over = true;
    clearInterval(pinging);
    socket.destroy();
    on.ended();
  };
  let rest: Buffer = Buffer.alloc(0);
  let parts: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let frame = frameOf(rest); frame; frame = frameOf(rest)) {
      rest = rest.subarray(frame.length);
      if (frame.opcode === CLOSE) {
        write(CLOSE, frame.data.subarray(0, 2));
        return end();
      }
      if (frame.opcode === PING) write(PONG, frame.data);
      if (frame.opcode > TEXT) continue;
      parts.push(frame.data);
      if (!frame.last) continue;
      on.hear(Buffer.concat(parts).toString());
      parts = [];
    }
  });
  for (const event of ['error', 'close', 'end'] as const) socket.on(event, end);
  return { send: (text) => write(TEXT, Buffer.from(text)), cut: end };
}

function headOf(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([0x80 | opcode, length]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** The first frame of what came in, unmasked; undefined while it is not all there. `length` is that of the whole frame. */
function frameOf(from: Buffer): { opcode: number; last: boolean; data: Buffer; length: number } | undefined {
  if (from.length < 2) return undefined;
  const [first = 0, second = 0] = from;
  let size = second & 0x7f;
  let at = 2;
  if (size === 126) {
    if (from.length < 4) return undefined;
    size = from.readUInt16BE(2);
    at = 4;
  } else if (size === 127) {
    if (from.length < 10) return undefined;
    size = Number(from.readBigUInt64BE(2));
    at = 10;
  }
  const masked = (second & 0x80) !== 0;
  const start = at + (masked ? 4 : 0);
  if (from.length < start + size) return undefined;
  const data = Buffer.from(from.subarray(start, start + size));
  if (masked) for (let i = 0; i < size; i++) data[i] = (data[i] as number) ^ (from[at + (i % 4)] as number);
  return { opcode: first & 0x0f, last: (first & 0x80) !== 0, data, length: start + size };
}
