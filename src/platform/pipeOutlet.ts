import type { Readable } from 'node:stream';
import { Deferred } from '../base/async.ts';
import type { ShellEvents } from '../core/shells/shellPorts.ts';
import { type PipeReader, readPipe } from './pipeReader.ts';
import type { ReadPacer } from './readPacer.ts';
import type { ShellOutlet } from './shellLife.ts';
import { within } from './within.ts';

/** Where a shell writes to. */
export interface OutputStreams {
  readonly stdout: Readable | null;
  readonly stderr: Readable | null;
}

/** Both pipes of a shell, read at the pace that all shells share. */
export class PipeOutlet implements ShellOutlet {
  readonly #readers: readonly PipeReader[];
  readonly #closed: Promise<unknown>;

  constructor({ stdout, stderr }: OutputStreams, events: ShellEvents, pacer: ReadPacer) {
    const closings: Promise<void>[] = [];
    this.#readers = [stdout, stderr].flatMap((stream) => {
      if (stream === null) {
        return [];
      }
      const isError = stream === stderr;
      const closed = new Deferred<void>();
      closings.push(closed.promise);
      const reader = readPipe(stream, {
        bytes: (bytes) => {
          paced.took(bytes.length);
          events.output(bytes, isError);
        },
        failed: (error) => events.readFailed(error.message),
        closed: () => {
          paced.end();
          closed.resolve();
        },
      });
      const paced = pacer.source(reader);
      return [reader];
    });
    this.#closed = Promise.all(closings);
  }

  drain(patienceMs: number): Promise<void> {
    return within(this.#closed, patienceMs);
  }

  close(): Promise<void> {
    for (const reader of this.#readers) {
      reader.destroy();
    }
    return Promise.resolve();
  }
}
