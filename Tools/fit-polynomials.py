#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Where the coefficients of Sources/CKernels/lanes_math.h come from: weighted minimax fits (Remez' exchange), the
# coefficients rounded to float32 one after the other, lowest power first, each time fitting the rest again.
# Needs mpmath.
import struct
import mpmath as mp

mp.mp.dps = 40


def f32(x):
    return mp.mpf(struct.unpack("<f", struct.pack("<f", float(x)))[0])


def remez(f, weight, powers, a, b, rounds=25, grid=1500):
    """Coefficients of sum c_i·x^powers[i] that minimise max |weight·(f − sum)| over [a, b], and that maximum."""
    n = len(powers)
    points = [(a + b) / 2 - (b - a) / 2 * mp.cos(mp.pi * (i + mp.mpf(1) / 2) / (n + 1)) for i in range(n + 1)]
    xs = [(a + b) / 2 - (b - a) / 2 * mp.cos(mp.pi * i / grid) for i in range(grid + 1)]
    fs, ws = [f(x) for x in xs], [weight(x) for x in xs]
    bases = [[x**p for p in powers] for x in xs]
    for _ in range(rounds):
        m, r = mp.matrix(n + 1, n + 1), mp.matrix(n + 1, 1)
        for i, x in enumerate(points):
            for j, p in enumerate(powers):
                m[i, j] = x**p
            m[i, n] = (-1) ** i / weight(x)
            r[i] = f(x)
        s = mp.lu_solve(m, r)
        e = [w * (y - sum(s[j] * row[j] for j in range(n))) for y, w, row in zip(fs, ws, bases)]
        runs = []  # the largest error of each run of one sign
        for i, v in enumerate(e):
            if runs and (v > 0) == (e[runs[-1]] > 0):
                if abs(v) > abs(e[runs[-1]]):
                    runs[-1] = i
            else:
                runs.append(i)
        while len(runs) > n + 1:
            runs.pop(0 if abs(e[runs[0]]) < abs(e[runs[-1]]) else -1)
        if len(runs) < n + 1:
            break
        points = [xs[i] for i in runs]
    return [s[j] for j in range(n)], max(abs(v) for v in e)


def fit(name, f, weight, powers, a, b, refits=True):
    """`refits`: as above; where so many coefficients are small that rounding them costs nothing, it is not needed."""
    fixed = []
    if not refits:
        c, first = remez(f, weight, powers, mp.mpf(a), mp.mpf(b))
        fixed = [f32(x) for x in c]
    for i in range(len(fixed), len(powers)):
        rest = powers[i:]
        g = lambda x: f(x) - sum(c * x**p for c, p in zip(fixed, powers))
        c, worst = remez(g, weight, rest, mp.mpf(a), mp.mpf(b))
        if i == 0:
            first = worst
        fixed.append(f32(c[0]))
    xs = [a + (b - a) * mp.mpf(i) / 1000 for i in range(1001)]
    last = max(abs(weight(x) * (f(x) - sum(c * x**p for c, p in zip(fixed, powers)))) for x in xs)
    print(f"{name}: error {mp.nstr(first, 3)}, with float32 coefficients {mp.nstr(last, 3)}")
    for p, c in zip(powers, fixed):
        print(f"  x^{p}: {float(c).hex()}  {mp.nstr(c, 10)}")


one = mp.mpf(1)
tiny = mp.mpf(10) ** -10
# exp(r) = 1 + r + r²·q(r), |r| ≤ ln 2 / 2, a little more for the rounding of n; q's own error does not matter near 0
fit("exp", lambda r: (mp.exp(r) - 1 - r) / r**2 if abs(r) > 1e-8 else one / 2 + r / 6,
    lambda r: max(r**2, mp.mpf("2e-3")) / mp.exp(r), [0, 1, 2, 3, 4], -0.3468, 0.3468)
# tanh(x) = x + x·z·p(z), z = x², |x| ≤ 0.625
root = lambda z: mp.sqrt(z + tiny)
fit("tanh", lambda z: mp.tanh(root(z)) / root(z) - 1, lambda z: root(z) / mp.tanh(root(z)),
    [1, 2, 3, 4, 5], 0, 0.390625)
# gelu(x) = max(x, 0) − a·p(a/2.75 − 1), a = |x| ≤ 5.5: p is the normal distribution at −a
distance = lambda u: (u + 1) / f32(1 / mp.mpf(2.75))
fit("gelu", lambda u: mp.erfc(distance(u) / mp.sqrt(2)) / 2, lambda u: max(distance(u), mp.mpf("0.02")),
    list(range(17)), -1, 1, refits=False)
print("gelu's factor", float(f32(1 / mp.mpf(2.75))).hex())
ln2 = mp.log(2)
high = mp.mpf(int(ln2 * 2**15)) / 2**15
print("ln 2 high", float(high).hex(), "low", float(f32(ln2 - high)).hex(), "log2 e", float(f32(1 / ln2)).hex())
