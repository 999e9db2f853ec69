/** Names in LaTeX: Greek where the name is a Greek letter, one letter in italics, longer names upright. */

// prettier-ignore
const greek: Readonly<Record<string, string>> = {
  alpha: "α", beta: "β", gamma: "γ", delta: "δ", epsilon: "ε", zeta: "ζ", eta: "η", theta: "θ", iota: "ι",
  kappa: "κ", lambda: "λ", mu: "μ", nu: "ν", xi: "ξ", pi: "π", rho: "ρ", sigma: "σ", tau: "τ", upsilon: "υ",
  phi: "φ", chi: "χ", psi: "ψ", omega: "ω", Gamma: "Γ", Delta: "Δ", Theta: "Θ", Lambda: "Λ", Xi: "Ξ", Pi: "Π",
  Sigma: "Σ", Upsilon: "Υ", Phi: "Φ", Psi: "Ψ", Omega: "Ω",
};
const commands: ReadonlyMap<string, string> = new Map([
  ...Object.entries(greek).flatMap(([command, letter]): [string, string][] => [
    [command, `\\${command}`],
    [letter, `\\${command}`],
  ]),
  ["ϵ", "\\epsilon"],
  ["ϑ", "\\vartheta"],
  ["ϕ", "\\phi"],
  ["…", "\\dots"],
]);

/** `\lambda`, `x`, `\mathrm{score}`; and `j_2` for `j2`, unless the name is to get subscripts of its own. */
export function latexName(name: string, subscripted = false): string {
  const command = commands.get(name) ?? (/^[A-Za-z]$/u.test(name) ? name : undefined);
  if (command !== undefined) return command;
  const [, stem, digits] = /^(.+?)_?([0-9]+)$/u.exec(name) ?? [];
  if (!subscripted && stem !== undefined && digits !== undefined && isLetter(stem))
    return `${latexName(stem)}_${digits.length === 1 ? digits : `{${digits}}`}`;
  const escaped = name.replaceAll("_", "\\_");
  return /^[A-Za-z0-9_]+$/u.test(name) ? `\\mathrm{${escaped}}` : `\\text{${escaped}}`;
}

const isLetter = (name: string): boolean => commands.has(name) || /^[A-Za-z]$/u.test(name);
