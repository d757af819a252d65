import * as vscode from 'vscode';
import { t } from '../base/l10n.ts';
import { type Disposable, DisposableStore, MutableDisposable } from '../base/lifecycle.ts';
import type { Clock } from '../core/ports.ts';
import { readStoredOutput } from '../core/shells/readStoredOutput.ts';
import type { Shell } from '../core/shells/shell.ts';
import { commandLabel, durationInWords, shellStatusText } from '../core/shells/shellWords.ts';

/** Output is shown at most this often; keys that are echoed need no longer. */
const frameMs = 16;
/** What a terminal takes in a frame without falling behind. */
const bytesPerFrame = 64 * 1024;
/** A terminal that is further behind than this goes on at the end: more lines than this do not stay in it anyway. */
const farBehindBytes = 1 << 20;
const interruptKey = '\u0003';
const faint = (text: string): string => `\u001B[0;2m${text}\u001B[0m`;

/** A terminal that follows one shell: what it said before, what it says, how it ended. Closing it ends nothing. */
export class ShellTerminal implements vscode.Pseudoterminal, Disposable {
  readonly #shell: Shell;
  readonly #clock: Clock;
  readonly #onProblem: (error: unknown) => void;
  readonly #store = new DisposableStore();
  readonly #written = this.#store.add(new vscode.EventEmitter<string>());
  readonly #frame = this.#store.add(new MutableDisposable<Disposable>());
  readonly #decoder = new TextDecoder('utf-8');
  readonly onDidWrite = this.#written.event;
  #offset = 0;
  #endsWithCr = false;
  #isOpen = false;
  #isReading = false;
  #hasToldEnd = false;
  #hasToldNoInput = false;

  constructor(shell: Shell, clock: Clock, onProblem: (error: unknown) => void) {
    this.#shell = shell;
    this.#clock = clock;
    this.#onProblem = onProblem;
  }

  open(dimensions: vscode.TerminalDimensions | undefined): void {
    this.#isOpen = true;
    this.#written.fire(`${faint(commandLabel(this.#shell.options.command))}\r\n`);
    if (dimensions !== undefined) {
      this.setDimensions(dimensions);
    }
    this.#store.add(this.#shell.onActivity(() => this.#schedule()));
    this.#schedule();
  }

  close(): void {
    this.#isOpen = false;
    this.#store.clear();
  }

  handleInput(data: string): void {
    const { options, isActive } = this.#shell;
    if (!isActive) {
      return;
    }
    if (options.tty) {
      this.#shell.write(data).catch((error: unknown) => this.#onProblem(error));
    } else if (data === interruptKey) {
      this.#shell.kill().catch((error: unknown) => this.#onProblem(error));
    } else if (!this.#hasToldNoInput) {
      this.#hasToldNoInput = true;
      this.#written.fire(`\r\n${faint(t('This shell takes no input. Ctrl+C ends it.'))}\r\n`);
    }
  }

  setDimensions({ columns, rows }: vscode.TerminalDimensions): void {
    if (this.#shell.options.tty && this.#shell.isActive) {
      this.#shell.resize(columns, rows).catch((error: unknown) => this.#onProblem(error));
    }
  }

  dispose(): void {
    this.close();
    this.#store.dispose();
  }

  #schedule(): void {
    this.#frame.value ??= this.#clock.after(frameMs, () => {
      this.#frame.value = undefined;
      void this.#show();
    });
  }

  async #show(): Promise<void> {
    if (this.#isReading || !this.#isOpen) {
      return;
    }
    this.#isReading = true;
    try {
      await this.#showNext();
    } catch (error) {
      this.#onProblem(error);
    } finally {
      this.#isReading = false;
    }
  }

  async #showNext(): Promise<void> {
    const { end } = this.#shell.output;
    if (end - this.#offset > farBehindBytes) {
      this.#skipTo(end - farBehindBytes / 2);
    }
    const read = await readStoredOutput(this.#shell, this.#offset, bytesPerFrame);
    if (!this.#isOpen) {
      return;
    }
    if (read !== undefined && read.bytes.length > 0) {
      if (read.from > this.#offset) {
        this.#skipTo(read.from);
      }
      this.#offset = read.from + read.bytes.length;
      this.#write(this.#decoder.decode(read.bytes, { stream: true }));
    }
    if (this.#offset < this.#shell.output.end && read !== undefined) {
      this.#schedule();
    } else if (!this.#shell.isActive) {
      this.#tellEnd();
    }
  }

  #skipTo(offset: number): void {
    this.#write(this.#decoder.decode());
    this.#written.fire(`\r\n${faint(t('… {0} bytes are not shown …', offset - this.#offset))}\r\n`);
    this.#offset = offset;
  }

  /** A pipe's lines end with a line feed only; a terminal would draw them as stairs. */
  #write(text: string): void {
    if (text === '') {
      return;
    }
    const shown = this.#shell.options.tty
      ? text
      : text.replace(/\r?\n/g, (found, at: number) => (at === 0 && found === '\n' && this.#endsWithCr ? '\n' : '\r\n'));
    this.#endsWithCr = text.endsWith('\r');
    this.#written.fire(shown);
  }

  #tellEnd(): void {
    if (this.#hasToldEnd) {
      return;
    }
    this.#hasToldEnd = true;
    this.#write(this.#decoder.decode());
    const { info } = this.#shell;
    this.#written.fire(`\r\n${faint(`[${shellStatusText(info)} · ${durationInWords(info.elapsedMs)}]`)}\r\n`);
  }
}
