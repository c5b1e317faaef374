// The arrow keys lead through what was asked before.

export interface Walk {
  /** Earlier questions, the newest first. */
  inputs: readonly string[];
  /** Which one is shown; -1 is what was being typed. */
  at: number;
  typed: string;
}

export const start = (inputs: readonly string[], typed: string): Walk => ({
  inputs: inputs.filter((text) => text !== typed),
  at: -1,
  typed,
});

/** One step back (1) or forth (-1); the same walk where there is nothing further. */
export function step(walk: Walk, by: 1 | -1): Walk {
  const at = walk.at + by;
  return at < -1 || at >= walk.inputs.length ? walk : { ...walk, at };
}

export const shown = ({ inputs, at, typed }: Walk) =>
  at < 0 ? typed : (inputs[at] ?? typed);
