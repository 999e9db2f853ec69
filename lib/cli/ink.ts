/** Colours: the few that the command line uses, or none. */
import { styleText } from "node:util";

export interface Ink {
  readonly heading: (text: string) => string;
  readonly name: (text: string) => string;
  readonly aside: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
}

type Format = Parameters<typeof styleText>[0];

export function ink(coloured: boolean): Ink {
  // The stream was asked in `io.ts`; styleText would ask standard output, whichever stream it is for.
  const painted =
    (format: Format) =>
    (text: string): string =>
      coloured ? styleText(format, text, { validateStream: false }) : text;
  return {
    heading: painted("bold"),
    name: painted("cyan"),
    aside: painted("dim"),
    good: painted("green"),
    bad: painted("red"),
  };
}
