/** What the event with this number says; of many different lengths, so that a lost or a repeated one is noticed. */
export function wordsOf(seq: number): string {
  return `<${seq}>${'äx🙂'.repeat(seq % 13 === 0 ? 3000 : seq % 5)}`;
}

/** What the agent answers in this turn. */
export function answerOf(turn: number): string {
  return `<${turn}>${'ö🙂 words '.repeat(turn % 5 === 0 ? 2000 : 10 + (turn % 7))}</${turn}>`;
}
