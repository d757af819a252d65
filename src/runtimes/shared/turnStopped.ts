/** The turn is over for everything in it: the person stopped it, or took back what it waited for. */
export class TurnStopped extends Error {}
