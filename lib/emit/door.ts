/** Functions that emitted code checks its inputs with, as text; each is emitted when it is used. */
import { inTarget } from "./functions.ts";
import type { Target } from "./scalar.ts";

// prettier-ignore
const checks: Readonly<Record<string, string>> = {
  axesOf: `
/** The sizes of an array's axes, when it is a row-major array with so many of them. */
function axesOf(
  name‹: string›,
  array‹: { readonly shape: readonly number[]; readonly data: ArrayLike<number> }›,
  axes‹: number›,
  Data‹: Float64ArrayConstructor | Int32ArrayConstructor›,
)‹: readonly number[]› {
  if (!(array?.data instanceof Data) || !Array.isArray(array.shape)) {
    throw new TypeError(\`\${name} must be { shape, data } with data in a \${Data.name}\`);
  }
  if (array.shape.length !== axes) throw new RangeError(\`\${name} has \${array.shape.length} axes, not \${axes}\`);
  const length = array.shape.reduce((product, size) => product * size, 1);
  if (array.data.length !== length) {
    throw new RangeError(\`\${name} has \${array.data.length} values, but its shape [\${array.shape}] wants \${length}\`);
  }
  return array.shape;
}`,
  expectShape: `
function expectShape(
  name‹: string›,
  array‹: { readonly shape: readonly number[]; readonly data: ArrayLike<number> }›,
  shape‹: readonly number[]›,
  Data‹: Float64ArrayConstructor | Int32ArrayConstructor›,
)‹: void› {
  const sizes = axesOf(name, array, shape.length, Data);
  if (sizes.some((size, axis) => size !== shape[axis])) {
    throw new RangeError(\`\${name} has shape [\${sizes}], but the other inputs want [\${shape}]\`);
  }
}`,
  numberOf: `
function numberOf(name‹: string›, value‹: number›)‹: number› {
  if (typeof value !== "number") throw new TypeError(\`\${name} must be a number\`);
  return value;
}`,
  integerOf: `
function integerOf(name‹: string›, value‹: number›)‹: number› {
  if (!Number.isInteger(value)) throw new TypeError(\`\${name} must be an integer\`);
  return value;
}`,
  bufferFor: `
/** The caller's buffer for a result, or a new one. */
function bufferFor(name‹: string›, given‹: Float64Array | undefined›, length‹: number›)‹: Float64Array› {
  if (given === undefined) return new Float64Array(length);
  if (!(given instanceof Float64Array)) throw new TypeError(\`the buffer for \${name} must be a Float64Array\`);
  if (given.length !== length) throw new RangeError(\`the buffer for \${name} has \${given.length} values, not \${length}\`);
  return given;
}`,
};

/** The checks that `code` uses, and those that they use. */
export function doorText(
  code: string,
  target: Target,
  reals: "Float64Array" | "Float32Array" = "Float64Array",
): readonly string[] {
  const all = code.includes("expectShape(") ? `${code} axesOf(` : code;
  return Object.entries(checks)
    .filter(([name]) => all.includes(`${name}(`))
    .map(([, text]) => inTarget(text.trim(), target).replaceAll("Float64Array", reals));
}
