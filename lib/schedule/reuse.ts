/** Elements of arrays that a loop's body reads more than once, or right after it has computed them, as constants. */
import { Names } from "../loop/identifier.ts";
import { named, parts, type Nest, type Scalar, type Statement } from "../loop/nest.ts";
import { printScalar } from "../loop/print.ts";
import { verify } from "../loop/verify.ts";
import { replaced, rewritten, type Replace } from "../loop/rewrite.ts";
import { effectsOf } from "./effects.ts";

type Load = Extract<Scalar, { kind: "load" }>;

/** The nest with each element of an innermost loop read once. Engines of JavaScript do not see that a store leaves it alone. */
export function reuseElements(nest: Nest): Nest {
  const names = new Names();
  const { defines } = effectsOf([...nest.door, ...nest.body]);
  for (const { name } of [...nest.sizes, ...nest.parameters, ...nest.buffers]) names.fresh(name);
  for (const name of defines) names.fresh(name);
  const reused = { ...nest, body: readOnce(nest.body, names) };
  verify(reused);
  return reused;
}

function readOnce(statements: readonly Statement[], names: Names): readonly Statement[] {
  return statements.map((s) => {
    if (s.kind === "if") return { ...s, yes: readOnce(s.yes, names), no: readOnce(s.no, names) };
    if (s.kind !== "for") return s;
    const innermost = s.body.every((t) => t.kind === "let" || t.kind === "assign" || isQuiet(t));
    return { ...s, body: innermost ? new Body(s.body, s.index, names).out : readOnce(s.body, names) };
  });
}

const isQuiet = (s: Statement): boolean => s.kind === "store" || s.kind === "comment" || s.kind === "if";

/** A loop's body, written anew from its first statement to its last. */
class Body {
  readonly out: Statement[] = [];
  readonly #index: string;
  readonly #names: Names;
  /** What holds the value of an element, by how that is written. */
  readonly #known = new Map<string, { readonly buffer: string; readonly value: Scalar }>();
  /** Constants that were only another name for such a value. */
  #aliases: ReadonlyMap<string, Scalar> = new Map();

  constructor(body: readonly Statement[], index: string, names: Names) {
    this.#index = index;
    this.#names = names;
    for (const [n, s] of body.entries()) this.#add(s, body.slice(n));
  }

  #add(s: Statement, onwards: readonly Statement[]): void {
    const alone = s.kind === "let" && !s.mutable && s.value.kind === "load";
    if (!alone)
      for (const load of evaluated(s))
        if (!this.#known.has(printScalar(load)) && timesRead(onwards, load) > 1) this.#hold(load, load);
    const written = new Set(effectsOf([s]).accesses.flatMap((a) => (a.kind === "load" ? [] : [a.buffer])));
    const now = this.#rewritten(s, this.#replace(s.kind === "if" ? written : new Set()));
    for (const [key, { buffer }] of this.#known) if (written.has(buffer)) this.#known.delete(key);
    if (now.kind === "let" && !now.mutable && s.kind === "let" && s.value.kind === "load") {
      if (now.value.kind !== "load") {
        this.#aliases = new Map([...this.#aliases, [now.name, now.value]]);
        return;
      }
      this.#known.set(printScalar(now.value), { buffer: now.value.buffer, value: named(now.name, now.type) });
    }
    this.out.push(now.kind === "store" ? this.#stored(now, onwards.slice(1)) : now);
  }

  /** A store whose value is read again by and by keeps it in a constant. */
  #stored(s: Extract<Statement, { kind: "store" }>, later: readonly Statement[]): Statement {
    const element: Load = { kind: "load", type: s.value.type, buffer: s.buffer, offset: s.offset };
    if (s.by !== "set" || s.value.type !== "real" || timesRead(later, element) === 0) return s;
    return { ...s, value: this.#hold(element, s.value) };
  }

  #hold({ buffer, offset }: Load, value: Scalar): Scalar {
    const along = namesIn(offset);
    const index = along.includes(this.#index) ? this.#index : (along.at(-1) ?? this.#index);
    const name = this.#names.fresh(`${buffer}_${index}`);
    this.out.push({ kind: "let", name, type: value.type, value, mutable: false });
    const held = named(name, value.type);
    this.#known.set(printScalar({ kind: "load", type: value.type, buffer, offset }), { buffer, value: held });
    return held;
  }

  /** The statement with what is known in it; constants of branches that are only another name for it are left out. */
  #rewritten(s: Statement, by: Replace): Statement {
    if (s.kind !== "if") return rewritten(s, by);
    const around = this.#aliases;
    const branch = (inner: readonly Statement[]): readonly Statement[] => {
      this.#aliases = around;
      return inner.flatMap((t) => {
        const now = this.#rewritten(t, by);
        const alias = now.kind === "let" && !now.mutable && now.value.kind === "name";
        if (!alias || t.kind !== "let" || t.value.kind !== "load") return [now];
        this.#aliases = new Map([...this.#aliases, [now.name, now.value]]);
        return [];
      });
    };
    const made: Statement = { ...s, guard: replaced(s.guard, by), yes: branch(s.yes), no: branch(s.no) };
    this.#aliases = around;
    return made;
  }

  #replace(except: ReadonlySet<string>): Replace {
    return (s) => {
      if (s.kind === "name") return this.#aliases.get(s.name);
      return s.kind === "load" && !except.has(s.buffer) ? this.#known.get(printScalar(s))?.value : undefined;
    };
  }
}

const namesIn = (s: Scalar): readonly string[] => (s.kind === "name" ? [s.name] : parts(s).flatMap(namesIn));

/** The reals that a statement loads whatever happens: not those in one side of a choice, which may be outside of their array. */
function evaluated(s: Statement): readonly Load[] {
  const found: Load[] = [];
  const visit: Replace = (v) => {
    if (v.kind === "load" && v.type === "real") found.push(v);
    const lazy = v.kind === "select" ? v.guard : isLazy(v) ? v.args[0] : undefined;
    if (lazy === undefined) return undefined;
    replaced(lazy, visit);
    return v;
  };
  if (s.kind === "let" || s.kind === "assign" || s.kind === "store") replaced(s.value, visit);
  else if (s.kind === "if") replaced(s.guard, visit);
  return found;
}

const isLazy = (s: Scalar): s is Extract<Scalar, { kind: "apply" }> =>
  s.kind === "apply" && (s.op === "and" || s.op === "or");

/** How often an element is read until its array is written to. */
function timesRead(statements: readonly Statement[], load: Load): number {
  const wanted = printScalar(load);
  let times = 0;
  for (const s of statements) {
    rewritten(s, (v) => {
      if (v.kind === "load" && printScalar(v) === wanted) times++;
      return undefined;
    });
    if (effectsOf([s]).accesses.some((a) => a.kind !== "load" && a.buffer === load.buffer)) break;
  }
  return times;
}
