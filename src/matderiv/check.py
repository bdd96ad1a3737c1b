"""Is this the derivative? A candidate is tested by the remainder of Taylor's formula."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from math import inf, isnan, nan, prod
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from matderiv.arrays import Matrix, Shape, exact, is_exact, is_symmetric, real_array
from matderiv.derivatives import problem, sent_to_its_engine
from matderiv.engines import SINGLE, Function, point
from matderiv.engines.autodiff import library_of
from matderiv.engines.expressions import is_zero, magnitude
from matderiv.engines.lines import at
from matderiv.maps import BilinearForm, LinearMap, Rule, engines_of, parts_of, space
from matderiv.subspaces import symmetric

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CALL = "check_derivative(f, X, candidate)"
ABOVE = 10  # times the noise: remainders that are not themselves noise
BETWEEN = [1, 1 / 2, 1 / 4]  # steps of floats are those of the engine, which are eighths, and these
RIGHT = 1e-9  # candidates of floats that differ by less, relatively, count as equal
LINEAR = 1e-6  # rules of floats need be linear no further: they may hold differences
SLOWEST, LONG = 1.2, 1e4  # the order of a remainder that falls, on a piece of so many steps' ratio
FEW = 3  # steps between which the order is seen: the noise after them bounds it, too
FLAT = 0.5  # an order below this, above the noise, is a jump further out: no candidate has it
STRAIGHT = 0.25  # slopes of a straight piece of the curve differ by less


@dataclass(frozen=True)
class TaylorTest:
    """What `check_derivative` found: Taylor's remainder at ever smaller steps.

    As a truth value, whether the candidate passed; ``str`` says what it failed.

    Attributes
    ----------
    steps, remainders
        The curve, of that entry of f which decides.
    order
        The least of all entries' observed orders in the step: at least 2 for a derivative, or
        between 1 and 2 where f has no second one, and 1 for anything else. It is infinite where the
        remainder vanishes in f's rounding, and NaN where nothing was tested, because f itself does
        not change by more.
    piece
        The steps of the straight piece of the curve, between which it has this order.
    flaw
        What the candidate is not, and every derivative is: "linear" or "symmetric"; or nothing.
    subject
        What it was compared with: "derivative" or "second derivative".
    on_symmetric
        Where it failed at a symmetric X, whether it passes on symmetric matrices.
    """

    steps: tuple[float, ...]
    remainders: tuple[float, ...]
    order: float
    piece: tuple[float, ...] = ()
    flaw: str = ""
    subject: str = "derivative"
    on_symmetric: bool = False

    @property
    def passed(self) -> bool:
        """Whether the remainder falls faster than the step, and nothing else is wrong."""
        return self.falls and not self.flaw

    @property
    def falls(self) -> bool:
        """Whether the remainder falls faster than the step; an order near 1 is seen from afar."""
        long = self.piece and self.piece[0] > LONG * self.piece[-1]
        return self.order > (SLOWEST if long else 1.5)

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        found = f"its Taylor remainder has the order {self.order:.2f}"
        if isnan(self.order):
            found = "around X, f changes by no more than its rounding"
            if not self.flaw:
                return f"nothing was tested: {found}"
        if self.flaw:
            found = f"it is not {self.flaw}, {'though' if self.falls else 'and'} {found}"
        also = "; on symmetric matrices it is: within=symmetric(n)" * self.on_symmetric
        return f"the candidate is {'' if self.passed else 'not '}the {self.subject}: {found}{also}"

    def plot(self) -> Axes:
        """Draw the remainders beside the slopes 1 and 2, and 3 where the order is 3.

        Returns
        -------
        matplotlib.axes.Axes
            A notebook shows it; ``.figure.savefig("taylor.svg")`` writes it to a file. The steps of
            the straight piece have large marks.

        Raises
        ------
        ModuleNotFoundError
            Without Matplotlib, which the extra ``matderiv[book]`` brings.

        Examples
        --------
        >>> A = np.array([[7.0, 1.0], [2.0, 3.0]])
        >>> check_derivative(lambda X: np.trace(A @ X @ X), np.eye(2), A).plot().get_xlabel()
        'step $h$, ever smaller'
        """
        from matderiv.book.figures.curves import remainders

        return remainders(self).axes[0]


class AdjointTest(NamedTuple):
    """What `LinearMap.check_adjoint` found: ⟨L(Y), Z⟩ and ⟨Y, L*(Z)⟩; true where they agree."""

    forth: Any
    back: Any
    passed: bool

    def __bool__(self) -> bool:
        return self.passed


def check_derivative(
    f: Function,
    X: Matrix,
    candidate: LinearMap | BilinearForm | Matrix | Function,
    rng: int | np.random.Generator | None = None,
    *,
    within: LinearMap | None = None,
    engine: str | None = None,
) -> TaylorTest:
    """Test a candidate for the derivative of f at X by its Taylor remainder.

    Parameters
    ----------
    f, X, within
        As in `derivative`. An exact `X` of numbers and an exact candidate are tested without
        rounding.
    candidate
        For the first derivative a `LinearMap`; or an array of the shape of f's value followed by
        that of `X`, as JAX and PyTorch write it: for a number, the gradient. For the second
        derivative of a number a `BilinearForm`, the Hessian as a `LinearMap` from the space of `X`
        to itself, or an array with the indices of `X` twice. Or a function of `X` that returns one
        of these. Within a subspace its own coordinates, such as vech, may take the place of `X`.
    rng
        A seed or a ``numpy.random.Generator`` for the directions. By default they are always the
        same.
    engine
        "jax", "torch" or "autograd" for an f that is written for this library, and a candidate that
        is a function of its arrays, such as ``jax.grad(f)``; both are called in double precision.

    Returns
    -------
    TaylorTest
        The remainders f(X ± hY) − f(X) ∓ h·candidate(Y) along a direction Y that favours no
        coordinates, the larger of the two and half their difference; their order, and the
        verdict. For a second derivative those of (f(W + hZ) − f(W − hZ)) / 2h in place of f(W),
        less h·candidate(Y, Z).

    Raises
    ------
    TypeError, ValueError
        When `candidate` is none of these, or its shapes do not fit; a raw matrix of n⁴ numbers
        does not say in which order it is written. When it is one for the second derivative, and f
        has none at `X`; or one within a subspace other than `within`. When `rng` is no seed.
        Otherwise as `derivative`.

    Notes
    -----
    The order is the slope of the remainder's curve, in logarithms, over its straight piece at the
    finest steps at which it is more than f's noise, which is measured. A candidate that is right to
    nine digits is right. An error that changes f by less than this noise passes. Of a constant
    other than zero a zero candidate is not tested, as f's rounding could hide a slope.

    A map that is made of a rule need not be linear, nor a form symmetric: the rule's values at
    three directions with the sum zero must have the sum zero, and a form's not change when its
    arguments change places.

    Examples
    --------
    >>> A = np.array([[7.0, 1.0], [2.0, 3.0]])
    >>> def f(X):
    ...     return np.trace(A @ X @ X)
    >>> print(check_derivative(f, np.eye(2), A))
    the candidate is not the derivative: its Taylor remainder has the order 1.00
    >>> print(check_derivative(f, np.eye(2), lambda X: (A @ X + X @ A).T))
    the candidate is the derivative: its Taylor remainder has the order 2.00

    A function that reads one triangle has this gradient on symmetric matrices only.

    >>> from matderiv import symmetric
    >>> def f(S):
    ...     return 2 * np.log(np.diag(np.linalg.cholesky(S))).sum()
    >>> S = np.array([[2.0, 1.0], [1.0, 3.0]])
    >>> test = check_derivative(f, S, np.linalg.inv)
    >>> test.passed, test.on_symmetric
    (False, True)
    >>> bool(check_derivative(f, S, np.linalg.inv, within=symmetric(2)))
    True

    A rule need not be linear.

    >>> check_derivative(np.trace, S, LinearMap((2, 2), (), lambda Y: abs(np.trace(Y)))).flaw
    'linear'
    """
    X = point(X, CALL)
    library = None if engine is None else library_of(engine)
    X = np.asarray(X, dtype=float) if library else X
    readings = [candidate]
    if callable(f):  # else `problem` refuses it
        if callable(candidate) and not isinstance(candidate, (LinearMap, BilinearForm)):
            with sent_to_its_engine(library):
                candidate = library.call(candidate, X) if library else candidate(X.copy())
        readings = _readings(candidate, X, within)
        f = partial(library.value, f) if library else f
    many = getattr(readings[0], "codomain", ()) in ((1,), (1, 1))  # values as arrays, of one entry
    bound: Any
    bound, subspace = problem(f, X, CALL, within, None, number=False if many else None)
    if is_exact(bound.X) and any(entry.free_symbols for entry in bound.X.flat):
        raise ValueError("X must hold numbers, not symbols: a remainder has a size")
    right = SINGLE if "float32" in str(getattr(candidate, "dtype", "")) else RIGHT

    fits = _fitting(candidate, readings, X.shape, bound, subspace)
    tests: list[Any] = [_tested(bound, L, J, rng, right) for L, J in fits]
    if None in tests:
        return check_derivative(f, np.asarray(X, dtype=float), candidate, rng, within=within)
    found = next(filter(None, tests), tests[0])
    if found or subspace or not is_symmetric(X):
        return found
    with suppress(ValueError):  # where f or the candidate is nothing there
        inside = check_derivative(f, X, candidate, rng, within=symmetric(len(X)))
        found = replace(found, on_symmetric=inside.passed)
    return found


def _tested(engine: Any, L: Any, J: Any, rng: Any, right: float) -> TaylorTest | None:
    """Test a map or a form; return `None` where it is one of floats at an exact X.

    Where units differ, entries of the candidate for small entries of X hardly count along a
    direction in those: it is tested along one in one unit as well, by steps below the least.
    """
    drawn = _directions(rng, [engine.X.shape] * 2, is_exact(engine.X))
    second = engine.twice() if isinstance(L, BilinearForm) else None
    tested = partial(_tested_along, engine, second, L, J, right)
    test = tested([D * engine.units for D in drawn], engine.steps)
    if (least := np.min(engine.units)) < 1:
        short = engine.steps[engine.steps <= engine.scale * least]
        other = tested(drawn, short) if len(short) > 1 else None
        if other is not None and not (other.passed or isnan(other.order)):
            return other
    return test


def _tested_along(
    engine: Any, second: Any, L: Any, J: Any, right: float, drawn: Any, steps: Any
) -> TaylorTest | None:
    """Test a map along one of two directions, or a form along both, by these steps."""
    Y, Z = drawn
    directions = [Y, Z] if second else [Y]
    if second:  # refuse an f without a second derivative
        second.second_slopes(directions, directions)

    def along(*directions: Any) -> Any:
        return real_array(L(*map(J, directions)), "candidate(Y)")

    predicted = along(*directions)
    exactly = is_exact(engine.X)
    if exactly and not is_exact(predicted):
        return None
    flaw, doubt = _flaw(L, along, Y, Z, directions[1:]), 0 * predicted
    if not exactly:
        predicted = predicted.astype(float)
        doubt = right * np.abs(predicted) + _own_error(L, directions, J)
    subject = "second derivative" if second else "derivative"
    test = _taylor_test(engine, directions, predicted, doubt, steps)
    return replace(test, flaw=flaw, subject=subject)


def _own_error(L: Any, directions: Sequence[Any], J: Any) -> Any:
    """Return how far a derivative may be off along these very directions, as it estimates."""
    if not getattr(L, "error", 0.0) > 0:  # it may be NaN, not known
        return 0.0
    engine = getattr(L, "map", L).engine
    inner = getattr(L, "within", None) or getattr(L, "subspace", None)
    inside = inner and engine.X.shape == inner.J.domain  # it computes in its coordinates
    Y, *Z = directions if inside else map(J, directions)
    errors = engine.second_slopes([Y], Z)[1] if Z else engine.slopes([Y])[1]
    return errors.reshape(() if Z else L.codomain)


def adjoint_test(L: LinearMap, rng: Any) -> AdjointTest:
    """Compare ⟨L(Y), Z⟩ with ⟨Y, L*(Z)⟩; see `LinearMap.check_adjoint`."""
    Y, Z = _directions(rng, [L.domain, L.codomain], L.exact)
    if subspace := getattr(L, "subspace", None):
        Y = subspace.project(subspace.J.adjoint(Y))
    forth, back = (np.ravel(np.asarray(terms)).tolist() for terms in (L(Y) * Z, Y * L.adjoint(Z)))
    gap, size = np.asarray(sum(forth) - sum(back)), sum(map(abs, forth + back))
    return AdjointTest(sum(forth), sum(back), _vanishes(gap, size, _accuracy(L)))


def _directions(rng: Any, shapes: Sequence[Shape], exactly: bool) -> list[Any]:
    """Draw directions that favour no coordinates."""
    try:
        generator = np.random.default_rng(2011 if rng is None else rng)
    except (TypeError, ValueError) as error:
        raise TypeError(f"rng must be a seed or a Generator of NumPy; it is {rng!r}") from error
    drawn = [np.round(generator.uniform(0.1, 1, shape), 6) for shape in shapes]
    return list(map(exact, drawn)) if exactly else drawn


def _readings(candidate: Any, X: Any, within: Any) -> list[Any]:
    """Return the maps or forms that a candidate may be; an array, if X's indices come last."""
    if isinstance(candidate, (LinearMap, BilinearForm)):
        return [candidate]
    T = real_array(candidate, "candidate")
    coordinates = (prod(within.domain),) if isinstance(within, LinearMap) else X.shape
    found = []
    for domain in dict.fromkeys((X.shape, coordinates)):
        values = T.shape[: T.ndim - len(domain)]  # X's are the last indices
        if T.shape == values + domain and len(values) <= 2:
            rule = partial(np.tensordot, T, axes=len(domain))
            found.append(Rule(domain, values, rule, exact=is_exact(T)))
    return (found if np.any(T) else found[:1]) or [T]  # zeros are of any order


def _fitting(candidate: Any, readings: Any, shape: Shape, engine: Any, subspace: Any) -> list[Any]:
    """Return the maps and forms that fit, and what turns coordinates into their arguments."""
    found = []
    own = getattr(candidate, "within", None) or getattr(candidate, "subspace", None)
    if own and not (subspace and np.array_equal(own.J.matrix(), subspace.J.matrix())):
        raise ValueError(f"candidate is one on {own} only: check it with the same within=")
    values = engine.shape
    spaces = [(shape, subspace.J), (engine.X.shape, None)] if subspace else [(shape, None)]
    for L in readings:
        for domain, J in spaces:
            L = L.form if _is_map(L, domain, domain) and values != domain else L
            is_form = isinstance(L, BilinearForm) and L.shape == domain and not values
            if is_form or _is_map(L, domain, values):
                found.append((L, J or np.asanyarray))
    if found:
        return found
    is_map = isinstance(candidate, (LinearMap, BilinearForm))
    told = candidate if is_map else f"an array of shape {np.shape(candidate)}"
    first = f"a map from {space(shape)} to {space(values)} or an array of shape {values + shape}"
    second = f"a form on {space(shape)} or an array of shape {shape * 2}; it is {told}"
    raise ValueError(f"candidate must be {first}; for the second derivative of a number {second}")


def _is_map(L: Any, domain: Shape, codomain: Shape) -> bool:
    return isinstance(L, LinearMap) and (L.domain, L.codomain) == (domain, codomain)


def _flaw(candidate: Any, along: Callable[..., Any], Y: Any, Z: Any, others: Sequence[Any]) -> str:
    """Say what values along directions show a candidate not to be."""
    parts = np.stack([along(D, *others) for D in (Y, Z, -Y - Z)])
    size = np.max(np.sum(np.abs(parts), axis=0))
    L = candidate.map if isinstance(candidate, BilinearForm) else candidate
    of_rules = any(isinstance(part, Rule) for part in parts_of(L))
    if of_rules and not _vanishes(np.sum(parts, axis=0), size, LINEAR):
        return "linear"
    if others and not _vanishes(parts[0] - along(Z, Y), size, _accuracy(L)):
        return "symmetric"
    return ""


def _vanishes(total: Any, size: Any, accuracy: float) -> bool:
    """Whether a sum of terms of that size is zero: exactly, or within an accuracy beside it."""
    if is_exact(total):
        return all(map(is_zero, np.ravel(total)))
    return bool(np.max(np.abs(total)) <= accuracy * size)


def _accuracy(L: LinearMap) -> float:
    """Say how far to trust a map beside its size."""
    doubts = [(engine.error, engine.size) for engine in engines_of(L) if engine.error]
    return max([LINEAR, *(error / size if error < size else 1.0 for error, size in doubts)])


def _remainders(engine: Any, directions: Any, predicted: Any, h: Any) -> Any:
    """Return Taylor's remainders at a step: on both sides of X, and half their difference."""

    def value(W: Any) -> Any:
        if len(directions) == 1:
            return engine.near(W)
        ahead, behind = (engine.near(W + step * directions[1]) for step in (h, -h))
        return (ahead - behind) / (2 * h)

    here = value(engine.X)
    ahead, behind = (value(engine.X + step * directions[0]) - here for step in (h, -h))
    return np.stack([ahead, -behind, (ahead - behind) / 2]) - h * predicted


def _logarithms(array: Any) -> Any:
    """Return decimal logarithms of sizes; exact numbers may be of any."""
    if is_exact(array):
        return np.vectorize(magnitude, otypes=[float])(array)
    return np.log10(np.abs(array))


def _taylor_test(
    engine: Any, directions: Any, predicted: Any, doubt: Any, ladder: Any
) -> TaylorTest:
    """Measure the remainders, and what of them is f's noise or the candidate's doubt."""
    steps, found, tested = [], [], []
    least = ABOVE * (engine.noise + engine.rounding * np.abs(engine.here))
    if engine.rounding:
        ladder = np.sort(np.multiply.outer(BETWEEN, ladder), axis=None)[::-1]
    with np.errstate(all="ignore"):
        for h in ladder:
            divisor, expected = h ** (len(directions) - 1), np.abs(h * predicted)
            try:
                left = _remainders(engine, directions, predicted, h)
                change = np.abs(engine.near(engine.X + h * sum(directions)) - engine.here)
            except Exception:  # whatever an exact f raises where it is not defined
                continue
            rounded = engine.rounding * change * (1 + engine.scale / h)  # of f's values, and of X's
            noise = (least + ABOVE * rounded) / divisor + h * doubt
            moves = [_logarithms(part) for part in (change, expected * divisor)]
            tested.append(np.fmax(*moves) >= _logarithms(least))
            left = _logarithms(left)
            left[:2] = np.max(left[:2], axis=0)  # in the larger, odd and even terms do not cancel
            found.append(np.broadcast_arrays(left, _logarithms(noise)))
            steps.append(_logarithms(np.asarray(h)))
    if len(steps) < 2:
        raise ValueError("f must be defined around X; next to X it is not")
    sure = np.broadcast_to(np.any(tested, axis=0), left.shape).ravel()
    table = np.reshape(found, (len(steps), 2, -1))
    return _judged(np.array(steps), table[:, 0], table[:, 1], sure)


def _judged(steps: Any, remainders: Any, noise: Any, tested: Any) -> TaylorTest:
    """Find the least order of remainders, over the straight piece at the finest that are no noise.

    All is in decimal logarithms, by steps and entries. Noise at the next step is a bound as well,
    where the piece is short, or flat: beyond a jump.
    """
    seen, sizes = remainders > noise, np.maximum(remainders, noise)
    pairs, levels = seen[1:] & seen[:-1], np.arange(len(steps) - 1)[:, None]
    finest = np.max(np.where(pairs, levels, 0), axis=0)
    with np.errstate(all="ignore"):
        slopes = np.diff(sizes, axis=0) / np.diff(steps)[:, None]
        bent = ~(pairs & (np.abs(slopes - at(finest, slopes)) < STRAIGHT))
        after = np.max(np.where(bent & (levels < finest), levels, -1), axis=0)
        piece, some = pairs & (levels > after) & (levels <= finest), np.any(pairs, axis=0)
        orders = np.nanmedian(np.where(piece, slopes, np.where(some, nan, 0.0)), axis=0)
        few = (np.sum(piece, axis=0) < FEW) | (orders < FLAT)
        after = np.minimum(finest + 1, len(levels) - 1)
        orders = np.where(few, np.fmax(orders, at(after, slopes)), orders)
        orders = np.where(some, orders, np.where(tested, inf, nan))
        order = np.fmin.reduce(orders)
        entry = np.argmax(orders == order)
        used = np.append(piece[:, entry], False) | np.append(False, piece[:, entry])
        curve = 10.0**steps, 10.0 ** remainders[:, entry], 10.0 ** steps[used]
    steps, remainders, straight = (tuple(part.tolist()) for part in curve)
    return TaylorTest(steps, remainders, float(order), straight)
