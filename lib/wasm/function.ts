/**
 * The body of a function, written statement after statement.
 *
 *   const f = module.function("square", ["f64"], "f64");
 *   const x = f.parameter(0);
 *   f.finish(op("f64.mul", x, x));
 *
 * `keep` evaluates an expression where it stands and returns what stands for its value from then on.
 */
import {
  block,
  branch,
  branchIf,
  choose,
  get,
  loop,
  sequence,
  set,
  type Callee,
  type Code,
  type Label,
  type Local,
} from "./code.ts";
import type { Bytes } from "./bytes.ts";
import type { ValueType } from "./instructions.ts";

export class FunctionBuilder implements Callee {
  readonly name: string;
  readonly takes: readonly ValueType[];
  readonly gives: ValueType | "none";
  readonly #locals: ValueType[];
  /** Statements of the blocks that are being written, innermost last. */
  readonly #open: Code[][] = [[]];
  readonly #data = new Map<number, Bytes>();
  #result: Code | undefined;

  constructor(name: string, takes: readonly ValueType[], gives: ValueType | "none") {
    this.name = name;
    this.takes = takes;
    this.gives = gives;
    this.#locals = [...takes];
  }

  /** The types of the locals that are not parameters. */
  get locals(): readonly ValueType[] {
    return this.#locals.slice(this.takes.length);
  }

  /** What must stand in memory, by address. */
  get data(): ReadonlyMap<number, Bytes> {
    return this.#data;
  }

  /** Says that these bytes must stand in memory at an address, whoever calls the function. */
  needs(at: number, bytes: Bytes): void {
    this.#data.set(at, bytes);
  }

  /** The whole body. */
  get body(): Code {
    if (this.#open.length !== 1) throw new Error(`${this.name} has a block without its end`);
    return sequence(this.#open[0]!, this.#result);
  }

  parameter(n: number): Code {
    return get(this.parameterLocal(n));
  }

  parameterLocal(n: number): Local {
    return { type: this.takes[n]!, index: n };
  }

  /** A new local; 0 at the beginning. */
  local(type: ValueType): Local {
    return { type, index: this.#locals.push(type) - 1 };
  }

  /** Appends a statement. */
  emit(statement: Code): void {
    this.#open.at(-1)!.push(statement);
  }

  set(local: Local, value: Code): void {
    this.emit(set(local, value));
  }

  /** Evaluates now, once; returns the value. */
  keep(value: Code): Code {
    if (value.type === "none") throw new Error(`${this.name} keeps a statement`);
    const local = this.local(value.type);
    this.set(local, value);
    return get(local);
  }

  /** Statements that `write` appends, as one. When it throws, they are gone. */
  inside(write: () => void): Code {
    return this.valueInside(() => {
      write();
      return undefined;
    });
  }

  /** A statement so many times. */
  times(count: number, statement: Code): Code {
    return sequence(Array.from({ length: count }, () => statement));
  }

  /** What `write` returns, after the statements that it appends. */
  valueInside(write: () => Code): Code;
  valueInside(write: () => undefined): Code;
  valueInside(write: () => Code | undefined): Code {
    const statements: Code[] = [];
    this.#open.push(statements);
    try {
      return sequence(statements, write());
    } finally {
      this.#open.pop();
    }
  }

  if(condition: Code, yes: () => void, no?: () => void): void {
    const then = this.inside(yes);
    this.emit(no === undefined ? choose(condition, then) : choose(condition, then, this.inside(no)));
  }

  /** A value by a condition; only the side that is wanted is evaluated. */
  choice(condition: Code, yes: () => Code, no: () => Code): Code {
    return choose(condition, this.valueInside(yes), this.valueInside(no));
  }

  /** Statements that a branch to `exit` leaves. */
  block(write: (exit: Label) => void): void {
    const exit = { name: "exit" };
    this.emit(
      block(
        exit,
        this.inside(() => write(exit)),
      ),
    );
  }

  /** Statements that a branch to `again` repeats; without one they run once. */
  loop(write: (again: Label) => void): void {
    const again = { name: "again" };
    this.emit(
      loop(
        again,
        this.inside(() => write(again)),
      ),
    );
  }

  branch(to: Label): void {
    this.emit(branch(to));
  }

  branchIf(to: Label, condition: Code): void {
    this.emit(branchIf(to, condition));
  }

  /** The function's value. */
  finish(value: Code): void {
    if (value.type !== this.gives) throw new Error(`${this.name} gives ${this.gives}, not ${value.type}`);
    this.#result = value;
  }
}
