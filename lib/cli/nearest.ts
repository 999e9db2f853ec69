/** What was probably meant. */
import { distance } from "../expr/functions.ts";

/** The words that are at most a third of their length away from `word`, nearest first. */
export function near(word: string, among: readonly string[]): readonly string[] {
  if (word.length > 40) return [];
  const wanted = word.toLowerCase();
  const begins = (c: string): boolean =>
    wanted.length >= 3 && (c.startsWith(wanted) || c.includes(`-${wanted}`));
  return among
    .map((c) => ({ c, d: begins(c) ? 0.5 : distance(wanted, c) }))
    .filter(({ c, d }) => d <= Math.max(1, Math.floor(Math.max(c.length, wanted.length) / 3)))
    .toSorted((a, b) => a.d - b.d)
    .map(({ c }) => c);
}

/** A remedy that names the nearest word, or all of them where none is near. */
export function remedy(
  word: string,
  among: readonly string[],
  say: (c: string) => string = (c) => c,
): string {
  const [nearest] = near(word, among);
  return nearest === undefined
    ? `choose among ${among.map(say).join(", ")}`
    : `did you mean ${say(nearest)}?`;
}
