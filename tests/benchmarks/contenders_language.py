"""A language model of chapter 10: numbers as lines of 21 symbols of 48, batch of 64, float32; two sizes.

Blocks with LayerNorm, causal attention with two heads, and a dense layer of four times the width. The data are lines as the
chapter has them; the symbols that count are the Chinese numerals. The frameworks have their own fused attention.
"""

import numpy as np

from course_lib.datasets import number_lines
from course_lib.datasets.language import LONGEST_LINE, NUMBER_SYMBOLS
from course_lib.frameworks import steps as framework_steps
from course_lib.models.language import LanguageModel, next_symbol_loss

from .comparison import Task, contenders, initial_weights

ETA = 0.005
BATCH, HEADS, SYMBOLS = 64, 2, len(NUMBER_SYMBOLS)
X, Y = number_lines(np.random.default_rng(0).integers(0, 1_000_000, BATCH))  # (64, 21) each
TIME, COUNTS = X.shape[1], Y >= 0


SMALL, LARGE = (32, 1), (48, 2)  # features, blocks


def model(features, blocks):
    return LanguageModel(SYMBOLS, LONGEST_LINE, features, HEADS, blocks, rng=np.random.default_rng(1))


def weights(features, blocks):
    """The initial parameters in the order of the model; query, key and value of a block are three."""
    return initial_weights(model(features, blocks))


def course_lib(way, size=SMALL, **options):
    """One of the ways in which course_lib takes its steps."""
    return lambda: way(model(*size), next_symbol_loss, (X, Y), ETA, **options)


def joined(size):
    """The weights with query, key and value of each block in one matrix, as the frameworks' own guides have it."""
    table, positions, *rest = weights(*size)
    found, blocks = [table, positions], size[1]
    for b in range(blocks):
        gain, bias, Wq, bq, Wk, bk, Wv, bv, *others = rest[16 * b : 16 * (b + 1)]
        found += [gain, bias, np.hstack([Wq, Wk, Wv]), np.hstack([bq, bk, bv]), *others]
    return found + rest[16 * blocks :]


def plain_numpy(size):
    """As a textbook writes it: every formula in its line, and each array new."""
    features, blocks = size
    params, indices = joined(size), np.indices(Y.shape)
    later = np.triu(np.full((TIME, TIME), -np.inf, np.float32), 1)
    root = np.sqrt(np.float32(features // HEADS))

    def split(a):
        return a.reshape(BATCH, TIME, HEADS, -1).swapaxes(1, 2)

    def join(a):
        return a.swapaxes(1, 2).reshape(BATCH, TIME, -1)

    def normalised(x):
        std = np.sqrt(x.var(axis=-1, keepdims=True) + np.float32(1e-5))
        return (x - x.mean(axis=-1, keepdims=True)) / std, std

    def normalised_back(g, x_hat, std, gain):
        delta = g * gain
        dx = delta - delta.mean(axis=-1, keepdims=True) - x_hat * (delta * x_hat).mean(axis=-1, keepdims=True)
        return dx / std, (g * x_hat).sum(axis=(0, 1)), g.sum(axis=(0, 1))

    def dense_back(g, x, W):
        rows, deltas = x.reshape(-1, x.shape[-1]), g.reshape(-1, g.shape[-1])
        return g @ W.T, rows.T @ deltas, g.sum(axis=(0, 1))

    def run(steps):
        for _ in range(steps):
            table, positions, *rest = params
            x, kept = table[X] + positions[:TIME], []
            for b in range(blocks):
                gain, bias, Wqkv, bqkv, Wo, bo, gain2, bias2, W1, b1, W2, b2 = rest[12 * b : 12 * (b + 1)]
                hat1, std1 = normalised(x)
                norm1 = hat1 * gain + bias
                q, k, v = (split(part) for part in np.split(norm1 @ Wqkv + bqkv, 3, axis=-1))
                scores = q @ k.swapaxes(2, 3) / root + later
                e = np.exp(scores - scores.max(axis=-1, keepdims=True))
                w = e / e.sum(axis=-1, keepdims=True)
                found = join(w @ v)
                x = x + found @ Wo + bo
                hat2, std2 = normalised(x)
                norm2 = hat2 * gain2 + bias2
                a = np.maximum(norm2 @ W1 + b1, 0)
                x = x + a @ W2 + b2
                kept.append((hat1, std1, norm1, q, k, v, w, found, hat2, std2, norm2, a))
            gain, bias, W, b = rest[-4:]
            hat, std = normalised(x)
            norm = hat * gain + bias
            z = norm @ W + b
            e = np.exp(z - z.max(axis=-1, keepdims=True))
            p = e / e.sum(axis=-1, keepdims=True)
            loss = -np.log(p[COUNTS, Y[COUNTS]]).mean()

            delta = p
            delta[*indices, Y] -= 1
            delta *= COUNTS[..., None] / np.float32(COUNTS.sum())
            g, dW, db = dense_back(delta, norm, W)
            g, dgain, dbias = normalised_back(g, hat, std, gain)
            gradients = [dgain, dbias, dW, db]
            for number, (hat1, std1, norm1, q, k, v, w, found, hat2, std2, norm2, a) in reversed([*enumerate(kept)]):
                gain, bias, Wqkv, bqkv, Wo, bo, gain2, bias2, W1, b1, W2, b2 = rest[12 * number : 12 * (number + 1)]
                da, dW2, db2 = dense_back(g, a, W2)
                dnorm, dW1, db1 = dense_back(da * (a > 0), norm2, W1)
                dx, dgain2, dbias2 = normalised_back(dnorm, hat2, std2, gain2)
                g = g + dx
                dfound, dWo, dbo = dense_back(g, found, Wo)
                dfound = split(dfound)
                dw = dfound @ v.swapaxes(2, 3)
                dscores = w * (dw - (w * dw).sum(axis=-1, keepdims=True)) / root
                dq, dk, dv = dscores @ k, dscores.swapaxes(2, 3) @ q, w.swapaxes(2, 3) @ dfound
                dqkv = np.concatenate([join(dq), join(dk), join(dv)], axis=-1)
                dnorm, dWqkv, dbqkv = dense_back(dqkv, norm1, Wqkv)
                dx, dgain, dbias = normalised_back(dnorm, hat1, std1, gain)
                g = g + dx
                gradients = [dgain, dbias, dWqkv, dbqkv, dWo, dbo, dgain2, dbias2, dW1, db1, dW2, db2, *gradients]
            dtable, dpositions = np.zeros_like(table), np.zeros_like(positions)
            np.add.at(dtable, X, g)
            dpositions[:TIME] = g.sum(axis=0)
            for parameter, gradient in zip(params, [dtable, dpositions, *gradients], strict=True):
                parameter -= ETA * gradient
        return float(loss)

    return run


def pytorch(size=SMALL, compiled=False):
    features, blocks = size

    def model(torch):
        nn = torch.nn

        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.norm1, self.qkv = nn.LayerNorm(features), nn.Linear(features, 3 * features)
                self.output, self.norm2 = nn.Linear(features, features), nn.LayerNorm(features)
                self.hidden, self.last = nn.Linear(features, 4 * features), nn.Linear(4 * features, features)

            def forward(self, x):
                q, k, v = (
                    part.view(BATCH, TIME, HEADS, -1).transpose(1, 2) for part in self.qkv(self.norm1(x)).chunk(3, -1)
                )
                found = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
                x = x + self.output(found.transpose(1, 2).reshape(BATCH, TIME, features))
                return x + self.last(torch.relu(self.hidden(self.norm2(x))))

        class Model(nn.Module):
            def __init__(self):
                super().__init__()
                self.table, self.positions = nn.Embedding(SYMBOLS, features), nn.Embedding(LONGEST_LINE, features)
                self.blocks = nn.Sequential(*(Block() for _ in range(blocks)))
                self.norm, self.output = nn.LayerNorm(features), nn.Linear(features, SYMBOLS)

            def forward(self, x):
                x = self.table(x) + self.positions.weight[:TIME]
                return self.output(self.norm(self.blocks(x)))

        return Model()

    def loss(torch):
        x, y = torch.from_numpy(X), torch.from_numpy(Y).flatten()
        cross_entropy = torch.nn.functional.cross_entropy
        return lambda model: cross_entropy(model(x).flatten(0, 1), y, ignore_index=-1)

    table, positions, *rest = joined(size)  # an Embedding keeps its table as we do, (symbols, features)
    return framework_steps.pytorch(model, [table.T, positions.T, *rest], loss, ETA, compiled)


def jax(size):
    features, blocks = size

    def loss(jax):
        jnp = jax.numpy
        count = np.float32(COUNTS.sum())

        def normalised(x, gain, bias):
            x = x - x.mean(axis=-1, keepdims=True)
            return x / jnp.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-5) * gain + bias

        def loss_of(params):
            table, positions, *rest = params
            x = table[X] + positions[:TIME]
            for b in range(blocks):
                gain, bias, Wqkv, bqkv, Wo, bo, gain2, bias2, W1, b1, W2, b2 = rest[12 * b : 12 * (b + 1)]
                qkv = normalised(x, gain, bias) @ Wqkv + bqkv
                q, k, v = (part.reshape(BATCH, TIME, HEADS, -1) for part in jnp.split(qkv, 3, axis=-1))
                found = jax.nn.dot_product_attention(q, k, v, is_causal=True).reshape(BATCH, TIME, features)
                x = x + found @ Wo + bo
                x = x + jax.nn.relu(normalised(x, gain2, bias2) @ W1 + b1) @ W2 + b2
            gain, bias, W, b = rest[-4:]
            p = jax.nn.log_softmax(normalised(x, gain, bias) @ W + b)
            chosen = jnp.take_along_axis(p, jnp.maximum(Y, 0)[..., None], axis=-1)[..., 0]
            return -(chosen * COUNTS).sum() / count

        return loss_of

    return framework_steps.jax(joined(size), loss, ETA)


def task(size, parameters):
    return Task(
        name=f"language model of {parameters} parameters, 64 lines of 21 symbols, float32",
        contenders=contenders(course_lib, plain_numpy, pytorch, jax, size=size),
        reference="plain NumPy",
        targets={"course_lib, loop": (1.0, 0.8), "course_lib, replayed": (0.7, 0.6)},
        against=(
            ("course_lib, loop", ("PyTorch, eager",), 1.0),
            ("course_lib, replayed", ("PyTorch, eager", "PyTorch, compiled", "JAX, jit"), 0.9),
        ),
        tolerance=1e-4,  # one step less makes 4e-3
        steps=2,
    )


TASK, LARGER = task(SMALL, "16,592"), task(LARGE, "62,352")
