/**
 * Gradients that are hard to judge, right ones and wrong ones: ties, nested and cancelling kinks, products of kinks,
 * members of every coordinate's range that are outside the hull, errors of 1e-6 and less, single precision.
 */
import { assert } from "chai";
import { check } from "../../lib/check/check.ts";
import { passes } from "../../lib/check/judge.ts";
import { parse } from "../../lib/parse.ts";

type Nested = number | readonly Nested[];
type Values = Readonly<Record<string, Nested>>;

const f = Math.fround;
const hinge =
  "score[i,j] = sum(d, X[i,d]*W[d,j])\nloss = mean(i, sum(j != y[i], max(0, score[i,j]-score[i,y[i]]+Delta))) + reg*sum(d,j,W[d,j]^2)";

/** Loss, point (with the upstream gradient of a layer), gradients that are right, gradients that are wrong. */
// prettier-ignore
const cases: readonly (readonly [string, Values, readonly Values[], readonly Values[]])[] = [
  ["loss = max(j, x[j])", {x:[1,1,1]}, [{x:[1,0,0]},{x:[1/3,1/3,1/3]},{x:[.5,.5,0]},{x:[0,.25,.75]}], [{x:[.5,.5,.5]},{x:[0,0,0]},{x:[1,1,1]},{x:[1,-1,1]},{x:[1/3,1/3,1/3+1e-6]},{x:[.5,.5,-1e-7]}]],
  ["loss = max(max(a,b),max(c,d))", {a:2,b:2,c:2,d:2}, [{a:1,b:0,c:0,d:0},{a:.25,b:.25,c:.25,d:.25}], [{a:.5,b:.5,c:.5,d:.5},{a:1,b:0,c:0,d:1e-6},{a:.25,b:.25,c:.25,d:.249}]],
  ["loss = relu(x)-relu(-x)", {x:0}, [{x:1}], [{x:0},{x:.5},{x:.999999},{x:2}]],
  ["loss = relu(x)-x*z+log1p(exp(-abs(x)))", {x:0,z:.3}, [{x:.2,z:-0}], [{x:-.3},{x:-.8},{x:.7},{x:.2+1e-6},{x:.2,z:1e-9}]],
  ["loss = abs(abs(x))", {x:0}, [{x:1},{x:-1},{x:.3},{x:0}], [{x:1.01},{x:-1.000001}]],
  ["loss = abs(abs(x)-1)", {x:1}, [{x:1},{x:-1},{x:.3}], [{x:1.01},{x:-2}]],
  ["loss = abs(abs(x)-1)", {x:0}, [{x:1},{x:-1},{x:.3}], [{x:1.01},{x:-2}]],
  ["loss = min(max(x,-1),1)", {x:1}, [{x:1},{x:0},{x:.5}], [{x:1.5},{x:-.1}]],
  ["loss = min(max(x,-1),1)", {x:1.0000001}, [{x:0}], [{x:1},{x:1e-9}]],
  ["out[p] = max(r < 2, x[2*p+r])", {x:[3,3,1,2],dout:[2,5]}, [{x:[2,0,0,5]},{x:[1,1,0,5]},{x:[0,2,0,5]}], [{x:[2,2,0,5]},{x:[0,0,0,5]},{x:[2,0,5,0]},{x:[1,1,2.5,2.5]}]],
  ["loss = x > 1 ? 1 : (x < -1 ? -1 : x)", {x:1}, [{x:1},{x:0},{x:.5}], [{x:1.1},{x:-1}]],
  ["loss = x > 1 ? 1 : (x < -1 ? -1 : x)", {x:-1}, [{x:1},{x:0},{x:.5}], [{x:1.1},{x:-1}]],
  ["loss = sum(i, x[i] > 0 ? x[i] : 0.01*x[i])", {x:[0,1,-1]}, [{x:[.01,1,.01]},{x:[1,1,.01]},{x:[.5,1,.01]}], [{x:[0,1,.01]},{x:[1.1,1,.01]},{x:[.5,1,.02]}]],
  ["loss = max(0, 1 - s[y] + max(j != y, s[j]))", {s:[2,1,1,0],y:0}, [{s:[0,0,0,0]},{s:[-1,.5,.5,0]},{s:[-.5,.5,0,0]}], [{s:[-1,1,1,0]},{s:[-1,0,0,0]},{s:[-1,.5,.4,0]},{s:[-1,.5,.5,1e-6]}]],
  ["loss = max(min(a,b),min(max(a,b),c))", {a:1,b:1,c:1}, [{a:1,b:0,c:0},{a:0,b:0,c:1},{a:1/3,b:1/3,c:1/3}], [{a:.5,b:.5,c:.5},{a:1,b:1,c:-1},{a:0,b:0,c:0},{a:1,b:1,c:0}]],
  ["loss = x > 0 ? x + 1 : x", {x:.5}, [{x:1}], [{x:0},{x:1+1e-9}]],
  ["loss = sum(j, 3*x[j]-2 > 0, 3*x[j]-2)", {x:[1,2/3,0]}, [{x:[3,0,0]},{x:[3,3,0]},{x:[3,1.5,0]}], [{x:[3,4,0]},{x:[3,-1,0]},{x:[1,0,0]}]],
  ["loss = sum(j, [x[j] > c])", {x:[.3,2],c:1}, [{x:[0,0],c:0}], [{x:[1e-9,0]},{c:1}]],
  ["loss = sum(i, sqrt(abs(x[i])))", {x:[4,-1]}, [{x:[.25,-.5]}], [{x:[.25,.5]},{x:[.25,-.5000001]}]],
  ["loss = abs(x)*abs(y)", {x:0,y:0}, [{x:0,y:0}], [{x:1e-6,y:0},{x:1,y:1}]],
  ["loss = abs(x)*abs(y)", {x:0,y:2}, [{x:0,y:0},{x:2,y:0},{x:-1,y:0}], [{x:2.1,y:0},{x:0,y:1e-7}]],
  ["loss = relu(x)*relu(y)", {x:0,y:3}, [{x:0,y:0},{x:3,y:0}], [{x:3.1,y:0},{x:-1,y:0},{x:0,y:1e-6}]],
  ["loss = max(x,y)+min(x,y)", {x:1,y:1}, [{x:1,y:1}], [{x:1,y:0},{x:2,y:0},{x:.5,y:.5},{x:1,y:1.000001}]],
  ["loss = abs(x)-2*relu(x)+x", {x:0}, [{x:0}], [{x:1},{x:-1},{x:1e-9}]],
  ["loss = max(x,relu(x))-relu(x)", {x:0}, [{x:0}], [{x:.25},{x:-.25},{x:1}]],
  ["loss = x*abs(x)", {x:0}, [{x:0}], [{x:1e-12},{x:1}]],
  ["loss = max(0,x)^2", {x:0}, [{x:0}], [{x:1e-12}]],
  [hinge, {X:[[1,2],[-1,.5],[.3,-2]],W:[[0,0,0],[0,0,0]],y:[0,1,2],Delta:0,reg:0}, [{W:[[0,0,0],[0,0,0]]}, {W:[[ (-2*1-1+.3)/3, (1+2*1+.3)/3, (1-1-.6)/3],[(-4+.5-2)/3,(2-1-2)/3,(2+.5+4)/3]]}], [{W:[[ (-1*1-1+.3)/3, (1+1*1+.3)/3, (1-1-.3)/3],[(-2+.5-2)/3,(2-.5-2)/3,(2+.5+2)/3]]},{W:[[1,0,0],[0,0,0]]}]],
  ["loss = abs(x)+x^2", {x:0}, [{x:.5},{x:-1}], [{x:1.0001}]],
  ["loss = max(j, abs(x[j]))", {x:[0,0]}, [{x:[.5,.5]},{x:[0,0]},{x:[.5,-.5]},{x:[1,0]},{x:[-.3,.1]}], [{x:[.6,.6]},{x:[1,1]},{x:[1,-1]},{x:[.5,.5001]}]],
  ["loss = abs(x-y)", {x:3,y:3}, [{x:1,y:-1},{x:0,y:0},{x:.2,y:-.2}], [{x:.5,y:.5},{x:1,y:0},{x:.2,y:-.1999999}]],
  ["loss = abs(x+y)+abs(x-y)", {x:0,y:0}, [{x:2,y:0},{x:0,y:2},{x:1,y:1},{x:0,y:0}], [{x:2,y:1},{x:1.5,y:1.5},{x:1,y:1.001}]],
  ["loss = max(0,x)+log1p(exp(-abs(x)))", {x:0}, [{x:.5}], [{x:0},{x:1},{x:.500001}]],
  ["loss = abs(x)+log1p(exp(-2*abs(x)))-log(2)", {x:0}, [{x:0}], [{x:1},{x:-1},{x:1e-8}]],
  ["loss = sum(i, abs(x[i]) <= delta ? x[i]^2/2 : delta*(abs(x[i])-delta/2))", {x:[1,-1,.5],delta:1}, [{x:[1,-1,.5]}], [{x:[1,-1,.5000001]},{x:[0,-1,.5]}]],
  ["loss = 1e6*y + 1e-6*x", {x:1,y:1}, [{x:1e-6,y:1e6}], [{x:-1e-6,y:1e6},{x:0,y:1e6},{x:1.0001e-6,y:1e6}]],
  ["loss = sum(i, x[i]*w[i]) + 1e-6*abs(sum(i,w[i]))", {x:[1,2],w:[.1,.7]}, [{w:[1+1e-6,2+1e-6]}], [{w:[1-1e-6,2-1e-6]},{w:[1,2]},{w:[f(1.000001),f(2.000001)]}]],
  ["loss = log(sum(j, exp(x[j])))", {x:[.1,.2,.3]}, [{x:[0.3006096053557273,0.3322249935333473,0.3671654011109255]}], [{x:[0.3006096053557273,0.3322249935333473,0.3671654011109255].map(f)},{x:[0.3006096053557273,0.3322249935333473,0.3671654011109255-1e-9]}]],
  ["loss = sum(i, relu(x[i]))", {x:[1e-48,1]}, [{x:[1,1]}], [{x:[.5,1]},{x:[0,1]}]],
  ["loss = relu(x)", {x:1e-12}, [{x:1}], [{x:0},{x:.5}]],
  ["loss = relu(a+b-c)", {a:.1,b:.2,c:.3}, [{a:1,b:1,c:-1},{a:0,b:0,c:-0},{a:.5,b:.5,c:-.5}], [{a:1,b:0,c:-1},{a:1,b:1,c:1},{a:1.1,b:1.1,c:-1.1}]],
  // the position of a clear winner is no kink, though it equals a number exactly
  ["loss = sum(i, c[i]^2) * b[argmax(j, c[j])] * [argmax(j, c[j]) == 2]", {c:[1,2,3],b:[5,6,7]}, [{c:[14,28,42],b:[0,0,14]}], [{c:[14,28,42],b:[0,14,0]},{c:[14,28,-42],b:[0,0,14]},{c:[0,0,0],b:[0,0,0]}]],
  ["k = argmin(j, (x - c[j])^2)\nloss = (x - c[k])^2 + sum(j, [k == j] * b[j]^2)", {x:1,c:[0,3],b:[2,5]}, [{x:2,c:[-2,0],b:[4,0]}], [{x:2,c:[-2,0],b:[4,10]},{x:2,c:[-2,0],b:[0,0]},{x:-2,c:[-2,0],b:[4,0]}]],
  ["loss = s[argmax(j, s[j])]", {s:[1,3,2]}, [{s:[0,1,0]}], [{s:[1,0,0]},{s:[0,.5,.5]}]],
  ["loss = sum(i, max(q*(t[i]-x[i]), (q-1)*(t[i]-x[i])))", {t:[1,2],x:[1,1],q:.9}, [{x:[.1,-.9]},{x:[-.9,-.9]},{x:[0,-.9]}], [{x:[.2,-.9]},{x:[-1,-.9]},{x:[0,.9]}]],
  ["h[k] = relu(sum(d, W[k,d]*x[d]))\nloss = sum(k, v[k]*h[k])^2", {W:[[1,-1],[2,1]],x:[1,1],v:[1,-1]}, [{W:[[0,0],[6,6]]},{W:[[-6,-6],[6,6]]},{W:[[-3,-3],[6,6]]},{x:[12,6]},{x:[6,12]},{x:[9,9]}], [{W:[[-6,-5],[6,6]]},{W:[[1,1],[6,6]]},{x:[12,12]},{x:[9,9.0001]}]],
  ["loss = max(0,abs(r)-e)", {r:1,e:1}, [{r:0,e:-0},{r:1,e:-1},{r:.5,e:-.5}], [{r:1,e:0},{r:-1,e:-1},{r:.5,e:-.6}]],
  ["loss = max(0,abs(r)-e)", {r:0,e:0}, [{r:0,e:0},{r:1,e:-1},{r:-1,e:-1},{r:0,e:-1},{r:.3,e:-.5}], [{r:1,e:0},{r:.6,e:-.5},{r:0,e:.1}]],
  ["loss = sum(i, abs(x[i+1]-x[i]))", {x:[1,1,1]}, [{x:[-1,0,1]},{x:[0,0,0]},{x:[1,-2,1]},{x:[.5,-.5,0]}], [{x:[.5,.5,0]},{x:[1,1,-2]},{x:[1,-2,1.1]}]],
  ["loss = min(i, max(j, A[i,j]))", {A:[[1,1],[1,1]]}, [{A:[[1,0],[0,0]]},{A:[[.25,.25],[.25,.25]]},{A:[[0,0],[.5,.5]]}], [{A:[[.5,.5],[.5,.5]]},{A:[[1,0],[0,1]]},{A:[[0,0],[0,0]]},{A:[[2,-1],[0,0]]}]],
  ["loss = prod(j, relu(x[j]))", {x:[0,2,3]}, [{x:[0,0,0]},{x:[6,0,0]},{x:[2,0,0]}], [{x:[7,0,0]},{x:[6,1e-6,0]}]],
  ["loss = max(0,1-abs(x))", {x:0}, [{x:1},{x:-1},{x:0}], [{x:1.01}]],
  ["loss = max(0,1-abs(x))", {x:1}, [{x:-1},{x:0},{x:-.5}], [{x:.1},{x:-1.1}]],
  ["out[i] = sign(x[i])*max(0,abs(x[i])-l)", {x:[1,0,3],l:1,dout:[1,1,1]}, [{x:[0,0,1]},{x:[1,0,1]},{x:[.5,0,1]}], [{x:[1.1,0,1]},{x:[0,.5,1]},{x:[0,1,1]}]],
  ["loss = max(x,2*x,3*x)", {x:0}, [{x:1},{x:2},{x:3},{x:1.7}], [{x:.9},{x:3.1},{x:6}]],
  ["loss = abs(x)^3", {x:0}, [{x:0}], [{x:1e-9}]],
  ["loss = abs(x)^1.5", {x:0}, [{x:0}], [{x:1e-9}]],
  ["loss = min(a,b)/max(a,b)", {a:2,b:2}, [{a:0,b:0},{a:.5,b:-.5},{a:-.5,b:.5},{a:.1,b:-.1}], [{a:.5,b:.5},{a:.6,b:-.6},{a:.1,b:0}]],
  ["loss = sum(i, max(0, x[i])) - max(0, sum(i, x[i]))", {x:[0,0]}, [{x:[0,0]},{x:[1,0]},{x:[-1,0]},{x:[.3,.3-.3]}], [{x:[1,1]},{x:[-1,-1]},{x:[1.1,0]}]],
  ["loss = max(i, x[i]) - min(i, x[i])", {x:[1,1,1]}, [{x:[0,0,0]},{x:[1,-1,0]},{x:[.5,.5,-1]}], [{x:[1,1,-1]},{x:[1,0,0]},{x:[1,1,-2]}]],
  ["loss = abs(max(a,b)-max(c,d))", {a:1,b:1,c:1,d:1}, [{a:1,b:0,c:-1,d:0},{a:0,b:0,c:0,d:0},{a:-.5,b:-.5,c:.5,d:.5}], [{a:1,b:1,c:-1,d:-1},{a:1,b:-1,c:0,d:0},{a:.5,b:0,c:0,d:0}]],
  ["loss = sum(i, max(0,1-y[i]*x[i])^2)", {x:[1,-1,.5],y:[1,-1,1]}, [{x:[0,0,-1]}], [{x:[1e-9,0,-1]},{x:[0,0,-.5]}]],
  ["loss = abs(x) > 1 ? abs(x) : (x^2+1)/2", {x:1}, [{x:1}], [{x:0},{x:.5}]],
  ["loss = hypot(x,y)", {x:0,y:0}, [{x:.6,y:.8},{x:0,y:0}], [{x:.8,y:.8}]],
  ["loss = erf(abs(x))", {x:0}, [{x:1},{x:-1},{x:0}], [{x:1.2}]],
  ["loss = exp(-abs(x)) * max(0, y)", {x:0,y:0}, [{x:0,y:0},{x:0,y:1},{x:0,y:.5}], [{x:.1,y:0},{x:0,y:1.1}]],
  ["loss = x >= 0 ? x^2 : -x^2", {x:0}, [{x:0}], [{x:1e-9}]],
  ["loss = x == 0 ? 0 : x", {x:0}, [{x:1}], [{x:0},{x:.5}]],
  ["loss = x > 0 and y > 0 ? x*y : 0", {x:0,y:0}, [{x:0,y:0}], [{x:.1,y:0}]],
  ["loss = x > 0 and y > 0 ? min(x,y) : 0", {x:0,y:0}, [{x:0,y:0},{x:1,y:0},{x:.5,y:.5}], [{x:1,y:1},{x:-.1,y:0}]],
  ["loss = max(0, min(x, 1 - x))", {x:.5}, [{x:1},{x:-1},{x:0}], [{x:1.1}]],
  ["loss = mean(i, max(0, 1 - y[i]*sum(d, X[i,d]*w[d])))", {X:[[1,0],[0,1]],w:[1,1],y:[1,1]}, [{w:[0,0]},{w:[-.5,-.5]},{w:[-.25,0]}], [{w:[.5,0]},{w:[-.6,0]},{w:[-1,0]}]],
];

function array(value: Nested): { shape: readonly number[]; data: readonly number[] } {
  if (typeof value === "number") return { shape: [], data: [value] };
  const parts = value.map(array);
  return { shape: [value.length, ...(parts[0]?.shape ?? [])], data: parts.flatMap(({ data }) => data) };
}

const claimsOf = (values: Values) =>
  new Map(Object.entries(values).map(([name, value]) => [name, array(value)]));

describe("a gradient that is hard to judge", () => {
  for (const [text, { dout, ...at }, right, wrong] of cases) {
    const options = {
      at: Object.fromEntries(claimsOf(at)),
      ...(dout !== undefined && {
        upstream: { shape: array(dout).shape, data: Float64Array.from(array(dout).data) },
      }),
    };
    it(`is told right from wrong: ${text} at ${JSON.stringify(at)}`, async () => {
      for (const [claims, isRight] of [
        ...right.map((c) => [c, true] as const),
        ...wrong.map((c) => [c, false] as const),
      ]) {
        const { verdict, reason, witness } = await check(parse(text), {
          ...options,
          gradients: claimsOf(claims),
        });
        const found = `${JSON.stringify(claims)} is ${verdict}: ${reason}`;
        assert.isTrue(isRight ? passes(verdict) : verdict === "bug" || verdict === "artefact", found);
        assert.notInclude(reason ?? "", "not confirmed", found);
        assert.notStrictEqual(witness?.agrees, false, found);
      }
    });
  }
});
