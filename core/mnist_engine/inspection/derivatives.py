"""What each operation computes, and how a gradient passes back through it, in formulas and words.

g is the gradient of the loss L by the operation's output, of the same shape; G where that is a
matrix. The formulas are those of the ``d_`` methods, in the form of textbooks: sums and products by
Griewank and Walther (Evaluating Derivatives, 2008, chapter 3), matrices by Giles (Collected matrix
derivative results, 2008), convolutions by Dumoulin and Visin (A guide to convolution arithmetic for
deep learning, 2016), sigmoid and cross-entropies by Bishop (Pattern Recognition and Machine
Learning, 2006, sections 4.3.2 to 4.3.4), leaky rectifiers by Maas et al. (2013), batch
normalisation by Ioffe and Szegedy (2015).
"""

from __future__ import annotations

from typing import NamedTuple


class Explanation(NamedTuple):
    """``formula`` says what is computed, ``derivative`` what flows back, and ``words`` why."""

    formula: str
    derivative: str
    words: str


_MOVES = "It only moves numbers, and so does its derivative: back to where they came from."
_COPIES = "What was repeated gets the sum of what comes back to its copies."

EXPLANATIONS = {
    "Add": Explanation(
        "z = x + y",
        "dL/dx = g, dL/dy = g",
        f"A sum hands its gradient on to both summands, as it is. {_COPIES}",
    ),
    "Subtract": Explanation(
        "z = x - y", "dL/dx = g, dL/dy = -g", f"More of y is less of the difference. {_COPIES}"
    ),
    "Multiply": Explanation(
        "z = x y",
        "dL/dx = g y, dL/dy = g x",
        f"Each factor's gradient is scaled by the other factor. {_COPIES}",
    ),
    "Divide": Explanation(
        "z = x / y",
        "dL/dx = g / y, dL/dy = -g x / y²",
        f"The smaller y, the more both of them matter. {_COPIES}",
    ),
    "Negate": Explanation("y = -x", "dL/dx = -g", "The sign turns, and the gradient's with it."),
    "Power": Explanation("y = xⁿ", "dL/dx = g n xⁿ⁻¹", "For a square that is 2 g x."),
    "Exp": Explanation("y = eˣ", "dL/dx = g y", "The slope of eˣ is its value."),
    "Log": Explanation("y = ln x", "dL/dx = g / x", "The nearer x is to 0, the steeper."),
    "Sqrt": Explanation("y = √x", "dL/dx = g / 2y", "The nearer x is to 0, the steeper."),
    "Abs": Explanation("y = |x|", "dL/dx = g sign(x)", "At 0 the slope is taken to be 0."),
    "Sign": Explanation("y = sign(x)", "dL/dx = 0", "It is flat: no gradient passes."),
    "Slope": Explanation(
        "y = 1 where x > 0, else s",
        "dL/dx = 0",
        "The slope of a rectifier. It is flat on both sides of 0: no gradient passes.",
    ),
    "Sigmoid": Explanation(
        "y = σ(x) = 1 / (1 + e⁻ˣ)",
        "dL/dx = g y (1 - y)",
        "At most a quarter passes, at x = 0; where y is near 0 or 1, it is saturated, hardly any.",
    ),
    "Tanh": Explanation(
        "y = tanh x",
        "dL/dx = g (1 - y²)",
        "All of it passes at x = 0; where y is near -1 or 1, it is saturated, hardly any.",
    ),
    "ReLU": Explanation(
        "y = max(x, 0)",
        "dL/dx = g where x > 0, else 0",
        "It passes where x is above 0, and stops elsewhere: those units learn nothing now.",
    ),
    "LeakyReLU": Explanation(
        "y = x where x > 0, else s x",
        "dL/dx = g where x > 0, else s g",
        "A small share s of the gradient passes where x is below 0, so that no unit can die.",
    ),
    "Softmax": Explanation(
        "yᵢ = e^xᵢ / Σⱼ e^xⱼ",
        "dL/dxᵢ = yᵢ (gᵢ - Σⱼ gⱼ yⱼ)",
        "The probabilities add up to 1: what one gains, the others lose.",
    ),
    "LogSoftmax": Explanation(
        "yᵢ = xᵢ - ln Σⱼ e^xⱼ",
        "dL/dxᵢ = gᵢ - e^yᵢ Σⱼ gⱼ",
        "Each output pulls its own x up, and all of them down by their probabilities.",
    ),
    "MatMul": Explanation(
        "Z = A B",
        "dL/dA = G Bᵀ, dL/dB = Aᵀ G",
        "Each factor's gradient is the product with the other one, turned over.",
    ),
    "Linear": Explanation(
        "Y = X Wᵀ + b",
        "dL/dX = G W, dL/dW = Gᵀ X, dL/db = Σ G",
        "A weight's gradient is what came in times what flows back, added up over the batch.",
    ),
    "Embedding": Explanation(
        "Y = rows of W, by their labels",
        "dL/dW = Sᵀ G",
        "Each row that was read gets the gradients of all places that it was read for.",
    ),
    "Conv2d": Explanation(
        "y[n,d,i,j] = Σ x[n,c,si+a-p,sj+b-p] w[d,c,a,b] + b[d]",
        "dL/dx: transposed convolution of g with w; dL/dw: of x with g; dL/db = Σ g",
        "A kernel is one weight used everywhere: its gradient is the sum over all places.",
    ),
    "ConvTranspose2d": Explanation(
        "x[n,c,si+a-p,sj+b-p] += y[n,d,i,j] w[d,c,a,b], and + b[c]",
        "dL/dy: convolution of g with w; dL/dw: of g with y; dL/db = Σ g",
        "Each number paints a kernel; what flows back is what a convolution would read there.",
    ),
    "KernelGradient": Explanation(
        "w[d,c,a,b] = Σ x[n,c,si+a-p,sj+b-p] y[n,d,i,j]",
        "dL/dx: transposed convolution of y with g; dL/dy: convolution of x with g",
        "The gradient of a kernel, differentiated once more.",
    ),
    "MaxPool2d": Explanation(
        "y = the largest of each window",
        "dL/dx = g at the largest, else 0",
        "Only what was chosen is answerable; of equals the first.",
    ),
    "AvgPool2d": Explanation(
        "y = the mean of each window",
        "dL/dx = g / n for each of the window's n",
        "All are answerable alike.",
    ),
    "BatchNorm": Explanation(
        "y = γ x̂ + β, x̂ = (x - μ) / √(v + ε)",
        "dL/dx = (G - mean G - x̂ mean(G x̂)) / √(v + ε), G = g γ; dL/dγ = Σ g x̂, dL/dβ = Σ g",
        "Mean μ and variance v come from the batch, so no gradient can shift or scale all of x.",
    ),
    "BinaryCrossEntropyWithLogits": Explanation(
        "y = -t ln σ(z) - (1 - t) ln(1 - σ(z))",
        "dL/dz = g (σ(z) - t)",
        "How far the probability is from the label, and nothing else: it never saturates.",
    ),
    "SoftmaxCrossEntropy": Explanation(
        "y = -Σₖ tₖ ln softmax(z)ₖ",
        "dL/dz = g (softmax(z) - t)",
        "How far each probability is from the label: 0 where the answer is right and sure.",
    ),
    "Sum": Explanation("y = Σ x", "dL/dx = g", "Each summand gets the gradient of its sum."),
    "Mean": Explanation(
        "y = Σ x / n", "dL/dx = g / n", "Each of n numbers answers for an nth of their mean."
    ),
    "Reshape": Explanation("y = x in another shape", "dL/dx = g in x's shape", _MOVES),
    "Flatten": Explanation("y = x, an image a row", "dL/dx = g in x's shape", _MOVES),
    "Unflatten": Explanation("y = x, a row an image", "dL/dx = g in x's shape", _MOVES),
    "Transpose": Explanation("y = x with other axes first", "dL/dx = g, axes put back", _MOVES),
    "Broadcast": Explanation("y = x, repeated", "dL/dx = Σ g", _COPIES),
    "Concatenate": Explanation(
        "y = x₁, x₂, ... one behind the other", "dL/dxᵢ = g's slice of xᵢ", _MOVES
    ),
    "Take": Explanation("y = x[index]", "dL/dx = g at index, else 0", _MOVES),
    "Scatter": Explanation("y = x at index, else 0", "dL/dx = g[index]", _MOVES),
}
"""By the operation's name."""
