/** What functions are without rounding. */
import type { Arithmetic } from "../../../lib/number/field.ts";
import type { Wide } from "../../../lib/number/wide/wide.ts";
import type { Format } from "../../../lib/wasm/functions/lanes.ts";
import { erf, erfc } from "./erfc.ts";
import { exact } from "./error.ts";
import { lanesOf } from "./points.ts";

/** The function of these numbers; of roundoff and mulroundoff, what the format's own sum or product loses. */
export function truth(name: Arithmetic, args: readonly number[], format: Format): Wide {
  const [x, ...more] = args.map(exact.fromNumber);
  switch (name) {
    case "erf":
      return erf(x!);
    case "erfc":
      return erfc(x!);
    case "log2":
      return exact.functions.div(exact.functions.log(x!), exact.functions.log(exact.fromNumber(2)));
    case "log10":
      return exact.functions.div(exact.functions.log(x!), exact.functions.log(exact.fromNumber(10)));
    case "roundoff": {
      const sum = lanesOf(format).add(args[0]!, args[1]!);
      return exact.functions.sub(exact.functions.add(x!, more[0]!), exact.fromNumber(sum));
    }
    case "mulroundoff": {
      const product = lanesOf(format).mul(args[0]!, args[1]!);
      return exact.functions.sub(exact.functions.mul(x!, more[0]!), exact.fromNumber(product));
    }
    default:
      return exact.functions[name](x!, ...more);
  }
}
