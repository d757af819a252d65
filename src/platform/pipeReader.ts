import net from 'node:net';
import type { Readable } from 'node:stream';

/** What the system gives at a time. */
const bufferBytes = 64 * 1024;

/** One for all pipes: what is read is taken before anything else can be read. */
let shared: Uint8Array<ArrayBuffer> | undefined;

export interface PipeReader {
  pause(): unknown;
  resume(): unknown;
  destroy(): unknown;
}

export interface PipeListener {
  /** The bytes are overwritten once this returns. */
  bytes(bytes: Uint8Array): void;
  failed(error: Error): void;
  /** Nothing more comes. */
  closed(): void;
}

/**
 * Reads the pipe of a child. Node makes a buffer for each piece, and clearing them away takes more time than reading; a
 * socket that is given a buffer reads everything into that one. For it the pipe changes its owner, which only works by
 * the inner handle; without one, and on Windows, where the system reads ahead, it is read as usual.
 */
export function readPipe(stream: Readable, listener: PipeListener): PipeReader {
  const handle = process.platform === 'win32' ? undefined : takeHandle(stream);
  if (handle === undefined) {
    stream.on('data', (bytes: Uint8Array) => listener.bytes(bytes));
    return watched(stream, listener);
  }
  const buffer = (shared ??= new Uint8Array(bufferBytes));
  const options = {
    handle,
    readable: true,
    writable: false,
    onread: {
      buffer,
      callback: (length: number) => {
        listener.bytes(length === bufferBytes ? buffer : buffer.subarray(0, length));
        return true;
      },
    },
  };
  const socket = new net.Socket(options as net.SocketConstructorOpts);
  stream.destroy();
  socket.on('end', () => socket.destroy());
  return watched(socket, listener);
}

function watched<T extends Readable>(stream: T, listener: PipeListener): T {
  stream.on('error', (error) => listener.failed(error));
  stream.on('close', () => listener.closed());
  return stream;
}

function takeHandle(stream: Readable): object | undefined {
  const owner = stream as { _handle?: object | null };
  const handle = owner._handle;
  if (handle === undefined || handle === null || !('useUserBuffer' in handle)) {
    return undefined;
  }
  owner._handle = null;
  return handle;
}
