import { asArray, asRecord, asString, type JsonRecord } from '../../base/json.ts';
import type { RuntimeEvent } from '../../core/sessionEvents.ts';

type TaskEvent = Extract<RuntimeEvent, { readonly type: 'backgroundTask' }>;
type EndStatus = Exclude<TaskEvent['status'], 'running'>;

/** The oldest are forgotten beyond this many: the CLI stops its own long before. */
const maxTasks = 64;
/** Calls and ends that are remembered. */
const maxRemembered = 256;

/**
 * What the CLI runs beside its turns, from what its lines say. Versions differ: the newest list what runs; 2.1.197 says
 * when something begins, in the background or not, and when it ends; 2.0.77 says only in the result of the call that it
 * has begun.
 */
export class BackgroundTasks {
  readonly #running = new Map<string, TaskEvent>();
  /** The titles of calls, which a task's own description is no match for. */
  readonly #titles = new Map<string, string>();
  readonly #ended = new Set<string>();
  #listedCount: number | undefined;
  #tellsEnds = false;

  /** How many run, if their end will be told. */
  get waitedFor(): number {
    return this.#listedCount ?? (this.#tellsEnds ? this.#running.size : 0);
  }

  observeCall(id: string, title: string): void {
    this.#titles.set(id, title);
    dropOldest(this.#titles);
  }

  /** A `system` line about tasks. */
  observe(subtype: string, line: JsonRecord): readonly TaskEvent[] {
    this.#tellsEnds = true;
    switch (subtype) {
      case 'background_tasks_changed':
        return this.#listed(asArray(line['tasks']).map(asRecord));
      case 'task_started':
        return line['is_backgrounded'] === true ? this.#begin(line) : [];
      case 'task_updated':
        return this.#end(line['task_id'], asRecord(line['patch'])['status']);
      default:
        return this.#end(line['task_id'], line['status']);
    }
  }

  /** The structured side of a call's result. */
  observeResult(toolCallId: string, structured: unknown): readonly TaskEvent[] {
    const { backgroundTaskId, status: said, agentId, description, task, shell_id: stopped } = asRecord(structured);
    if (backgroundTaskId !== undefined) {
      return this.#begin({ task_id: backgroundTaskId, tool_use_id: toolCallId, task_type: 'local_bash' });
    }
    if (said === 'async_launched') {
      return this.#begin({ task_id: agentId, tool_use_id: toolCallId, task_type: 'local_agent', description });
    }
    const { task_id: taskId, status } = asRecord(task);
    return [...this.#end(taskId, status), ...this.#end(stopped, 'killed')];
  }

  endAll(): readonly TaskEvent[] {
    return [...this.#running.keys()].flatMap((taskId) => this.#end(taskId, 'stopped'));
  }

  #listed(tasks: readonly JsonRecord[]): readonly TaskEvent[] {
    this.#listedCount = tasks.length;
    const ids = new Set(tasks.map((task) => task['task_id']));
    // How one ended is told before the list is; one of which nothing was told is gone all the same.
    const gone = [...this.#running.keys()].filter((taskId) => !ids.has(taskId));
    return [...gone.flatMap((taskId) => this.#end(taskId, 'stopped')), ...tasks.flatMap((task) => this.#begin(task))];
  }

  #begin(facts: JsonRecord): readonly TaskEvent[] {
    const taskId = asString(facts['task_id']);
    // The result of a call may come after the end of what it began.
    if (taskId === undefined || this.#ended.has(taskId)) {
      return [];
    }
    const known = this.#running.get(taskId);
    const toolCallId = asString(facts['tool_use_id']) ?? known?.toolCallId;
    const command = toolCallId === undefined ? '' : (this.#titles.get(toolCallId) ?? '');
    const event: TaskEvent = {
      type: 'backgroundTask',
      status: 'running',
      taskId,
      kind: known?.kind ?? kindOf(facts['task_type']),
      title: command === '' ? (asString(facts['description']) ?? known?.title ?? '') : command,
      ...(toolCallId === undefined ? {} : { toolCallId }),
    };
    if (known?.title === event.title && known.toolCallId === toolCallId) {
      return [];
    }
    this.#running.set(taskId, event);
    const [oldest] = this.#running.keys();
    const dropped = this.#running.size > maxTasks ? this.#end(oldest, 'stopped') : [];
    return [...dropped, event];
  }

  #end(id: unknown, said: unknown): readonly TaskEvent[] {
    const task = typeof id === 'string' ? this.#running.get(id) : undefined;
    const status = endStatus(said);
    if (task === undefined || status === undefined) {
      return [];
    }
    this.#running.delete(task.taskId);
    this.#ended.add(task.taskId);
    dropOldest(this.#ended);
    return [{ ...task, status }];
  }
}

function dropOldest(remembered: Map<string, unknown> | Set<string>): void {
  const [oldest] = remembered.keys();
  if (remembered.size > maxRemembered && oldest !== undefined) {
    remembered.delete(oldest);
  }
}

function kindOf(taskType: unknown): TaskEvent['kind'] {
  switch (taskType) {
    case 'local_bash':
      return 'shell';
    case 'local_agent':
    case 'remote_agent':
      return 'agent';
    default:
      return 'other';
  }
}

function endStatus(said: unknown): EndStatus | undefined {
  switch (said) {
    case 'completed':
    case 'failed':
    case 'stopped':
      return said;
    case 'killed':
      return 'stopped';
    default:
      return undefined;
  }
}
