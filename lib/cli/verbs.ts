/** The verbs. Each is loaded only when it is called, so that none pays for what another needs. */
import type { Verb } from "./verb.ts";

interface Row {
  readonly about: string;
  readonly load: () => Promise<{ readonly verb: Verb }>;
}

// prettier-ignore
export const verbs: Readonly<Record<string, Row>> = {
  list:     { about: "the catalogue of losses and layers",                load: () => import("./list.ts") },
  derive:   { about: "the gradient in closed form, and how it came",      load: () => import("./derive.ts") },
  generate: { about: "code that computes the value and the gradients",    load: () => import("./generate.ts") },
  eval:     { about: "the value and the gradients at a point",            load: () => import("./eval.ts") },
  check:    { about: "whether a gradient is right, kinks included",       load: () => import("./check.ts") },
  train:    { about: "a classifier of images, trained by a loss",        load: () => import("./train.ts") },
  accuracy: { about: "how many ulp the code is off, by regime",           load: () => import("./accuracy.ts") },
  kinks:    { about: "why a gradient check fails at kinks, and how often", load: () => import("./kinks.ts") },
  tour:     { about: "all of it once, on a built-in example",             load: () => import("./tour.ts") },
};
