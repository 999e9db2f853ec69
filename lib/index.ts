/** The public names of dscore. */
export { parse } from "./parse.ts";
export { differentiate, type DifferentiateOptions } from "./diff/differentiate.ts";
export { gradientProgram, hessian, hessianVectorProduct, jacobian } from "./diff/higher.ts";
export type { Derivation, Step } from "./diff/derivation.ts";
export { generate, type Generated, type GenerateOptions } from "./generate.ts";
export { compile, type CompileOptions, type Kernel, type KernelResult } from "./compile.ts";
export { derive, type Derived } from "./derive.ts";
export { value } from "./value.ts";
export { bind, type Binding, type Given, type InputValue, type Tensor } from "./bind.ts";
export { print, printDefinition, printProgram } from "./text/print.ts";
export { latex, latexDefinition, latexProgram } from "./text/latex.ts";
export * as build from "./text/build.ts";
export { fromMathjs } from "./text/mathjs.ts";
export { resolve } from "./expr/resolve.ts";
export { UserError, type Place } from "./errors.ts";
export type { Definition, Input, Program } from "./expr/program.ts";
export type { Expr, Index } from "./expr/node.ts";
