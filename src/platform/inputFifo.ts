import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';

/**
 * The writing end of a FIFO (0600). It is opened for reading too, so that opening waits for nobody and a reader that
 * comes late misses nothing; it is written through a socket, since a file stream breaks when the FIFO is full.
 */
export class InputFifo {
  readonly path: string;
  readonly #socket: net.Socket;
  #closed = false;

  private constructor(file: string, socket: net.Socket) {
    this.path = file;
    this.#socket = socket;
    // A failed write is told to its caller.
    socket.on('error', () => undefined);
  }

  static async create(folder: string): Promise<InputFifo> {
    const file = path.join(folder, 'in');
    await promisify(execFile)('mkfifo', ['-m', '600', file]);
    const fd = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
    try {
      return new InputFifo(file, new net.Socket({ fd, readable: false, writable: true }));
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  write(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.write(text, (error) => {
        if (error) {
          reject(error);
        } else {
          resolve();
        }
      });
    });
  }

  /** Closes after what was written has been handed over; the reader then finds the end. */
  end(): void {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    // A FIFO cannot be shut down like a connection: it is closed behind the last write.
    this.#socket.write('', () => this.#socket.destroy());
  }

  /** Closes at once; what is still waiting fails. */
  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  /** Takes the name away; who has it open keeps it. */
  unlink(): void {
    try {
      unlinkSync(this.path);
    } catch {
      // It has gone with its folder.
    }
  }
}
