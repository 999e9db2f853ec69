/**
 * Gates that kink along the same plane are one gate, and may cancel.
 *
 * S = max(a, b) is b + max(a − b, 0), so gates that only the root reads amount to
 * linear parts and to Γ·max(n·d, 0) for each plane normal n, where Γ adds up. In
 * relu(x) − relu(−x) it adds up to 0: the function is smooth, its slope is in the
 * linear part, and the value of any single rule at the kink is beside the point.
 */
import type { Form, Gate, GateTerm, Local } from "./gates.ts";
import { subtract, type Slopes } from "./slopes.ts";
import { unit } from "./settle.ts";

/** The same local model with as few gates as can be seen at once. */
export function merged(local: Local): Local {
  const inlined = withoutAliases(local);
  const lonely = readByRootOnly(inlined);
  const root = new Sum(inlined.root.coordinates);
  const planes = new Planes();
  const lengths = new Lengths();
  const kept: Gate[] = [];
  const renumbered = new Map<number, number>();
  const terms: GateTerm[] = [];
  const coefficients = new Map(inlined.root.gates.map((t) => [t.gate, t]));
  for (const [number, gate] of inlined.gates.entries()) {
    const term = coefficients.get(number);
    if (lonely.has(number)) {
      if (term === undefined || term.coefficient === 0) continue;
      if (gate.takes === "length") lengths.add(gate, term);
      else fold(gate, term, root, planes);
      continue;
    }
    renumbered.set(number, kept.length);
    kept.push({ ...gate, options: gate.options.map((form) => renumber(form, renumbered)) });
    if (term !== undefined) terms.push({ ...term, gate: kept.length - 1 });
  }
  for (const { gate, coefficient, slack } of lengths.all()) {
    if (Math.abs(coefficient) <= slack) continue;
    terms.push({ gate: kept.length, coefficient, slack });
    kept.push(gate);
  }
  for (const plane of planes.all()) {
    if (Math.abs(plane.bend) <= plane.slack) continue;
    terms.push({ gate: kept.length, coefficient: plane.bend, slack: plane.slack });
    kept.push({
      nodes: plane.nodes,
      takes: "greatest",
      options: [{ coordinates: plane.normal, gates: [] }, nowhere],
    });
  }
  return { ...local, root: { coordinates: root.slopes(), gates: terms }, gates: kept };
}

const nowhere: Form = { coordinates: { nodes: [], slope: [], slack: [] }, gates: [] };

/** c·max(a, b) = c·b + c·max(a − b, 0), and c·min(a, b) = c·a − c·max(a − b, 0). */
function fold(gate: Gate, { coefficient, slack }: GateTerm, root: Sum, planes: Planes): void {
  const [a, b] = gate.options as [Form, Form];
  const greatest = gate.takes === "greatest";
  const row = subtract(a.coordinates, b.coordinates);
  root.add((greatest ? b : a).coordinates, coefficient);
  const bend = greatest ? coefficient : -coefficient;
  const { plane, ratio } = planes.of(row);
  plane.nodes.push(...gate.nodes);
  plane.bend += bend * Math.abs(ratio);
  plane.slack += Math.abs(ratio) * (64 * unit * Math.abs(bend) + slack);
  if (ratio < 0) root.add(plane.normal, bend * ratio); // max(−t, 0) = max(t, 0) − t
}

interface Plane {
  readonly normal: Slopes;
  readonly nodes: number[];
  bend: number;
  slack: number;
}

class Planes {
  readonly #bySupport = new Map<string, Plane[]>();

  /** The plane of a normal, and the ratio of the normal to that of the plane. */
  of(row: Slopes): { plane: Plane; ratio: number } {
    const support = row.nodes.join();
    let near = this.#bySupport.get(support);
    if (near === undefined) this.#bySupport.set(support, (near = []));
    for (const plane of near) {
      const ratio = ratioOf(row, plane.normal);
      if (ratio !== undefined) return { plane, ratio };
    }
    const plane: Plane = { normal: row, nodes: [], bend: 0, slack: 0 };
    near.push(plane);
    return { plane, ratio: 1 };
  }

  all(): readonly Plane[] {
    return [...this.#bySupport.values()].flat();
  }
}

/** Lengths of vectors, those that are multiples of one another as one. */
class Lengths {
  readonly #byEntries = new Map<string, { gate: Gate; coefficient: number; slack: number }[]>();

  add(gate: Gate, { coefficient, slack }: GateTerm): void {
    const key = gate.options.map((o) => o.coordinates.nodes.join()).join(";");
    let near = this.#byEntries.get(key);
    if (near === undefined) this.#byEntries.set(key, (near = []));
    for (const [n, known] of near.entries()) {
      const ratio = lengthRatio(gate, known.gate);
      if (ratio === undefined) continue;
      near[n] = {
        gate: { ...known.gate, nodes: [...known.gate.nodes, ...gate.nodes] },
        coefficient: known.coefficient + ratio * coefficient,
        slack: known.slack + ratio * (64 * unit * Math.abs(coefficient) + slack),
      };
      return;
    }
    near.push({ gate, coefficient, slack });
  }

  all(): readonly { readonly gate: Gate; readonly coefficient: number; readonly slack: number }[] {
    return [...this.#byEntries.values()].flat();
  }
}

/** The t for which |x| = t·|y|, when each entry of x is t or −t times that of y. */
function lengthRatio(x: Gate, y: Gate): number | undefined {
  let common: number | undefined;
  for (const [n, { coordinates }] of x.options.entries()) {
    const ratio = ratioOf(coordinates, y.options[n]!.coordinates);
    if (ratio === undefined) return undefined;
    common ??= Math.abs(ratio);
    if (Math.abs(Math.abs(ratio) - common) > 1e-12 * common) return undefined;
  }
  return common;
}

/** The t for which x = t·y within slack; the supports are equal. */
function ratioOf(x: Slopes, y: Slopes): number | undefined {
  let largest = 0;
  for (let n = 1; n < y.slope.length; n++)
    if (Math.abs(y.slope[n]!) > Math.abs(y.slope[largest]!)) largest = n;
  const ratio = x.slope[largest]! / y.slope[largest]!;
  for (let n = 0; n < x.slope.length; n++) {
    const gap = Math.abs(x.slope[n]! - ratio * y.slope[n]!);
    if (!(gap <= 2 * (x.slack[n]! + Math.abs(ratio) * y.slack[n]!))) return undefined;
  }
  return ratio;
}

/** Slopes that are added up. */
class Sum {
  readonly #entries = new Map<number, { slope: number; slack: number }>();

  constructor(start: Slopes) {
    this.add(start, 1);
  }

  add({ nodes, slope, slack }: Slopes, factor: number): void {
    for (let n = 0; n < nodes.length; n++) {
      let entry = this.#entries.get(nodes[n]!);
      if (entry === undefined) this.#entries.set(nodes[n]!, (entry = { slope: 0, slack: 0 }));
      entry.slope += factor * slope[n]!;
      entry.slack += Math.abs(factor) * slack[n]!;
    }
  }

  slopes(): Slopes {
    const all = [...this.#entries].toSorted(([a], [b]) => a - b);
    return {
      nodes: all.map(([node]) => node),
      slope: all.map(([, e]) => e.slope),
      slack: all.map(([, e]) => e.slack),
    };
  }
}

/** Gates of two options, or lengths, of coordinates only, whose value no other gate reads. */
function readByRootOnly({ gates }: Local): Set<number> {
  const nested = new Set(gates.flatMap((g) => g.options.flatMap((o) => o.gates.map((t) => t.gate))));
  const lonely = new Set<number>();
  for (const [number, { takes, options }] of gates.entries())
    if (
      (takes === "length" || options.length === 2) &&
      !nested.has(number) &&
      options.every((o) => o.gates.length === 0)
    )
      lonely.add(number);
  return lonely;
}

/** Gates whose choice makes no difference are replaced by what they stand for. */
export function withoutAliases(local: Local): Local {
  if (local.gates.every((g) => g.options.length > 1)) return local;
  const meaning = new Map<number, Form>();
  const numbers = new Map<number, number>();
  const gates: Gate[] = [];
  for (const [number, gate] of local.gates.entries()) {
    const options = gate.options.map((form) => renumber(inline(form, meaning), numbers));
    if (options.length === 1) meaning.set(number, inline(gate.options[0]!, meaning));
    else {
      numbers.set(number, gates.length);
      gates.push({ ...gate, options });
    }
  }
  return { ...local, gates, root: renumber(inline(local.root, meaning), numbers) };
}

/** The form without terms of gates that have a meaning of their own; those meanings name no such gates. */
function inline(form: Form, meaning: ReadonlyMap<number, Form>): Form {
  if (!form.gates.some((t) => meaning.has(t.gate))) return form;
  const coordinates = new Sum(form.coordinates);
  const terms = new Map<number, GateTerm>();
  const put = (term: GateTerm, factor: number): void => {
    const before = terms.get(term.gate) ?? { gate: term.gate, coefficient: 0, slack: 0 };
    const coefficient = before.coefficient + factor * term.coefficient;
    terms.set(term.gate, {
      gate: term.gate,
      coefficient,
      slack: before.slack + Math.abs(factor) * term.slack,
    });
  };
  for (const term of form.gates) {
    const means = meaning.get(term.gate);
    if (means === undefined) put(term, 1);
    else {
      coordinates.add(means.coordinates, term.coefficient);
      for (const inner of means.gates) put(inner, term.coefficient);
    }
  }
  const gates = [...terms.values()].filter((t) => Math.abs(t.coefficient) > t.slack);
  return { coordinates: coordinates.slopes(), gates };
}

const renumber = (form: Form, numbers: ReadonlyMap<number, number>): Form => ({
  coordinates: form.coordinates,
  gates: form.gates.flatMap((t) => (numbers.has(t.gate) ? [{ ...t, gate: numbers.get(t.gate)! }] : [])),
});
