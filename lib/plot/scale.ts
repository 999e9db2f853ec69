/** Axes: numbers to positions, with ticks at round numbers. */

export interface Scale {
  readonly position: (x: number) => number;
  readonly ticks: readonly Tick[];
}

export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** From `domain` to `range`, both as [start, end]. An empty domain is widened. */
export function linear(
  domain: readonly [number, number],
  [from, to]: readonly [number, number],
  count = 5,
): Scale {
  const [low, high] = widened(domain);
  const position = (x: number): number => from + ((x - low) / (high - low)) * (to - from);
  const step = roundStep((high - low) / count);
  const first = Math.ceil(low / step);
  const number = Math.floor(high / step) - first + 1;
  const ticks = Array.from({ length: Math.max(0, number) }, (_, n) => (first + n) * step);
  return { position, ticks: ticks.map((x) => ({ at: position(x), label: tickLabel(x, step) })) };
}

/** Powers of ten, for a positive domain. */
export function logarithmic(
  [low, high]: readonly [number, number],
  [from, to]: readonly [number, number],
): Scale {
  const [a, b] = [Math.log10(low), Math.log10(high)];
  const position = (x: number): number => from + ((Math.log10(x) - a) / (b - a)) * (to - from);
  const first = Math.ceil(a - 1e-9);
  const powers = Array.from({ length: Math.floor(b + 1e-9) - first + 1 }, (_, n) => first + n);
  return {
    position,
    ticks: powers.map((p) => ({ at: position(10 ** p), label: `1e${p}`.replace("-", "−") })),
  };
}

function widened([low, high]: readonly [number, number]): readonly [number, number] {
  if (high > low) return [low, high];
  const room = Math.abs(low) * 0.1 || 1;
  return [low - room, high + room];
}

/** 1, 2 or 5 times a power of ten, at least `least`. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return power * ([1, 2, 5].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10);
}

function tickLabel(x: number, step: number): string {
  if (Math.abs(x) < step / 1e6) return "0";
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  if (digits > 4 || Math.abs(x) >= 1e5)
    return x
      .toExponential(
        Math.max(0, Math.floor(Math.log10(Math.abs(x)) + 1e-9) - Math.floor(Math.log10(step) + 1e-9)),
      )
      .replace("e+", "e")
      .replaceAll("-", "−");
  return x.toFixed(digits).replace("-", "−");
}
