/**
 * A training run with its files: checkpoints while it lasts, the result when it is done.
 *
 * Each file is written under another name and then renamed, so that whenever the run is killed
 * the last checkpoint is whole; to go on from it gives the same bits as never to have stopped.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { parseNpz } from "../data/npz.ts";
import { writeNpz } from "../data/write-arrays.ts";
import { UserError } from "../errors.ts";
import { differences, formatRun, parseRun, type Run, type Settings } from "./archive.ts";
import type { Classifier } from "./classifier.ts";
import { descend, start, stepsPerEpoch, type Progress, type Schedule, type State } from "./descent.ts";
import type { Samples } from "./samples.ts";

export interface Plan {
  readonly classifier: Classifier;
  readonly training: Samples;
  readonly validation: Samples;
  readonly schedule: Schedule;
  readonly settings: Settings;
  readonly taken: Run["taken"];
  /** The result; checkpoints stand beside it. */
  readonly path: string;
  /** Steps between two checkpoints. */
  readonly every: number;
}

export const checkpointPath = (path: string): string => `${path.replace(/\.npz$/u, "")}.checkpoint.npz`;

/** Where a run begins: at the start, or with `resume` where its checkpoint or its result left it. */
export function begin({ classifier, schedule, settings, path }: Plan, resume: boolean): State {
  const saved = resume ? [checkpointPath(path), path].find((file) => existsSync(file)) : undefined;
  if (saved === undefined) return start(classifier, schedule);
  const run = parseRun(parseNpz(readFileSync(saved), saved), saved);
  const [difference] = differences(run.settings, settings);
  if (difference !== undefined)
    throw new UserError(`${saved} is of another run: ${difference}`, {
      fix: "give the same settings, or leave out --resume to begin anew",
    });
  return run.state;
}

/**
 * Runs to the end, with checkpoints; yields after each step. Where the consumer stops early, a
 * checkpoint of the last step remains.
 *
 * @throws UserError when the loss runs off; no file is changed by that.
 */
export function* session(plan: Plan, from: State): Generator<Progress, State> {
  const { classifier, training, validation, schedule, settings, taken, path, every } = plan;
  const save = (file: string, state: State): void => writeNpz(file, formatRun({ settings, state, taken }));
  let state = from;
  let stopped = true;
  try {
    for (const progress of descend(classifier, training, validation, schedule, from)) {
      state = progress.state;
      if (!Number.isFinite(progress.loss)) throw diverged(progress);
      if (state.step % every === 0) save(checkpointPath(path), state);
      yield progress;
    }
    stopped = false;
  } catch (error) {
    stopped = false;
    throw error;
  } finally {
    if (stopped) save(checkpointPath(path), state);
  }
  save(path, state);
  rmSync(checkpointPath(path), { force: true });
  return state;
}

const diverged = ({ state, loss }: Progress): UserError =>
  new UserError(`the loss is ${loss} at step ${state.step}: the steps are too long`, {
    fix: "a smaller --learning-rate, or a smaller --reg",
  });

/** All the steps of a plan. */
export const stepsOf = ({ training, schedule }: Plan): number =>
  schedule.epochs * stepsPerEpoch(training, schedule);
