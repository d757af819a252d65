export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  /** -1 where the system has none, as for `session`. */
  readonly group: number;
  readonly session: number;
  readonly zombie: boolean;
  /** Digits, in the system's own unit; together with the pid it names the process for ever. */
  readonly startTime: string;
  /** The program's name, as short as the system keeps it. */
  readonly name: string;
}

/** `/proc/<pid>/stat`. */
export function parseStat(stat: string): ProcessEntry | undefined {
  // The name stands in parentheses and may hold anything, parentheses too.
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  const pid = Number(stat.slice(0, open));
  const fields = stat.slice(close + 2).split(' ');
  const startTime = fields[19];
  if (open < 1 || close < open || !Number.isInteger(pid) || startTime === undefined) {
    return undefined;
  }
  return {
    pid,
    parent: Number(fields[1]),
    group: Number(fields[2]),
    session: Number(fields[3]),
    zombie: fields[0] === 'Z' || fields[0] === 'X',
    startTime,
    name: stat.slice(open + 1, close),
  };
}

/** `ps -o pid=,ppid=,pgid=,stat=,lstart=,ucomm=` in English and UTC; the start time becomes seconds since 1970. */
export function parsePs(text: string): readonly ProcessEntry[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\w+\s+\w+\s+\d+\s+[\d:]+\s+\d+)\s+(.*?)\s*$/.exec(line);
    const startedAt = Date.parse(`${match?.[5] ?? ''} UTC`);
    if (match === null || Number.isNaN(startedAt)) {
      return [];
    }
    return [
      {
        pid: Number(match[1]),
        parent: Number(match[2]),
        group: Number(match[3]),
        session: -1,
        zombie: match[4]?.startsWith('Z') ?? false,
        startTime: String(startedAt / 1000),
        name: match[6] ?? '',
      },
    ];
  });
}

/** `ps -axEwwo pid=,command=`: the environment stands behind the arguments. */
export function parsePsMarks(text: string, variable: string): ReadonlyMap<number, string> {
  const pattern = new RegExp(String.raw`^\s*(\d+)\s.*\s${variable}=(\S+)`);
  return new Map(
    text.split('\n').flatMap((line) => {
      const match = pattern.exec(line);
      return match === null ? [] : [[Number(match[1]), match[2] ?? ''] as const];
    }),
  );
}

/** A line for each process: pid, parent, the ticks of its creation, its name. */
export function parseWindowsTable(text: string): readonly ProcessEntry[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+) (\d+) (\d+) (.*?)\s*$/.exec(line);
    if (match === null) {
      return [];
    }
    const [, pid, parent, startTime = '', name = ''] = match;
    return [{ pid: Number(pid), parent: Number(parent), group: -1, session: -1, zombie: false, startTime, name }];
  });
}
