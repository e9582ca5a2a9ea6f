/** How often a standard normal value is above `z`. Relative error below 2e-7 (Chebyshev fit of erfc). */
export function aboveNormal(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + x / 2);
  const terms = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ];
  const erfc = t * Math.exp(-x * x + terms.reduceRight((sum, term) => sum * t + term, 0));
  return z >= 0 ? erfc / 2 : 1 - erfc / 2;
}

/** How often Student's t with so many degrees of freedom is above `t`, by Wallace's normal approximation. */
export function aboveStudent(t: number, freedom: number): number {
  if (freedom <= 0) return 1;
  const z = Math.sqrt(freedom * Math.log1p((t * t) / freedom)) * (1 - 3 / (4 * freedom + 1) / 2);
  return aboveNormal(Math.sign(t) * z);
}

/**
 * Which of the chances stand when so many are looked at at once, with at most `rate` of those that stand by chance alone
 * (Benjamini and Hochberg 1995).
 */
export function standing(chances: readonly number[], rate: number): readonly boolean[] {
  const order = chances.map((_, i) => i).toSorted((a, b) => (chances[a] ?? 1) - (chances[b] ?? 1));
  let last = -1;
  for (const [rank, i] of order.entries())
    if ((chances[i] ?? 1) <= (rate * (rank + 1)) / Math.max(1, chances.length)) last = rank;
  const stands = chances.map(() => false);
  for (const i of order.slice(0, last + 1)) stands[i] = true;
  return stands;
}

/** Logarithm of n!, exact to 1e-10 for every n (Stirling's series above 20). */
export function logFactorial(n: number): number {
  if (n < 20) {
    let product = 1;
    for (let i = 2; i <= n; i++) product *= i;
    return Math.log(product);
  }
  const x = n + 1;
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + 1 / (12 * x) - 1 / (360 * x ** 3);
}

/**
 * Fisher's exact test, one-sided: how often chance alone puts at least `a` of the `a + c` sick hosts among the `a + b` that
 * have something, of `a + b + c + d` hosts.
 */
export function fisher(a: number, b: number, c: number, d: number): number {
  const [exposed, sick, all] = [a + b, a + c, a + b + c + d];
  const constant =
    logFactorial(exposed) +
    logFactorial(all - exposed) +
    logFactorial(sick) +
    logFactorial(all - sick) -
    logFactorial(all);
  let sum = 0;
  for (let k = a; k <= Math.min(exposed, sick); k++) {
    const cells = [k, exposed - k, sick - k, all - exposed - sick + k];
    if (cells.some((cell) => cell < 0)) continue;
    sum += Math.exp(constant - cells.reduce((total, cell) => total + logFactorial(cell), 0));
  }
  return Math.min(1, sum);
}
