interface Block {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  readonly input?: unknown;
  readonly tool_use_id?: string;
  readonly text?: string;
  readonly signature?: string;
  readonly content?: readonly Block[] | string;
  readonly cache_control?: unknown;
}
interface Sent {
  readonly role: string;
  readonly content: readonly Block[] | string;
}

/** Deeper than anything a tool takes. */
const maxDepth = 200;

/** Why this cannot be sent at all; undefined: it can. */
function valueProblem(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string') {
    return /\p{Surrogate}/u.test(value) ? 'The request body is not valid JSON: no low surrogate in string' : undefined;
  }
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  if (depth > maxDepth) {
    return 'The request body is not valid JSON: recursion limit exceeded';
  }
  for (const item of Object.values(value)) {
    const problem = valueProblem(item, depth + 1);
    if (problem !== undefined) {
      return problem;
    }
  }
  return undefined;
}

/** Why the Messages API would refuse this conversation; undefined: it would take it. */
export function messagesProblem(body: unknown): string | undefined {
  const { messages = [], thinking } = body as {
    readonly messages?: readonly Sent[];
    readonly thinking?: { readonly type: string };
  };
  const seen = new Set<string>();
  let open: readonly string[] = [];
  const invalid = valueProblem(body);
  if (invalid !== undefined) {
    return invalid;
  }
  if (messages[0]?.role !== 'user') {
    return 'messages: first message must use the "user" role';
  }
  if (messages.at(-1)?.role !== 'user') {
    return 'this model does not support assistant message prefill';
  }
  if (JSON.stringify(body).split('"cache_control"').length - 1 > 4) {
    return 'A maximum of 4 blocks with cache_control may be provided';
  }
  for (const [index, { role, content }] of messages.entries()) {
    const at = `messages.${index}`;
    const blocks: readonly Block[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    if (blocks.length === 0) {
      return `${at}: content must not be empty`;
    }
    const results = blocks.flatMap(({ tool_use_id }) => (tool_use_id === undefined ? [] : [tool_use_id]));
    if (role === 'user' && open.some((id) => !results.includes(id))) {
      return `${at}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${open.join(', ')}`;
    }
    if (results.some((id) => !open.includes(id))) {
      return `${at}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${results.join(', ')}`;
    }
    if (role === 'assistant' && open.length > 0) {
      return `${at}: \`tool_use\` ids were found without \`tool_result\` blocks: ${open.join(', ')}`;
    }
    const last = blocks.at(-1);
    if (role === 'assistant' && (last?.type === 'thinking' || last?.type === 'redacted_thinking')) {
      return `${at}: the final block in an assistant message cannot be \`thinking\``;
    }
    for (const block of blocks) {
      if (block.type === 'text' && (block.text ?? '').trim() === '') {
        return `${at}: text content blocks must contain non-whitespace text`;
      }
      if (block.type === 'thinking' && (block.signature ?? '') === '') {
        return `${at}: thinking blocks need their signature`;
      }
      if (block.id !== undefined && block.type === 'tool_use') {
        if (seen.has(block.id)) {
          return `${at}: \`tool_use\` ids must be unique`;
        }
        seen.add(block.id);
        if (!/^[a-zA-Z0-9_-]+$/.test(block.id) || !/^[a-zA-Z0-9_-]{1,128}$/.test(block.name ?? '')) {
          return `${at}: \`tool_use\` ids and names should match pattern '^[a-zA-Z0-9_-]{1,128}$'`;
        }
        if (typeof block.input !== 'object' || block.input === null || Array.isArray(block.input)) {
          return `${at}: \`tool_use.input\` should be an object`;
        }
      }
    }
    // A turn with calls that are answered now has to begin with thinking, where that is switched on in the older way.
    const isNewest =
      role === 'assistant' && index === messages.findLastIndex((message) => message.role === 'assistant');
    if (isNewest && thinking?.type === 'enabled' && blocks.some(({ type }) => type === 'tool_use')) {
      const first = blocks[0]?.type;
      if (first !== 'thinking' && first !== 'redacted_thinking') {
        return `${at}: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\``;
      }
    }
    open = role === 'assistant' ? blocks.flatMap(({ type, id = '' }) => (type === 'tool_use' ? [id] : [])) : [];
  }
  return undefined;
}
