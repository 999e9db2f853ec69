import { compile, differentiate, generate, parse, printProgram } from "dscore";

const program = parse("loss = mean(i, logsumexp(j, s[i,j]) - s[i,y[i]])");
const derivation = differentiate(program, { wrt: ["s"] });
console.log(printProgram(derivation.definitions, derivation));

const kernel = compile(derivation);
console.log(
  kernel({
    s: [
      [1, 2, 3],
      [0, 1, 0],
    ],
    y: [2, 1],
  }).value,
);

const { code } = generate(derivation, { target: "ts", style: "loops" });
console.log(
  code
    .split("\n")
    .filter((line) => line.startsWith("export function"))
    .join("\n"),
);
