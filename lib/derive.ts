/**
 * The whole way of a loss, stage by stage. The command line and people with needs of
 * their own call the stages themselves; this is how they fit together.
 */
import { expectArgument, expectNames } from "./argument.ts";
import { compile, type Kernel } from "./compile.ts";
import type { Derivation } from "./diff/derivation.ts";
import { differentiate } from "./diff/differentiate.ts";
import type { Program } from "./expr/program.ts";
import { resolve } from "./expr/resolve.ts";
import { parseSyntax } from "./text/parse-syntax.ts";

export interface Derived {
  readonly program: Program;
  readonly derivation: Derivation;
  readonly kernel: Kernel;
}

/**
 * Text in, gradient and running code out.
 *
 * @throws UserError where the text is wrong, or `wrt` names what cannot be differentiated by.
 */
export function derive(text: string, wrt?: readonly string[]): Derived {
  expectArgument("derive", "text", text);
  if (wrt !== undefined) expectNames("wrt", wrt);
  const syntax = parseSyntax(text); //                       text ──▶ syntax: as written, with places
  const program = resolve(syntax); //                        ──▶ program: typed, indexed, interned
  const derivation = differentiate(program, { wrt }); //     ──▶ derivation: closed form, with its steps
  const kernel = compile(derivation, { style: "fused" }); // ──▶ loop nests ──▶ code ──▶ kernel
  return { program, derivation, kernel };
}
