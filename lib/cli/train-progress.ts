/** The line that moves while a classifier is trained; nothing where no terminal shows it. */
import type { Progress, State } from "../train/descent.ts";
import { stepsOf, type Plan } from "../train/session.ts";
import { bar, percent } from "../train/terminal.ts";
import type { Io } from "./io.ts";

export interface ProgressLine {
  readonly show: (progress: Progress) => void;
  readonly clear: () => void;
}

/** Milliseconds between two drawings. */
const pause = 100;

export function progressLine(plan: Plan, from: State, io: Io): ProgressLine {
  if (io.live !== true) return { show: () => {}, clear: () => {} };
  const started = performance.now();
  const perStep = plan.schedule.batch;
  let shown = 0;
  return {
    show: ({ state, loss }) => {
      const now = performance.now();
      if (now - shown < pause) return;
      shown = now;
      const speed = ((state.step - from.step) * perStep * 1000) / (now - started);
      const validation = state.epochs.at(-1)?.validation ?? NaN;
      const all = stepsOf(plan);
      io.err(
        `\r${bar(state.step / all)} ${state.step}/${all}  loss ${loss.toPrecision(4)}  validation ${percent(validation)}  ${Math.round(speed)} images/s\x1b[K`,
      );
    },
    clear: () => io.err("\r\x1b[K"),
  };
}
