/** What an example is: a question, and a program that answers it with figures. */
import type { Dataset } from "../lib/train/image-set.ts";

/** What an example works with and where its answer goes. */
export interface Stage {
  readonly dataset: Dataset;
  /** Whether a small run will do: for the specs. */
  readonly quick: boolean;
  /** Whether pictures may show images of the data set: not where they are published, unless dscore drew them. */
  readonly showsImages: boolean;
  /** A Python that has NumPy, where there is one. */
  readonly python: string | undefined;
  readonly print: (text: string) => void;
  readonly picture: (name: string, content: string | Uint8Array) => void;
}

export interface Example {
  /** In mathematics, what it is about. */
  readonly formula: string;
  readonly run: (stage: Stage) => Promise<void>;
}
