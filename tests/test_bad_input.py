"""Every bad input gets one clear error that names the argument, and changes nothing."""

from dataclasses import replace

import numpy as np
import pytest
import sympy as sp
from scipy import sparse

import matderiv
from matderiv import (
    LinearMap,
    TraceProduct,
    check_derivative,
    commutation_matrix,
    derivative,
    diagnose,
    directional_derivative,
    duplication_matrix,
    elimination_matrix,
    exact,
    flatten,
    formula,
    functional,
    gradient,
    identity,
    rank_one,
    sandwich,
    second_derivative,
    symbolic,
    transposition,
    unvec,
    vec,
    vech,
)
from matderiv.maps import symmetric_product

I2 = np.eye(2)
ERRORS = (ValueError, TypeError)


def square_sum(X):
    return np.sum(X * X)


H = second_derivative(square_sum, I2)
H_EXACT = second_derivative(square_sum, exact(I2))
D_EXACT = derivative(square_sum, exact(I2))

# Each takes one matrix, the argument of that name; 2×2 fits everywhere.
TAKES_A_MATRIX = {
    "vec": ("X", vec),
    "vec by rows": ("X", lambda M: vec(M, "C")),
    "vech": ("X", vech),
    "functional": ("G", functional),
    "rank_one, first": ("B", lambda M: rank_one(M, I2)),
    "rank_one, second": ("G", lambda M: rank_one(I2, M)),
    "rank_one, exact": ("G", lambda M: rank_one(exact(I2), M)),
    "symmetric_product, first": ("P", lambda M: symmetric_product(M, I2)),
    "symmetric_product, second": ("Q", lambda M: symmetric_product(I2, M)),
    "sandwich, first": ("L", lambda M: sandwich(M, I2)),
    "sandwich, second": ("R", lambda M: sandwich(I2, M)),
    "TraceProduct, first": ("A", lambda M: TraceProduct(M, I2)),
    "TraceProduct, second": ("B", lambda M: TraceProduct(I2, M)),
    "TraceProduct, called": ("X", TraceProduct(I2, I2)),
    "TraceProduct, exact, called": ("X", TraceProduct(exact(I2), I2)),
    "TraceProduct.gradient": ("X", TraceProduct(I2, I2).gradient),
    "derivative": ("X", lambda M: derivative(square_sum, M)),
    "gradient": ("X", lambda M: gradient(square_sum, M)),
    "second_derivative": ("X", lambda M: second_derivative(square_sum, M)),
    "directional_derivative, X": ("X", lambda M: directional_derivative(square_sum, M, I2)),
    "directional_derivative, Y": ("Y", lambda M: directional_derivative(square_sum, I2, M)),
    "directional_derivative, Y at an exact X": (
        "Y",
        lambda M: directional_derivative(square_sum, exact(I2), M),
    ),
    "check_derivative": ("X", lambda M: check_derivative(square_sum, M, I2)),
    "diagnose": ("X", lambda M: diagnose(square_sum, M, I2)),
    "a form, first": ("Y", lambda M: H(M, I2)),
    "a form, second": ("Z", lambda M: H(I2, M)),
    "an exact form": ("Z", lambda M: H_EXACT(I2, M)),
    "a symmetric form": ("Y", lambda M: H.restrict_to_symmetric()(M, I2)),
    "an exact derivative": ("Y", D_EXACT),
}
takes_a_matrix = pytest.mark.parametrize(
    ("name", "call"), TAKES_A_MATRIX.values(), ids=TAKES_A_MATRIX
)

BAD_MATRICES = {  # each with what the error says is missing
    "empty": ([[]], "entry|shape"),
    "no rows": (np.zeros((0, 2)), "entry|shape"),
    "no columns": (np.zeros((2, 0)), "entry|shape"),
    "ragged": ([[1.0, 2.0], [3.0]], "rows"),
    "ragged and exact": ([[sp.Integer(1), sp.Integer(2)], [sp.Integer(3)]], "rows"),
    "three indices": (np.zeros((2, 2, 2)), "indices|shape"),
    "NaN": ([[np.nan, 0.0], [0.0, 1.0]], "finite"),
    "infinity": ([[0.0, -np.inf], [0.0, 1.0]], "finite"),
    "exact NaN": ([[sp.nan, 0], [0, 1]], "finite"),
    "exact infinity": ([[sp.oo, 0], [0, 1]], "finite"),
    "NaN among objects": (np.array([[np.nan, 0], [0, 1]], dtype=object), "finite"),
    "exact complex": ([[sp.I, 0], [0, 1]], "real"),
    "strings": ([["a", "b"], ["c", "d"]], "real"),
    "numbers as strings": ([["1", "2"], ["3", "4"]], "real"),
    "a string": ("matrix", "real"),
    "bytes": (np.array([[b"1", b"2"], [b"3", b"4"]]), "real"),
    "dates": (np.array([["2011-07-01"] * 2] * 2, dtype="datetime64[D]"), "real"),
    "nothing": (None, "real"),
    "a dictionary": ({"a": 1}, "real"),
    "a function": (np.sum, "real|matrix|array"),
    "a map": (identity(2, 2), "real|matrix|array"),
    "objects": (np.array([[object(), 1], [2, 3]], dtype=object), "real"),
    "a structured array": (np.zeros((2, 2), dtype=[("a", float)]), "real"),
}


@takes_a_matrix
@pytest.mark.parametrize(("bad", "missing"), BAD_MATRICES.values(), ids=BAD_MATRICES)
def test_what_is_not_a_matrix_is_refused_by_name(name, call, bad, missing):
    before = bad.copy() if isinstance(bad, np.ndarray) else repr(bad)
    with pytest.raises(ERRORS, match=rf"^{name}\b.*({missing})"):
        call(bad)
    if isinstance(bad, np.ndarray):
        assert bad.tobytes() == before.tobytes()
    else:
        assert repr(bad) == before


# Where Y has a shape to keep, or transposes and products are taken, a matrix is wanted.
MATRICES_ONLY = [
    key
    for key, (name, _) in TAKES_A_MATRIX.items()
    if key.startswith(("vec", "sandwich", "TraceProduct")) or name in "YZQ"
]


@pytest.mark.parametrize("key", MATRICES_ONLY)
@pytest.mark.parametrize("bad", [3.0, [1.0, 2.0]])
def test_numbers_and_vectors_are_refused_where_matrices_are_wanted(key, bad):
    name, call = TAKES_A_MATRIX[key]
    with pytest.raises(ERRORS, match=rf"^{name}\b.*(indices|shape|matrix|square)"):
        call(bad)


@pytest.mark.parametrize(
    ("key", "bad"),
    [("check_derivative", 3.0), ("check_derivative", [1.0, 2.0, 3.0]), ("diagnose", 3.0)],
)
def test_candidates_that_fit_a_matrix_are_refused_where_x_is_a_number_or_a_vector(key, bad):
    with pytest.raises(ERRORS, match=r"^candidate\b"):
        TAKES_A_MATRIX[key][1](bad)


@takes_a_matrix
@pytest.mark.parametrize("bad", [[[1j, 0.0], [0.0, 1.0]], np.eye(2, dtype=complex)])
def test_complex_entries_are_refused_with_the_way_out_but_where_they_only_move(name, call, bad):
    if name == "X" and call in (vec, vech, TAKES_A_MATRIX["vec by rows"][1]):
        assert np.iscomplexobj(call(bad))
    else:
        with pytest.raises(TypeError, match=rf"^{name}\b.*real.*\.real.*stack.*Hermitian"):
            call(bad)


@takes_a_matrix
def test_a_four_index_array_is_refused_with_the_advice_to_flatten_it(name, call):
    with pytest.raises(ERRORS, match=rf"^{name} .*\(2, 2, 2, 2\).*flatten"):
        call(np.zeros((2, 2, 2, 2)))


@takes_a_matrix
def test_a_matrix_is_accepted_as_lists_floats_integers_and_exact_numbers(name, call):
    for good in ([[1, 0], [0, 1]], ((1.0, 0.0), (0.0, 1.0)), np.eye(2, dtype=np.int8), exact(I2)):
        call(good)


WRONG_SHAPE = {
    "vech": ("X", vech),
    "TraceProduct, first": ("A", lambda M: TraceProduct(M, M)),
    "TraceProduct, second": ("B", lambda M: TraceProduct(I2, M)),
    **{
        key: TAKES_A_MATRIX[key]
        for key in TAKES_A_MATRIX
        if "called" in key or " Y" in key or "form" in key or key == "TraceProduct.gradient"
    },
    "an exact derivative": ("Y", D_EXACT),
    "a functional applied": ("Y", functional(I2)),
    "a sandwich applied": ("Y", sandwich(I2, I2)),
    "a transposition applied": ("Y", transposition(2, 2)),
    "a tensor product applied": ("Y", identity(2, 2).tensor(identity(2, 2))),
    "an adjoint applied": ("Y", functional(I2).adjoint),
}


@pytest.mark.parametrize(("name", "call"), WRONG_SHAPE.values(), ids=WRONG_SHAPE)
def test_a_matrix_of_another_shape_is_refused_with_its_shape(name, call):
    for shape in ((2, 3), (1, 2)):
        with pytest.raises(ValueError, match=rf"^{name} .*\({shape[0]}, {shape[1]}\)"):
            call(np.ones(shape))


@pytest.mark.parametrize("kind", [np.asarray, exact])
def test_maps_refuse_what_is_not_in_their_domain(kind):
    L = functional(kind(I2))
    for key, (bad, _) in BAD_MATRICES.items():
        if key in ("NaN", "infinity") and kind is np.asarray:
            continue  # a float map does not look at every entry: they come out as they went in
        with pytest.raises(ERRORS, match=r"^Y\b"):
            L(bad)
    for bad in (None, "1", 1j, [1.0], I2):
        with pytest.raises(ERRORS, match=r"^Y\b"):
            L.adjoint(bad)


def test_nan_goes_through_a_float_map_in_plain_sight():
    for L in (functional(0 * I2), rank_one(I2, 0 * I2), sandwich(I2, 0 * I2), transposition(2, 2)):
        assert np.any(np.isnan(L([[np.nan, 0.0], [0.0, 0.0]])))


# Orders.

TAKES_AN_ORDER = {
    "vec": lambda order: vec(I2, order),
    "unvec": lambda order: unvec([1.0, 2.0], (1, 2), order),
    "matrix": functional(I2).matrix,
    "matrix of a derivative": D_EXACT.matrix,
    "as_linear_operator": functional(I2).as_linear_operator,
    "matrix of a form": H.matrix,
    "matrix of a symmetric form": H.restrict_to_symmetric().matrix,
}


@pytest.mark.parametrize("call", TAKES_AN_ORDER.values(), ids=TAKES_AN_ORDER)
@pytest.mark.parametrize("bad", ["A", "f", "c", "", "FC", "K", None, 0, True, ["F"], ("C",)])
def test_orders_other_than_f_and_c_are_refused(call, bad):
    with pytest.raises(ERRORS, match=r'^order\b.*"F".*"C"'):
        call(bad)


# Sizes and shapes.

TAKES_A_SIZE = {
    "commutation_matrix, m": ("m", lambda k: commutation_matrix(k, 2)),
    "commutation_matrix, n": ("n", lambda k: commutation_matrix(2, k)),
    "duplication_matrix": ("n", duplication_matrix),
    "elimination_matrix": ("n", elimination_matrix),
    "transposition, m": ("m", lambda k: transposition(k, 2)),
    "transposition, n": ("n", lambda k: transposition(2, k)),
    "identity, m": ("m", lambda k: identity(k, 2)),
    "identity, n": ("n", lambda k: identity(2, k)),
    "symbolic, rows": ("shape", lambda k: symbolic("x", (k, 2))),
    "symbolic, columns": ("shape", lambda k: symbolic("x", (2, k))),
    "unvec, rows": ("shape", lambda k: unvec([1.0, 2.0], (k, 2))),
    "unvec, columns": ("shape", lambda k: unvec([1.0, 2.0], (2, k))),
    "LinearMap, domain": ("domain", lambda k: LinearMap((k, 2), (2, 2), np.asarray)),
    "LinearMap, codomain": ("codomain", lambda k: LinearMap((2, 2), (2, k), np.asarray)),
}


@pytest.mark.parametrize(("name", "call"), TAKES_A_SIZE.values(), ids=TAKES_A_SIZE)
@pytest.mark.parametrize("bad", [0, -1, 2.0, 1.5, "2", None, True, np.nan, [2], 2j])
def test_sizes_that_are_not_positive_integers_are_refused(name, call, bad):
    with pytest.raises(ERRORS, match=rf"\b{name}\b.* positive integer"):
        call(bad)


@pytest.mark.parametrize(("name", "call"), TAKES_A_SIZE.values(), ids=TAKES_A_SIZE)
def test_numpys_integers_are_sizes_too(name, call):
    call(np.int64(1))


@pytest.mark.parametrize("bad", [2, (2,), (2, 2, 2), None, "22", (), {2: 2}, np.array([2, 2])])
def test_shapes_that_are_not_two_numbers_are_refused(bad):
    for call in (lambda: unvec(np.ones(4), bad), lambda: symbolic("x", bad)):
        with pytest.raises(ERRORS, match=r"^shape\b"):
            call()


@pytest.mark.parametrize("bad", [2, (2, 2, 2), None, [2, 2], "ab"])
def test_spaces_that_are_not_numbers_vectors_matrices_or_tensors_are_refused(bad):
    with pytest.raises(ERRORS, match=r"\bdomain\b"):
        LinearMap(bad, (), np.sum)
    with pytest.raises(ERRORS, match=r"\bcodomain\b"):
        LinearMap((), bad, np.ones)


@pytest.mark.parametrize("name", ["", None, 3, ["x"], sp.Symbol("x")])
def test_names_of_symbols_are_strings(name):
    with pytest.raises(TypeError, match=r"^name\b.*string"):
        symbolic(name, (2, 2))


@pytest.mark.parametrize(
    "v",
    [
        np.ones(3),
        np.ones(5),
        np.ones((2, 2)),
        np.ones((1, 4)),
        np.ones((4, 2)),
        np.ones((4, 1, 1)),
        1.0,
        [],
        [[1.0, 2.0], [3.0]],
        [np.nan, 1.0, 2.0, 3.0],
        ["1", "2", "3", "4"],
        np.ma.masked_less([1.0, 2.0, 3.0, 4.0], 2),
        None,
    ],
)
def test_unvec_refuses_what_is_not_the_coordinates_of_such_a_matrix(v):
    for order in "FC":
        with pytest.raises(ERRORS, match=r"^v\b"):
            unvec(v, (2, 2), order)


HUGE = 10**7  # so large that no machine starts to allocate it
LARGE_FORM = second_derivative(square_sum, np.ones((200, 200)))


@pytest.mark.parametrize(
    ("call", "way_out"),
    [
        (lambda: commutation_matrix(HUGE, HUGE), "transposition"),
        (lambda: duplication_matrix(HUGE), "vech"),
        (lambda: elimination_matrix(HUGE), "vech"),
        (identity(HUGE, HUGE).matrix, "as_linear_operator.*max_bytes"),
        (LARGE_FORM.matrix, "apply.*max_bytes"),
        (lambda: LARGE_FORM.tensor, "apply"),
        (LARGE_FORM.restrict_to_symmetric().matrix, "apply.*max_bytes"),
    ],
)
def test_more_than_two_gib_are_refused_with_the_size_and_the_way_out(call, way_out):
    with pytest.raises(MemoryError, match=rf"GiB.* 2\.0 GiB.*{way_out}"):
        call()


@pytest.mark.parametrize(
    ("call", "rows", "columns"),
    [
        (lambda: commutation_matrix(HUGE, HUGE), HUGE**2, HUGE**2),
        (lambda: duplication_matrix(HUGE), HUGE**2, HUGE * (HUGE + 1) // 2),
        (lambda: elimination_matrix(HUGE), HUGE * (HUGE + 1) // 2, HUGE**2),
    ],
    ids=["commutation", "duplication", "elimination"],
)
def test_the_refused_size_is_that_of_the_matrix(call, rows, columns):
    with pytest.raises(MemoryError, match=f" is {rows:,} × {columns:,}: "):
        call()


@pytest.mark.parametrize(
    ("write", "needed"),
    [
        (identity(2, 2).matrix, 4 * 4 * 8),
        (H.matrix, 4 * 4 * 8),
        (H.restrict_to_symmetric().matrix, 3 * 3 * 8),
        (functional(np.ones((2, 3))).matrix, 1 * 6 * 8),
    ],
)
def test_a_matrix_may_be_as_large_as_the_limit_and_no_larger(write, needed):
    assert write(max_bytes=needed).size * 8 == needed
    with pytest.raises(MemoryError):
        write(max_bytes=needed - 1)


# exact().


@pytest.mark.parametrize(
    "bad",
    [
        [[1, 2], [3]],
        [np.ones(2), np.ones(3)],
        [[1, "2"]],
        "12",
        None,
        [[None]],
        [[1j]],
        [[np.complex128(1)]],
        [[sp.I]],
        [[1 + sp.I * sp.Symbol("x", real=True)]],
        [[np.nan]],
        [[np.float32("inf")]],
        [[sp.zoo]],
        [[-sp.oo]],
        [[sp.oo * sp.Symbol("x", positive=True)]],
        [[sp.nan]],
        [[sp.oo + 1]],
        [],
        [[]],
        np.zeros((0, 3)),
        [[object()]],
        {1: 2},
        [[sp.Symbol("x") > 1]],
        np.array(["2011"], dtype="datetime64[Y]"),
    ],
)
def test_exact_refuses_what_is_not_real_and_finite(bad):
    with pytest.raises(ERRORS, match="exact array"):
        exact(bad)


@pytest.mark.parametrize("bad", [np.nan, -np.inf, sp.nan, sp.oo, -sp.oo, sp.zoo])
def test_exact_says_of_infinities_that_they_are_not_finite(bad):
    with pytest.raises(ValueError, match="finite"):
        exact([[1, bad]])


# The algebra of maps.


def test_maps_between_other_spaces_do_not_add_or_compose():
    L, M = identity(2, 3), transposition(2, 3)
    for combine in (lambda: L + M, lambda: L - M, lambda: M + L):
        with pytest.raises(ValueError, match=r"same spaces.*2×3"):
            combine()
    with pytest.raises(ValueError, match=r"codomain.*\(3, 2\).*domain.*\(3, 3\)"):
        identity(3, 3) @ M
    with pytest.raises(ValueError, match=r"codomain.*domain"):
        M @ functional(np.ones((2, 3)))


@pytest.mark.parametrize("other", [1, 2.0, None, "L", I2, exact(I2), [I2]])
def test_only_maps_add_to_maps_compose_with_them_and_tensor_with_them(other):
    L = identity(2, 2)
    for combine in (
        lambda: L + other,
        lambda: other + L,
        lambda: L - other,
        lambda: other - L,
        lambda: L @ other,
        lambda: other @ L,
    ):
        with pytest.raises(TypeError):
            combine()
    with pytest.raises(TypeError, match=r"^other\b.*LinearMap"):
        L.tensor(other)


@pytest.mark.parametrize("other", [1j, "2", None, I2, [2.0], sp.I, identity(2, 2), sp.Symbol("z")])
def test_only_real_numbers_multiply_maps(other):
    for L in (identity(2, 2), functional(exact(I2))):
        with pytest.raises(TypeError):
            L * other
        with pytest.raises(TypeError):
            other * L


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, np.float32("nan")])
def test_nan_and_infinity_do_not_multiply_maps(number):
    for L in (identity(2, 2), functional(exact(I2))):
        with pytest.raises(ValueError, match=r"^scalar\b.*finite"):
            number * L


def test_a_rule_must_be_a_function_into_the_codomain():
    with pytest.raises(TypeError, match=r"^rule\b.*function"):
        LinearMap((2, 2), (2, 2), None)
    wrong = LinearMap((2, 2), (2, 2), np.trace)
    for use in (
        lambda: wrong(I2),
        wrong.matrix,
        lambda: wrong.adjoint(I2),
        lambda: wrong.as_linear_operator() @ np.ones(4),
    ):
        with pytest.raises(ValueError, match=r"^rule\b.*\(2, 2\).*\(\)"):
            use()


@pytest.mark.parametrize("v", [np.ones(3), np.ones((3, 1)), 1j * np.ones(4)])
def test_linear_operators_refuse_other_vectors(v):
    with pytest.raises(ERRORS):
        identity(2, 2).as_linear_operator() @ v


# Functions.

DIFFERENTIATE = {
    "derivative": derivative,
    "gradient": gradient,
    "second_derivative": second_derivative,
    "directional_derivative": lambda f, X: directional_derivative(f, X, I2),
    "check_derivative": lambda f, X: check_derivative(f, X, I2),
    "diagnose": lambda f, X: diagnose(f, X, I2),
}
differentiate = pytest.mark.parametrize("do", DIFFERENTIATE.values(), ids=DIFFERENTIATE)
POINTS = {"floats": I2, "exact": exact(I2)}
points = pytest.mark.parametrize("X", POINTS.values(), ids=POINTS)


@differentiate
@points
@pytest.mark.parametrize("f", [None, 1.0, I2, "np.trace"])
def test_f_must_be_a_function(do, X, f):
    with pytest.raises(TypeError, match=r"^f\b.*function"):
        do(f, X)


WRONG_VALUES = {
    "three indices": lambda X: np.stack([X, X]),
    "four indices": lambda X: np.multiply.outer(X, X),
    "nothing": lambda X: None,
    "a string": lambda X: "1",
    "a ragged list": lambda X: [[1, 2], [3]],
    "a dictionary": lambda X: {},
    "complex": lambda X: X * 1j,
    "complex with no imaginary part": lambda X: X.astype(complex),
    "exact complex": lambda X: np.trace(X) * sp.I,
    "NaN": lambda X: np.trace(X) * np.nan,
    "infinity": lambda X: np.trace(X) * np.inf,
    "exact infinity": lambda X: np.trace(X) * sp.oo,
    "NaN in a matrix": lambda X: X - [[1, np.nan], [1, 1]],
    "an empty matrix": lambda X: X[:0],
}


@points
@pytest.mark.parametrize("do", [gradient, second_derivative])
@pytest.mark.parametrize("f", [lambda X: X[0], lambda X: X @ X])
def test_f_must_return_a_number_where_there_is_to_be_a_gradient(do, X, f):
    with pytest.raises(ValueError, match=r"^f must return a number.*\(2,"):
        do(f, X)


@differentiate
@points
@pytest.mark.filterwarnings("ignore:invalid value encountered")
@pytest.mark.parametrize("f", WRONG_VALUES.values(), ids=WRONG_VALUES)
def test_f_must_return_a_finite_real_number_or_matrix(do, X, f):
    with pytest.raises(ERRORS, match=r"^f\b.*(number|matrix|finite|exact)"):
        do(f, X)


@points
def test_f_must_return_a_number_for_a_gradient_and_a_second_derivative(X):
    for do in (gradient, second_derivative):
        for f, shape in ((lambda X: X, r"\(2, 2\)"), (lambda X: X[:1], r"\(1, 2\)")):
            with pytest.raises(ValueError, match=rf"^f\b.*number.*{shape}"):
                do(f, X)


def test_f_must_return_values_of_one_shape():
    def f(X):
        return X if np.all(np.eye(2, dtype=int) == X) else X[:1]

    with pytest.raises(TypeError, match=r"^f\b.*one shape.*\(2, 2\).*\(1, 2\)"):
        derivative(f, I2)
    with pytest.raises(TypeError, match=r"^f\b.*one shape"):
        derivative(f, exact(I2))(I2)


@differentiate
@points
def test_bad_functions_and_points_leave_the_point_unchanged(do, X):
    def f(W):
        W[:] = 0 * W
        return np.stack([W, W])

    before = X.copy()
    with pytest.raises(ValueError, match=r"^f\b"):
        do(f, X)
    assert np.all(before == X)


def test_symbols_are_no_direction_at_a_point_of_floats():
    for f in (square_sum, np.linalg.norm):
        with pytest.raises(TypeError, match=r"numbers.*symbols"):
            derivative(f, I2)(symbolic("y", (2, 2)))


# Forms.


@pytest.mark.parametrize("form", [H, H_EXACT])
def test_a_form_on_symmetric_matrices_refuses_others(form):
    restricted = form.restrict_to_symmetric()
    skew = [[0, 1], [2, 0]]
    with pytest.raises(ValueError, match=r"^Y\b.*symmetric"):
        restricted(skew, I2)
    with pytest.raises(ValueError, match=r"^Z\b.*symmetric"):
        restricted(I2, skew)
    with pytest.raises(ValueError, match="tensor"):
        _ = restricted.tensor


def test_only_forms_on_square_matrices_restrict_to_symmetric_ones():
    with pytest.raises(ValueError, match=r"square.*2×3"):
        second_derivative(square_sum, np.ones((2, 3))).restrict_to_symmetric()


# Candidates.


@points
@pytest.mark.parametrize(
    "candidate",
    [
        None,
        1.0,
        "X",
        np.ones(4),
        np.ones((1, 4)),
        np.ones((4, 4)),
        np.ones((2, 2, 2)),
        np.ones((3, 3)),
        [[1.0], [2.0, 3.0]],
        np.trace,
    ],
)
def test_candidates_of_no_known_kind_are_refused(X, candidate):
    with pytest.raises(ERRORS, match=r"^candidate\b"):
        check_derivative(square_sum, X, candidate)


@points
def test_candidates_of_other_shapes_are_refused(X):
    number, to_matrices = square_sum, lambda X: X @ X
    rectangular = second_derivative(square_sum, np.ones((2, 3)))
    for f, candidate in (
        (number, functional(np.ones((2, 3)))),
        (number, identity(3, 3)),
        (number, rank_one(np.ones((3, 3)), I2)),
        (number, rectangular),
        (number, H.restrict_to_symmetric()),
        (to_matrices, H),
        (to_matrices, functional(I2)),
        (to_matrices, identity(3, 3)),
        (to_matrices, I2),
    ):
        with pytest.raises(ERRORS, match=r"^candidate\b"):
            check_derivative(f, X, candidate)


@pytest.mark.parametrize("bad", [np.full((2, 2), np.nan), np.eye(2) * 1j, [["a"] * 2] * 2])
def test_candidates_are_real_finite_matrices(bad):
    with pytest.raises(ERRORS, match=r"^candidate\b"):
        check_derivative(square_sum, I2, bad)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("diagnose", lambda: diagnose(I2, square_sum, I2)),
        ("diagnose", lambda: diagnose(square_sum, square_sum, I2)),
        ("diagnose", lambda: diagnose(square_sum, I2, square_sum)),
        ("check_derivative", lambda: check_derivative(square_sum, functional(I2), I2)),
        ("check_derivative", lambda: check_derivative(I2, square_sum, functional(I2))),
    ],
)
def test_arguments_in_another_order_are_refused_with_the_right_one(name, call):
    with pytest.raises(TypeError, match=rf"the order is {name}\(f, X, candidate\)"):
        call()


def test_a_candidate_at_a_symbolic_point_is_refused():
    X = symbolic("x", (2, 2))
    with pytest.raises(ValueError, match=r"^X\b.*numbers.*symbols"):
        check_derivative(square_sum, X, 2 * X)


# TraceProduct.


@pytest.mark.parametrize("kind", [np.asarray, exact])
def test_the_zero_matrix_makes_no_angle(kind):
    for A, B in ((I2, 0 * I2), (0 * I2, I2), (0 * I2, 0 * I2)):
        with pytest.raises(ValueError, match=r"^A and B\b.*zero"):
            _ = TraceProduct(kind(A), kind(B)).angle


def test_replacing_the_shape_of_a_map_is_checked_too():
    with pytest.raises(ValueError, match="domain"):
        replace(LinearMap((2, 2), (2, 2), np.transpose), domain=(0, 2))


def test_a_number_in_words_is_no_number():
    with pytest.raises(TypeError, match=r"^f must return real numbers; it returned '1\.5'"):
        derivative(lambda X: str(float(np.real(X[0, 0]))), [[1.5]])


@pytest.mark.parametrize(
    "f",
    [
        lambda X: np.ma.masked_less(X, 10).sum(),
        lambda X: np.ma.masked,
        lambda X: sparse.eye_array(1),
    ],
)
def test_values_that_leave_out_entries_are_refused(f):
    for do in (derivative, gradient, second_derivative):
        with pytest.raises(TypeError, match=r"^f\(X\) must be neither masked nor sparse: take f"):
            do(f, I2)


def test_one_number_may_come_in_a_list_a_matrix_or_sympys():
    x = [1.0, 2.0]
    for f in (lambda x: [x @ x], lambda x: ((x @ x,),)):
        assert np.allclose(gradient(f, x), [2, 4])
        assert diagnose(f, x, [2.0, 4.0])
    assert np.all(gradient(lambda x: sp.Matrix(x).T * sp.Matrix(x), exact([1, 2])) == [2, 4])
    with pytest.raises(TypeError, match="None"):
        gradient(lambda x: None, x)


def test_floats_among_objects_are_floats():
    X = np.array([[1.0, 2.0], [3.0, 4.0]], dtype=object)
    assert np.allclose(
        gradient(lambda X: np.sum(np.exp(0.5 * X)), X), np.exp(0.5 * X.astype(float)) / 2
    )


def test_what_cannot_become_an_array_is_named():
    class Recording:
        def __array__(self, *args, **kwargs):
            raise RuntimeError("call detach()")

    for do in (lambda X: gradient(square_sum, X), functional, lambda Y: functional(I2)(Y)):
        with pytest.raises(TypeError, match=r"^[XGY] must be an array of NumPy.*detach"):
            do(Recording())
    with pytest.raises(TypeError, match=r"^f must return real numbers"):
        gradient(lambda X: Recording(), I2)


@pytest.mark.parametrize("name", ["rule", "adjoint_rule"])
def test_rules_are_functions(name):
    rules = {"rule": np.trace} | {name: "the trace"}
    with pytest.raises(TypeError, match=f"^{name} must be a function"):
        LinearMap((2, 2), (), **rules)


def test_a_map_that_is_multiplied_by_an_array_says_how_to_apply_it():
    with pytest.raises(TypeError, match=r"write L\(Y\)"):
        transposition(2, 2) @ I2


def test_layouts_and_engines_are_words():
    with pytest.raises(ValueError, match=r"^layout must hold"):
        flatten("ik,jl", np.ones((2, 2, 2, 2)))
    with pytest.raises(ValueError, match=r"^layout must hold"):
        flatten(np.ones((2, 2, 2, 2)), np.ones(2))
    with pytest.raises(ValueError, match=r"^engine must be"):
        gradient(square_sum, I2, engine=["jax"])


def test_a_formula_is_diagnosed_with_formulas_and_as_it_was_declared():
    f = formula("tr(A*X)")
    with pytest.raises(TypeError, match=r"^symmetric must be declared where f is read"):
        diagnose(f, "X", "A", symmetric="A")
    assert diagnose(formula("tr(A*X)", symmetric="A"), "X", "A")
    assert diagnose(f, "X", f.derivative("X").gradient)
    for candidate in (None, I2, sp.Symbol("A")):
        with pytest.raises(TypeError, match=r"^candidate must be a formula"):
            diagnose(f, "X", candidate)


def test_sympys_symbols_may_be_declared_and_differentiate():
    A, X = sp.MatrixSymbol("A", 3, 3), sp.MatrixSymbol("X", 3, 3)
    f = formula(sp.Trace(A * X), symmetric="A")
    assert str(f.derivative(X).gradient) == "A"


def test_the_package_lists_what_formulas_bring():
    assert {"formula", "Formula", "gradient"} <= {*dir(matderiv)}


def test_what_its_library_does_not_turn_into_an_array_is_named():
    class Sparse:
        def __array__(self, *args, **kwargs):
            raise TypeError("use to_dense()")

    with pytest.raises(TypeError, match=r"^X\b.*to_dense"):
        vec(Sparse())
