// Stands in for the server's native log writer, which would have to be compiled: the same face, in plain JavaScript.
'use strict';
const fs = require('node:fs');
const path = require('node:path');

const levelNames = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];
/** A log that reaches its size starts anew, keeping one older file. */
const rotatedSuffix = '.1';

class Logger {
  #file;
  #maxBytes;
  #bytes = 0;
  #level = 2;
  #plain = false;

  constructor(_type, _name, file, maxBytes) {
    this.#file = file;
    this.#maxBytes = maxBytes;
    fs.mkdirSync(path.dirname(file), { recursive: true });
  }

  #write(level, message) {
    if (level < this.#level) return;
    const time = new Date().toISOString().replace('T', ' ').replace('Z', '');
    const line = this.#plain ? message : `${time} [${levelNames[level]}] ${message}\n`;
    try {
      fs.appendFileSync(this.#file, line);
      this.#bytes += Buffer.byteLength(line);
      if (this.#bytes < this.#maxBytes) return;
      fs.renameSync(this.#file, this.#file + rotatedSuffix);
      this.#bytes = 0;
    } catch {
      // The folder is gone when the server shuts down; a log must not fail its writer.
    }
  }

  trace(message) {
    this.#write(0, message);
  }
  debug(message) {
    this.#write(1, message);
  }
  info(message) {
    this.#write(2, message);
  }
  warn(message) {
    this.#write(3, message);
  }
  error(message) {
    this.#write(4, message);
  }
  critical(message) {
    this.#write(5, message);
  }
  getLevel() {
    return this.#level;
  }
  setLevel(level) {
    this.#level = level;
  }
  setPattern() {}
  clearFormatters() {
    this.#plain = true;
  }
  flush() {}
  drop() {}
}

const create = async (name, file, maxBytes, files) => new Logger('rotating', name, file, maxBytes, files);

exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = create;
exports.createAsyncRotatingLogger = create;
