"""How a textbook writes convolution and pooling: a loop over the places (k, l) of the kernel, or of the window."""

from ..graph import Node
from .rules import Rule, activated, activation_of, delta_of


def _conv_forward(book, node):
    x, W, b = node.parents
    above, left = node.inside["above"], node.inside["left"]
    images, n = book.text(x), book.number(W)
    if above or left:
        padded = book.free(f"padded{n}")
        book.let(padded, f"np.pad({images}, ((0, 0), ({above}, {above}), ({left}, {left}), (0, 0)))")
        images = padded
    book.notes[node] = images
    z = book.free(f"z{n}")
    book.line(f"{z} = np.zeros({node.out.shape}) + {book.text(b)}")
    book.line(f"for k, l in np.ndindex{W.out.shape[:2]}:")
    book.line(f"    {z} += {_window(images, node)} @ {book.text(W)}[k, l]")
    if activation_of(node) == "identity":
        book.name(node, z)
    else:
        activated(book, node, z)


def _window(images, node):
    height, width = node.out.shape[1:3]
    return f"{images}[:, k:k + {height}, l:l + {width}]"


def _conv_backward(book, node):
    x, W, b = node.parents
    delta, images, matrix = delta_of(book, node), book.notes[node], book.text(W)
    book.send(b, f"{delta}.sum(axis=(0, 1, 2))")
    dW = book.sum_name(W)
    book.line(f"for k, l in np.ndindex{W.out.shape[:2]}:", "gradients")
    book.line(f'    {dW}[k, l] += np.einsum("nijc,nijd->cd", {_window(images, node)}, {delta})', "gradients")
    if type(x) is Node:
        dx, above, left = book.free(f"d{images}"), node.inside["above"], node.inside["left"]
        book.line(f"{dx} = np.zeros_like({images})", "hidden error")
        book.line(f"for k, l in np.ndindex{W.out.shape[:2]}:", "hidden error")
        book.line(f"    {_window(dx, node)} += {delta} @ {matrix}[k, l].T", "hidden error")
        book.send(x, f"{dx}[:, {above}:{-above or ''}, {left}:{-left or ''}]" if above or left else dx)


def _pool_forward(book, node):
    x, size = book.text(node.parents[0]), node.parents[0].out.shape[1] // node.out.shape[1]
    y = book.new(node, "pooled")
    book.line(f"{y} = {x}[:, ::{size}, ::{size}]")
    book.line(f"for k, l in np.ndindex({size}, {size}):")
    book.line(f"    {y} = np.maximum({y}, {x}[:, k::{size}, l::{size}])")


def _pool_backward(book, node):
    (x,), y, g = node.parents, book.text(node), book.named_gradient(node)
    size = x.out.shape[1] // node.out.shape[1]
    free = book.free("free")
    dx = book.free(f"d{book.text(x)}")
    book.line(f"{dx}, {free} = np.zeros_like({book.text(x)}), np.ones({y}.shape, bool)")
    book.line(f"for k, l in np.ndindex({size}, {size}):")
    book.line(f"    largest = ({book.text(x)}[:, k::{size}, l::{size}] == {y}) & {free}")
    book.line(f"    {dx}[:, k::{size}, l::{size}] = {g} * largest")
    book.line(f"    {free} &= ~largest")
    book.send(x, dx)


IMAGES = {
    "conv2d": Rule(_conv_forward, _conv_backward),
    "max_pool2d": Rule(_pool_forward, _pool_backward),
}
