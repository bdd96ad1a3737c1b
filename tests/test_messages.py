"""What errors say and objects show, word for word."""

import numpy as np
import pytest
import sympy as sp

from matderiv import (
    BilinearForm,
    LinearMap,
    TraceProduct,
    check_derivative,
    commutation_matrix,
    definiteness,
    derivative,
    diagnose,
    directional_derivative,
    duplication_matrix,
    elimination_matrix,
    exact,
    flatten,
    functional,
    gradient,
    identity,
    rank_one,
    realign,
    sandwich,
    second_derivative,
    symbolic,
    transposition,
    unvec,
    vec,
    vech,
)

I2 = np.eye(2)
E2 = exact(I2)


def total(X):
    return np.sum(X * X)


def refuse(X):
    raise TypeError("no")


HESSIAN = second_derivative(total, I2)
HUGE = 10**7  # so large that no machine starts to allocate it
HUGE_FORM = BilinearForm((HUGE, HUGE), lambda Y, Z: 0.0, "exact")
HUGE_MAP = LinearMap((HUGE, HUGE), (HUGE, HUGE), lambda Y: Y)

VALUE_ERRORS = [
    (lambda: vec(I2, "K"), 'order must be "F" (by columns) or "C" (by rows); it is \'K\''),
    (lambda: identity(0, 2), "m must be a positive integer; it is 0"),
    (lambda: identity(2, 0), "n must be a positive integer; it is 0"),
    (lambda: symbolic("x", 3), "shape must be two positive integers; it is 3"),
    (
        lambda: unvec([1.0], (2, 2)),
        "v must hold the 4 coordinates of a matrix of shape (2, 2); its shape is (1,)",
    ),
    (lambda: vec([[1.0], [2.0, 3.0]]), "X must have rows of equal length"),
    (lambda: vec([[]]), "X must have at least one entry; its shape is (1, 0)"),
    (lambda: vec([[np.nan]]), "X must be finite; it holds NaN or infinity"),
    (
        lambda: vec([[2**53 + 1]]),
        "X holds integers too large to be floats exactly; make it exact: exact(X)",
    ),
    (
        lambda: vec([[-(2**53) - 1]]),
        "X holds integers too large to be floats exactly; make it exact: exact(X)",
    ),
    (lambda: vec([1.0]), "X must be a matrix, with two indices; its shape is (1,)"),
    (
        lambda: vec(np.ones((1, 1, 1, 1))),
        (
            "X must be a matrix, with two indices; its shape is (1, 1, 1, 1); flatten it to"
            " a matrix first"
        ),
    ),
    (lambda: vech([[1.0, 2.0]]), "X must be square; its shape is (1, 2)"),
    (lambda: vec([[sp.oo]]), "X: an exact array holds finite numbers; this one got oo"),
    (lambda: exact([]), "an exact array has at least one entry; this one has shape (0,)"),
    (lambda: exact([[np.nan]]), "an exact array holds finite numbers; this one got nan"),
    (lambda: exact([[sp.oo]]), "an exact array holds finite numbers; this one got oo"),
    (
        lambda: definiteness([[1, 2], [3, 4]]),
        "M must be symmetric; it is not, so its quadratic form has another matrix",
    ),
    (
        lambda: definiteness([[sp.sqrt(2)]]),
        "M must hold rational numbers; roots and symbols are not handled",
    ),
    (
        lambda: TraceProduct([[sp.sqrt(2)]], [[1]]).convexity(),
        "A must hold rational numbers; roots and symbols are not handled",
    ),
    (
        lambda: TraceProduct([[1]], [[sp.sqrt(2)]]).convexity(),
        "B must hold rational numbers; roots and symbols are not handled",
    ),
    (
        lambda: flatten(np.ones((1, 1, 1, 1)), "ij,k"),
        (
            "layout must hold the letters i, j, k and l once each, two by two, as in "
            "\"ik,jl\"; it is 'ij,k'"
        ),
    ),
    (lambda: flatten(I2, "ij,kl"), "tensor must have four indices; its shape is (2, 2)"),
    (
        lambda: flatten(np.full((1, 1, 1, 1), np.nan), "ij,kl"),
        "tensor must be finite; it holds NaN or infinity",
    ),
    (
        lambda: realign(np.ones((2, 3))),
        (
            "M must be n²×n², or shape be given, ((m1, n1), (m2, n2)) for two factors; the "
            "shape of M is (2, 3)"
        ),
    ),
    (
        lambda: realign(I2, 4),
        "shape must be the shapes of two factors, (m1, n1), (m2, n2); it is 4",
    ),
    (
        lambda: realign(I2, ((1, 2), (1, 2), (1, 2))),
        (
            "shape must be the shapes of two factors, (m1, n1), (m2, n2); it is ((1, 2), "
            "(1, 2), (1, 2))"
        ),
    ),
    (lambda: realign(I2, ((1, 2), (3, 4))), "M must have the shape (3, 8); its shape is (2, 2)"),
    (lambda: realign(I2, (1, 2)), "shape must be two positive integers; it is 1"),
    (lambda: realign(1.0), "M must be a matrix, with two indices; its shape is ()"),
    (lambda: LinearMap((2,), (), total), "domain must be (), (m, n) or (m, n, p, q); it is (2,)"),
    (
        lambda: LinearMap((), (2, 0), total),
        "each length in codomain must be a positive integer; it is 0",
    ),
    (lambda: functional(I2)([[1.0]]), "Y must have the shape (2, 2); its shape is (1, 1)"),
    (
        lambda: functional(I2)(np.ones((1, 1, 1, 1))),
        ("Y must have the shape (2, 2); its shape is (1, 1, 1, 1); flatten it to a matrix first"),
    ),
    (
        lambda: LinearMap((2, 2), (2, 2), np.trace)(I2),
        "rule must return values of shape (2, 2); one has ()",
    ),
    (
        lambda: LinearMap((2, 2), (2, 2), lambda Y: Y[0])(I2),
        "rule must return values of shape (2, 2); one has (2,)",
    ),
    (
        lambda: identity(2, 2) + identity(2, 3),
        (
            "only maps between the same spaces add; these are LinearMap from R^(2×2) to "
            "R^(2×2): Y ↦ Y and LinearMap from R^(2×3) to R^(2×3): Y ↦ Y"
        ),
    ),
    (lambda: identity(2, 2) * np.inf, "scalar must be finite; it is inf"),
    (
        lambda: identity(2, 2) @ identity(2, 3),
        "L1 @ L2 needs the codomain of L2, (2, 3), to be the domain of L1, (2, 2)",
    ),
    (lambda: transposition(0, 1), "m must be a positive integer; it is 0"),
    (lambda: transposition(1, 0), "n must be a positive integer; it is 0"),
    (lambda: commutation_matrix(0, 1), "m must be a positive integer; it is 0"),
    (lambda: commutation_matrix(1, 0), "n must be a positive integer; it is 0"),
    (lambda: duplication_matrix(0), "n must be a positive integer; it is 0"),
    (lambda: elimination_matrix(0), "n must be a positive integer; it is 0"),
    (
        lambda: BilinearForm((2, 2), total, "exact")(1.0, I2),
        "Y must be a matrix, with two indices; its shape is ()",
    ),
    (
        lambda: HESSIAN.restrict_to_symmetric()([[0, 1], [2, 0]], I2),
        "Y must be symmetric: the form lives on symmetric matrices",
    ),
    (
        lambda: HESSIAN.restrict_to_symmetric().tensor,
        "the tensor is that of the form on all matrices, not on symmetric ones",
    ),
    (
        lambda: BilinearForm((2, 3), total, "exact").restrict_to_symmetric(),
        "symmetric matrices are square; the arguments are 2×3",
    ),
    (lambda: TraceProduct(1.0, I2), "A must be a matrix, with two indices; its shape is ()"),
    (lambda: TraceProduct(I2, 1.0), "B must be a matrix, with two indices; its shape is ()"),
    (lambda: TraceProduct(I2, [[1.0]]), "B must have the shape of A, (2, 2); its shape is (1, 1)"),
    (lambda: TraceProduct(I2, I2)(1.0), "X must be a matrix, with two indices; its shape is ()"),
    (
        lambda: TraceProduct(I2, 0 * I2).angle,
        "A and B must not be zero: the zero matrix makes no angle",
    ),
    (lambda: derivative(total, 1.0), "X must be a matrix, with two indices; its shape is ()"),
    (
        lambda: derivative(lambda X: X[0], I2),
        "f must return a number or a matrix; it returned an array of shape (2,)",
    ),
    (
        lambda: derivative(lambda X: np.nan, I2),
        "f must be finite at X; it returned NaN or infinity",
    ),
    (
        lambda: derivative(lambda X: sp.oo, E2),
        ("f must return real finite numbers; an exact array holds finite numbers; this one got oo"),
    ),
    (
        lambda: derivative(lambda X: sp.Integer(int(X[0, 0] == 0)), exact([[0]]))([[1]]),
        "f has no derivative at X that could be confirmed: it is 1 at X, and 0 near X",
    ),
    (
        lambda: derivative(lambda X: abs(X[0, 0]), exact([[0]]))([[1]]),
        (
            "f has no derivative at X that could be confirmed: its slopes from two sides "
            "are 1 and -1"
        ),
    ),
    (
        lambda: derivative(lambda X: sp.sqrt(X[0, 0]), exact([[0]]))([[1]]),
        (
            "f has no derivative at X that could be confirmed: the slope of sqrt(_t) at _t "
            "= 0 is zoo"
        ),
    ),
    (
        lambda: derivative(lambda X: sp.Piecewise((0, X[0, 0] < 0), (X[0, 0], True)), exact([[0]]))(
            [[1]]
        ),
        (
            "f has no derivative at X that could be confirmed: Piecewise((0, _t < 0), (_t, "
            "True)) is given in pieces; take floats"
        ),
    ),
    (
        lambda: derivative(lambda X: abs(X[0, 0]), [[0.0]]),
        ("f has no derivative at X that could be confirmed: its slopes from two sides differ"),
    ),
    (
        lambda: derivative(lambda X: np.sqrt(abs(X[0, 0])), [[0.0]]),
        ("f has no derivative at X that could be confirmed: its slopes from two sides differ"),
    ),
    (
        lambda: derivative(lambda X: np.cbrt(X[0, 0]), [[0.0]]),
        (
            "f has no derivative at X that could be confirmed: its difference quotients do "
            "not settle as the step shrinks"
        ),
    ),
    (
        lambda: derivative(lambda X: np.sign(X[0, 0]) * np.sqrt(abs(X[0, 0])), [[0.0]]),
        (
            "f has no derivative at X that could be confirmed: its difference quotients do "
            "not settle as the step shrinks"
        ),
    ),
    (
        lambda: derivative(lambda X: np.cbrt(X[0, 0] ** 2 * X[0, 1]), [[0.0, 0.0]]),
        (
            "f has no derivative at X that could be confirmed: its slopes do not depend "
            "linearly on the direction"
        ),
    ),
    (
        lambda: directional_derivative(total, I2, 1.0),
        "Y must be a matrix, with two indices; its shape is ()",
    ),
    (
        lambda: directional_derivative(total, I2, [[1.0]]),
        "Y must have the shape (2, 2); its shape is (1, 1)",
    ),
    (
        lambda: gradient(lambda X: X, I2),
        "f must return a number; it returned a matrix of shape (2, 2)",
    ),
    (
        lambda: second_derivative(lambda X: X, I2),
        "f must return a number; it returned a matrix of shape (2, 2)",
    ),
    (
        lambda: check_derivative(total, symbolic("x", (1, 1)), 2 * symbolic("x", (1, 1))),
        "X must hold numbers, not symbols: a remainder has a size",
    ),
    (
        lambda: check_derivative(lambda X: X, I2, HESSIAN),
        (
            "candidate must be a form on matrices of shape (2, 2), and f return a number; "
            "it is a BilinearForm on R^(2×2), complex step, and f returns values of shape "
            "(2, 2)"
        ),
    ),
    (
        lambda: check_derivative(total, [[1.0]], HESSIAN),
        (
            "candidate must be a form on matrices of shape (1, 1), and f return a number; "
            "it is a BilinearForm on R^(2×2), complex step, and f returns values of shape "
            "()"
        ),
    ),
    (
        lambda: check_derivative(total, I2, np.full((2, 2), np.nan)),
        "candidate must be finite; it holds NaN or infinity",
    ),
    (
        lambda: check_derivative(total, I2, identity(1, 2)),
        (
            "candidate must map (2, 2) to (), the shapes of X and f(X); LinearMap from "
            "R^(1×2) to R^(1×2): Y ↦ Y"
        ),
    ),
    (
        lambda: check_derivative(lambda X: 1.0 if np.all(X == 1.0) else np.nan, [[1.0]], [[0.0]]),
        "f must be defined around X; next to X it is not finite",
    ),
    (
        lambda: diagnose(total, I2, [1.0, 2.0, 3.0]),
        (
            "candidate must have 4 or 16 entries, as the derivatives of f at X do; its "
            "shape is (3, 1)"
        ),
    ),
    (
        lambda: diagnose(lambda X: X, I2, np.ones((2, 3))),
        ("candidate must have 16 entries, as the derivatives of f at X do; its shape is (2, 3)"),
    ),
    (
        lambda: diagnose(total, I2, np.ones((2, 2, 2))),
        "candidate must be a matrix, with two indices; its shape is (2, 2, 2)",
    ),
    (
        lambda: diagnose(total, I2, np.ones((2, 2, 2, 2))),
        (
            "candidate must be a matrix, with two indices; its shape is (2, 2, 2, 2); "
            "flatten it to a matrix first"
        ),
    ),
]

TYPE_ERRORS = [
    (lambda: symbolic("", (2, 2)), "name must be a non-empty string; it is ''"),
    (lambda: vec([["a"]]), "X must hold real numbers; its entries are of type <U1"),
    (lambda: vec([[1j]]), "X must be real; it holds complex numbers"),
    (
        lambda: exact([["1"]]),
        (
            "an exact array holds real numbers or SymPy expressions, in rows of equal "
            "length; this one got the entry '1'"
        ),
    ),
    (lambda: exact([[sp.I]]), "an exact array holds real numbers; this one got I"),
    (lambda: LinearMap((2, 2), (), 1), "rule must be a function of an element of domain; it is 1"),
    (lambda: functional(I2)([["a"]]), "Y must hold real numbers; its entries are of type <U1"),
    (
        lambda: functional(E2)([["a"]]),
        (
            "Y: an exact array holds real numbers or SymPy expressions, in rows of equal "
            "length; this one got the entry 'a'"
        ),
    ),
    (lambda: identity(2, 2).tensor(1), "other must be a LinearMap; it is 1"),
    (lambda: functional("a"), "G must hold real numbers; its entries are of type <U1"),
    (lambda: rank_one("a", I2), "B must hold real numbers; its entries are of type <U1"),
    (lambda: rank_one(I2, "a"), "G must hold real numbers; its entries are of type <U1"),
    (lambda: sandwich("a", I2), "L must hold real numbers; its entries are of type <U1"),
    (lambda: sandwich(I2, "a"), "R must hold real numbers; its entries are of type <U1"),
    (
        lambda: BilinearForm((2, 2), total, "exact", exact=True)(I2, "a"),
        (
            "Z: an exact array holds real numbers or SymPy expressions, in rows of equal "
            "length; this one got the entry 'a'"
        ),
    ),
    (lambda: derivative(1, I2), "f must be a function of a matrix; it is 1"),
    (
        lambda: derivative(lambda X: "a", I2),
        "f must return a real number or matrix; it returned 'a'",
    ),
    (lambda: derivative(lambda X: 1j, I2), "f must return a real number or matrix; it returned 1j"),
    (
        lambda: derivative(lambda X: 0.5, E2),
        (
            "f must compute exactly when X is exact; it returned 0.5; use SymPy's functions"
            " and exact constants, or make X a matrix of floats"
        ),
    ),
    (
        lambda: derivative(lambda X: sp.I, E2),
        ("f must return real finite numbers; an exact array holds real numbers; this one got I"),
    ),
    (
        lambda: derivative(total, I2)(symbolic("y", (2, 2))),
        "directions must hold numbers, not symbols, at an X of floats",
    ),
    (
        lambda: check_derivative(total, I2, 1.0),
        (
            "candidate must be a LinearMap, a BilinearForm or, for a function that returns "
            "a number, its gradient, of shape (2, 2)"
        ),
    ),
    (
        lambda: check_derivative(total, I2, [[1.0], [1.0, 2.0]]),
        (
            "candidate must be a LinearMap, a BilinearForm or, for a function that returns "
            "a number, its gradient, of shape (2, 2)"
        ),
    ),
    (
        lambda: diagnose(total, I2, "a"),
        "candidate must hold real numbers; its entries are of type <U1",
    ),
    (lambda: diagnose(total, "a", I2), "X must hold real numbers; its entries are of type <U1"),
    (
        lambda: derivative(refuse, E2),
        (
            "f must compute exactly when X is exact: no; use SymPy's functions and exact "
            "constants, or make X a matrix of floats"
        ),
    ),
]

SQUARE = "100,000,000,000,000 × 100,000,000,000,000: 74,505,805,969,238,278,144.0 GiB"
TALL = "100,000,000,000,000 × 50,000,005,000,000: 37,252,906,709,909,438,464.0 GiB"
WIDE = "50,000,005,000,000 × 100,000,000,000,000: 37,252,906,709,909,438,464.0 GiB"
LIMIT = "above the limit of 2.0 GiB"

MEMORY_ERRORS = [
    (
        lambda: commutation_matrix(HUGE, HUGE),
        f"the commutation matrix is {SQUARE}, {LIMIT}; apply transposition(m, n) instead",
    ),
    (
        lambda: duplication_matrix(HUGE),
        f"the duplication matrix is {TALL}, {LIMIT}; use vech and its inverse",
    ),
    (
        lambda: elimination_matrix(HUGE),
        f"the elimination matrix is {WIDE}, {LIMIT}; use vech",
    ),
    (
        HUGE_MAP.matrix,
        f"the map's matrix is {SQUARE}, {LIMIT}; "
        "use as_linear_operator, which never writes it down, or raise max_bytes",
    ),
    (
        HUGE_FORM.matrix,
        f"the form's matrix is {SQUARE}, {LIMIT}; "
        "apply the form to the matrices you need, or raise max_bytes",
    ),
]


MESSAGES = [
    (error, *pair)
    for error, pairs in (
        (ValueError, VALUE_ERRORS),
        (TypeError, TYPE_ERRORS),
        (MemoryError, MEMORY_ERRORS),
    )
    for pair in pairs
]


@pytest.mark.parametrize(("error", "call", "message"), MESSAGES)
def test_each_error_says_what_is_wrong_and_what_was_expected(error, call, message):
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message


ROW, M34 = np.ones((1, 2)), np.ones((3, 4))

SHOWN = [
    (lambda: functional(I2), "LinearMap from R^(2×2) to R: Y ↦ ⟨G, Y⟩"),
    (lambda: functional(I2).adjoint, "LinearMap from R to R^(2×2): adjoint of (Y ↦ ⟨G, Y⟩)"),
    (lambda: rank_one(ROW, M34), "LinearMap from R^(3×4) to R^(1×2): Y ↦ ⟨G, Y⟩ B"),
    (lambda: sandwich(ROW, M34), "LinearMap from R^(2×4) to R^(1×3): Y ↦ L Y Rᵀ"),
    (lambda: transposition(2, 3), "LinearMap from R^(2×3) to R^(3×2): Y ↦ Yᵀ"),
    (lambda: identity(2, 3), "LinearMap from R^(2×3) to R^(2×3): Y ↦ Y"),
    (lambda: LinearMap((), (2, 2), lambda y: y * I2), "LinearMap from R to R^(2×2): Y ↦ L(Y)"),
    (
        lambda: identity(2, 2) + transposition(2, 2),
        "LinearMap from R^(2×2) to R^(2×2): (Y ↦ Y) + (Y ↦ Yᵀ)",
    ),
    (lambda: 3 * identity(2, 2), "LinearMap from R^(2×2) to R^(2×2): 3 (Y ↦ Y)"),
    (
        lambda: identity(2, 2) @ transposition(2, 2),
        "LinearMap from R^(2×2) to R^(2×2): (Y ↦ Y) after (Y ↦ Yᵀ)",
    ),
    (
        lambda: identity(1, 2).tensor(transposition(3, 4)),
        "LinearMap from R^(1×2) ⊗ R^(3×4) to R^(1×2) ⊗ R^(4×3): (Y ↦ Y) ⊗ (Y ↦ Yᵀ)",
    ),
    (lambda: derivative(total, I2), "Derivative from R^(2×2) to R: Y ↦ Df(X)[Y]"),
    (lambda: derivative(total, E2), "Derivative from R^(2×2) to R: Y ↦ Df(X)[Y]"),
    (lambda: HESSIAN, "BilinearForm on R^(2×2), complex step"),
    (lambda: second_derivative(np.linalg.norm, I2), "BilinearForm on R^(2×2), central differences"),
    (
        lambda: second_derivative(total, E2).restrict_to_symmetric(),
        "BilinearForm on symmetric 2×2 matrices, exact",
    ),
    (lambda: TraceProduct(I2, I2), "TraceProduct: X ↦ tr(AX) tr(BX) on R^(2×2)"),
]


@pytest.mark.parametrize(("make", "text"), SHOWN)
def test_each_object_shows_what_it_is(make, text):
    assert repr(make()) == text


@pytest.mark.parametrize(
    ("f", "candidate", "verdict"),
    [
        (total, 2 * E2, "the candidate is the derivative: its Taylor remainder has the order 2.00"),
        (total, E2, "the candidate is not the derivative: its Taylor remainder has the order 1.00"),
        (np.trace, E2, "the candidate is the derivative: its Taylor remainder has the order inf"),
    ],
)
def test_a_taylor_test_says_its_verdict(f, candidate, verdict):
    assert str(check_derivative(f, E2, candidate)) == verdict
