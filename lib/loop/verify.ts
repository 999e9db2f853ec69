/**
 * The promises of a nest, checked:
 *
 * - a name is defined before it is used, once, and not used outside its block;
 * - only variables are assigned; inputs are never written;
 * - conditions are conditions, offsets and loop bounds are integers;
 * - a buffer is declared, its sizes have names, and it holds something before it is read;
 * - every result is there, and written, at the end.
 *
 * A breach is our own mistake: the error shows the statement and the loops around it.
 */
import { extentKey, type Extent } from "../expr/extent.ts";
import { parts, type Buffer, type Nest, type Scalar, type Statement } from "./nest.ts";
import { printScalar, printStatement } from "./print.ts";

interface Known {
  readonly type: Scalar["type"];
  readonly mutable: boolean;
}

/** Throws when a nest breaks a promise; otherwise does nothing. */
export function verify(nest: Nest): void {
  new Verifier(nest).run();
}

class Verifier {
  readonly #nest: Nest;
  readonly #buffers: ReadonlyMap<string, Buffer>;
  readonly #written = new Set<string>();
  /** The present statement and those around it, outermost first. */
  readonly #path: Statement[] = [];
  /** Names that open blocks have defined, in order. */
  readonly #defined: string[] = [];

  constructor(nest: Nest) {
    this.#nest = nest;
    this.#buffers = new Map(nest.buffers.map((b) => [b.name, b]));
  }

  run(): void {
    const { sizes, parameters, buffers, door, body, results } = this.#nest;
    const scope = new Map<string, Known>();
    const declare = (name: string, type: Known["type"]) => {
      if (scope.has(name)) this.#fail(`${name} is declared twice`);
      scope.set(name, { type, mutable: false });
    };
    for (const { name } of sizes) declare(name, "int");
    for (const { name, type } of parameters) declare(name, type);
    const sized = new Set(sizes.map((s) => extentKey(s.extent)));
    for (const { name, role, shape } of buffers) {
      if (scope.has(name)) this.#fail(`${name} is declared twice`);
      for (const extent of shape) this.#size(name, extent, sized);
      if (role === "input") this.#written.add(name);
    }
    if (this.#buffers.size !== buffers.length) this.#fail("two buffers share a name");
    this.#block(door, scope);
    this.#statements(body, scope);
    for (const { name, scalar } of results) this.#result(name, scalar, scope);
  }

  #size(name: string, extent: Extent, sized: ReadonlySet<string>): void {
    if (extent.kind !== "fixed" && !sized.has(extentKey(extent)))
      this.#fail(`${name} has an axis whose size has no name`);
  }

  #result(name: string, scalar: boolean, scope: ReadonlyMap<string, Known>): void {
    if (scalar ? !scope.has(name) : this.#buffers.get(name)?.role !== "result")
      this.#fail(`the result ${name} is not there at the end`);
    if (!scalar && !this.#written.has(name)) this.#fail(`the result ${name} is never written`);
  }

  /** Statements whose names are gone after them. */
  #block(statements: readonly Statement[], scope: Map<string, Known>): void {
    const outside = this.#defined.length;
    this.#statements(statements, scope);
    for (const name of this.#defined.splice(outside)) scope.delete(name);
  }

  #define(name: string, known: Known, scope: Map<string, Known>): void {
    scope.set(name, known);
    this.#defined.push(name);
  }

  #statements(statements: readonly Statement[], scope: Map<string, Known>): void {
    for (const statement of statements) {
      this.#path.push(statement);
      this.#statement(statement, scope);
      this.#path.pop();
    }
  }

  #statement(s: Statement, scope: Map<string, Known>): void {
    switch (s.kind) {
      case "comment":
        return;
      case "let":
        this.#scalar(s.value, scope);
        this.#compatible(s.value, s.type);
        if (scope.has(s.name) || this.#buffers.has(s.name)) this.#fail(`${s.name} is defined twice`);
        this.#define(s.name, { type: s.type, mutable: s.mutable }, scope);
        return;
      case "assign": {
        this.#scalar(s.value, scope);
        const known = scope.get(s.name);
        if (known === undefined) this.#fail(`${s.name} is assigned before it is defined`);
        else if (!known.mutable) this.#fail(`${s.name} is assigned, but it is a constant`);
        else this.#compatible(s.value, known.type);
        return;
      }
      case "store": {
        this.#integer(s.offset, scope);
        this.#scalar(s.value, scope);
        const buffer = this.#writable(s.buffer);
        this.#compatible(s.value, buffer.type);
        if (s.by !== "set") this.#holds(s.buffer);
        this.#written.add(s.buffer);
        return;
      }
      case "fill":
        this.#scalar(s.value, scope);
        this.#compatible(s.value, this.#writable(s.buffer).type);
        this.#written.add(s.buffer);
        return;
      case "for":
        this.#integer(s.from, scope);
        this.#integer(s.to, scope);
        if (scope.has(s.index)) this.#fail(`the loop index ${s.index} is defined already`);
        if (s.step !== undefined && !(Number.isInteger(s.step) && s.step > 0))
          this.#fail(`the step ${s.step} is no positive integer`);
        scope.set(s.index, { type: "int", mutable: false });
        this.#block(s.body, scope);
        scope.delete(s.index);
        return;
      case "contract":
        this.#contraction(s, scope);
        return;
      case "if":
        this.#condition(s.guard, scope);
        this.#block(s.yes, scope);
        this.#block(s.no, scope);
        return;
      case "require":
        this.#condition(s.guard, scope);
        for (const part of s.message) if (typeof part !== "string") this.#scalar(part, scope);
        return;
    }
  }

  #contraction(s: Extract<Statement, { kind: "contract" }>, scope: ReadonlyMap<string, Known>): void {
    const inner = new Map(scope);
    for (const { index, from, to } of [...s.frees, ...s.sums]) {
      this.#integer(from, scope);
      this.#integer(to, scope);
      if (inner.has(index)) this.#fail(`the index ${index} is defined already`);
      inner.set(index, { type: "int", mutable: false });
    }
    this.#integer(s.offset, inner);
    for (const factor of s.factors) {
      this.#scalar(factor, inner);
      if (readsBuffer(factor, s.buffer)) this.#fail(`${s.buffer} is read by what is added to it`);
    }
    if (s.factors.length === 0) this.#fail("a product has no factors");
    this.#writable(s.buffer);
    this.#holds(s.buffer);
  }

  #scalar(s: Scalar, scope: ReadonlyMap<string, Known>): void {
    for (const part of parts(s)) this.#scalar(part, scope);
    if (s.kind === "name") {
      const known = scope.get(s.name);
      if (known === undefined) this.#fail(`${s.name} is used before it is defined`);
      else if (known.type !== s.type) this.#fail(`${s.name} is ${known.type}, but is used as ${s.type}`);
    }
    if (s.kind === "load") {
      const buffer = this.#declared(s.buffer);
      if (buffer.type !== s.type) this.#fail(`${s.buffer} holds ${buffer.type}, but is read as ${s.type}`);
      if (s.offset.type !== "int") this.#fail(`the offset ${printScalar(s.offset)} is not an integer`);
      this.#holds(s.buffer);
    }
    if (s.kind === "select" && s.guard.type !== "bool")
      this.#fail(`${printScalar(s.guard)} is not a condition`);
  }

  #integer(s: Scalar, scope: ReadonlyMap<string, Known>): void {
    this.#scalar(s, scope);
    if (s.type !== "int") this.#fail(`${printScalar(s)} is not an integer`);
  }

  #condition(s: Scalar, scope: ReadonlyMap<string, Known>): void {
    this.#scalar(s, scope);
    if (s.type !== "bool") this.#fail(`${printScalar(s)} is not a condition`);
  }

  #compatible(s: Scalar, type: Scalar["type"]): void {
    const fits = s.type === type || (s.type === "int" && type === "real");
    if (!fits) this.#fail(`${printScalar(s)} is ${s.type}, where ${type} is wanted`);
  }

  #declared(name: string): Buffer {
    return this.#buffers.get(name) ?? this.#fail(`${name} is not a buffer`);
  }

  #writable(name: string): Buffer {
    const buffer = this.#declared(name);
    if (buffer.role === "input") this.#fail(`${name} is an input, but is written`);
    return buffer;
  }

  #holds(name: string): void {
    if (!this.#written.has(name)) this.#fail(`${name} is read before anything is in it`);
  }

  #fail(what: string): never {
    const nest = this.#path.map((s, depth) => `\n  ${"  ".repeat(depth)}${printStatement(s)[0]!}`).join("");
    throw new Error(`a loop nest broke its promise: ${what}${nest}`);
  }
}

const readsBuffer = (s: Scalar, buffer: string): boolean =>
  (s.kind === "load" && s.buffer === buffer) || parts(s).some((part) => readsBuffer(part, buffer));
