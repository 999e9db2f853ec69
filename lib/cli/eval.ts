/** `dscore eval`: the value and the gradients at a point. */
import { bind, type Given } from "../bind.ts";
import { compile, type Output } from "../compile.ts";
import type { Derivation } from "../diff/derivation.ts";
import { differentiate } from "../diff/differentiate.ts";
import { UserError } from "../errors.ts";
import { evaluate, type Table } from "../eval.ts";
import { isLayer, output } from "../expr/program.ts";
import { double } from "../number/double.ts";
import { value } from "../value.ts";
import { arrayText, type Shaped } from "./array-text.ts";
import { ink } from "./ink.ts";
import { inputFlag, only, readGiven } from "./inputs.ts";
import type { Io } from "./io.ts";
import { writeJson } from "./json.ts";
import { readLoss, wanted, type Loss } from "./loss.ts";
import { lossAbout, lossFlags, wrtFlag, type Call, type Verb } from "./verb.ts";

export const verb: Verb = {
  name: "eval",
  usage: "LOSS --input FILE [--wrt NAME…] [--target js|wasm|reference]",
  about: `The value of LOSS and its gradients at a point.\n${lossAbout}.\nA layer's gradients need d<output> among the inputs.`,
  operands: 1,
  flags: {
    ...lossFlags,
    input: inputFlag,
    wrt: wrtFlag,
    target: {
      value: "TARGET",
      among: ["js", "wasm", "reference"],
      about: "what computes: emitted js (default) or wasm, or the reference, slow and plain",
    },
  },
  examples: [
    "dscore eval hinge --input point.json",
    `echo '{"x": [1, 2], "t": [1, 1]}' | dscore eval -e 'mean(i, (x[i] - t[i])^2)' --input - --json`,
  ],
  run,
};

interface Result {
  readonly value: Output;
  readonly gradients: Readonly<Record<string, Output>>;
}

function run(call: Call, io: Io): number {
  const path = call.value("input");
  if (path === undefined) throw new UserError("no point is given", { fix: "--input FILE" });
  if (path === "-" && call.operands[0] === "-")
    throw new UserError("the loss and its inputs cannot both be standard input");
  const loss = readLoss(call, io);
  const given = readGiven(path, io);
  const upstream = missingUpstream(loss, given);
  const result =
    upstream === undefined ? gradients(call, loss, given) : { value: valueAlone(loss, given), gradients: {} };
  if (upstream !== undefined) {
    const shape = typeof result.value === "number" ? "" : ` of shape ${result.value.shape.join(" × ")}`;
    const what = `${output(loss.program).name} is a layer: its gradients need ${upstream}${shape} among the inputs`;
    if (call.has("wrt")) throw new UserError(what);
    io.err(`${ink(io.colour.err).aside("note:")} ${what}\n`);
  }
  if (call.has("json")) writeJson(io, asJson(result));
  else io.out(asText(result, output(loss.program).name, io));
  return 0;
}

/** The gradient that a layer's gradients start from, when it is not given. */
function missingUpstream({ program }: Loss, given: Given): string | undefined {
  const name = `d${output(program).name}`;
  return isLayer(program) && !Object.hasOwn(given, name) ? name : undefined;
}

function valueAlone({ program, within }: Loss, given: Given): Output {
  return plain(within(() => value(program, only(given, program.inputs))));
}

function gradients(call: Call, loss: Loss, given: Given): Result {
  return loss.within(() => {
    const derivation = differentiate(loss.program, { wrt: wanted(call, loss) });
    const own = only(given, derivation.inputs);
    return call.value("target") === "reference"
      ? byReference(derivation, own)
      : compile(derivation, { target: call.value("target") === "wasm" ? "wasm" : "js", style: "fused" })(own);
  });
}

function byReference(derivation: Derivation, given: Given): Result {
  const values = evaluate(derivation.definitions, bind(derivation, given), double);
  const named = [...derivation.gradients].map(([of, name]) => [of, plain(values.get(name)!)]);
  return { value: plain(values.get(derivation.value)!), gradients: Object.fromEntries(named) };
}

const plain = ({ shape, data }: Table<number>): Output =>
  shape.length === 0 ? data[0]! : { shape, data: Float64Array.from(data) };

const asJson = ({ value, gradients }: Result): unknown => ({
  value: typeof value === "number" ? value : shaped(value),
  gradients: Object.fromEntries(
    Object.entries(gradients).map(([name, gradient]) => [name, shaped(gradient)]),
  ),
});

/** An array, or a number as an array without axes. */
const shaped = (of: Output): Shaped =>
  typeof of === "number" ? { shape: [], data: [of] } : { shape: of.shape, data: [...of.data] };

function asText({ value, gradients }: Result, name: string, io: Io): string {
  const paint = ink(io.colour.out);
  const rows = [
    [name, value] as const,
    ...Object.entries(gradients).map(([of, gradient]) => [`d${of}`, gradient] as const),
  ];
  return rows.map(([name, of]) => `${arrayText(name, shaped(of), paint)}\n`).join("");
}
