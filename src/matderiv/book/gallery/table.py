"""The cookbook's table: groups of entries, a line each."""

from __future__ import annotations

from functools import cache

from matderiv.book.gallery import constants as at
from matderiv.book.gallery.entries import Entry, recipe, special

SYMMETRIC = "for symmetric $X$ and $Y$"
QR = "$X = QR$ of rank $n$, $R$ upper triangular, $r_{ii}>0$"
BELOW = "$S$ is 1 below the diagonal, else 0"


# fmt: off
@cache
def cookbook() -> dict[str, list[Entry]]:
    """Derive all entries of the cookbook, by the names of their groups."""
    return {
        "Linear": [
            recipe("A*X*B", "sandwich", sheet=True),
            recipe("X'", "transpose", sheet=True),
            recipe("A*X'*B", "sandwich of the transpose", sheet=True),
            recipe("A*X + X*B", "Sylvester's map"),
            recipe("X*b", "matrix times vector"),
            recipe("a'*x", "inner product", "x", sheet=True),
            recipe("a'*X*b", "bilinear form", sheet=True),
            recipe("sum(X)", "sum of the entries"),
            recipe("kron(A, X)", "Kronecker product"),
            recipe("vec(X)", "the columns, stacked"),
        ],
        "Traces": [
            recipe("tr(X)", "trace", sheet=True),
            recipe("tr(A*X)", "trace of a product", sheet=True),
            recipe("tr(A*X*B)"),
            recipe("tr(A*X'*B)"),
            recipe("B*tr(A*X)", "matrix times trace", sheet=True),
            recipe("tr(A*X)*tr(B*X)", "product of two traces", sheet=True),
            recipe("tr(A*X)^2", "squared trace"),
            recipe("tr(A*X)/tr(B*X)", "quotient of traces"),
            recipe("tr(X)*X", "trace times matrix"),
            recipe("exp(tr(A*X))", "exponential of a trace"),
        ],
        "Quadratic": [
            recipe("x'*A*x", "quadratic form", "x", sheet=True),
            recipe("x'*x", "squared length", "x"),
            recipe("(x - a)'*S*(x - a)", "Mahalanobis distance", "x", symmetric="S"),
            recipe("(A*x + a)'*C*(B*x + b)", "bilinear form of affine maps", "x"),
            recipe("X'*X", "Gram matrix"),
            recipe("X*X'", "outer Gram matrix"),
            recipe("X'*A*X", "congruence", sheet=True),
            recipe("X*A*X", "Riccati's quadratic term"),
            recipe("tr(X'*A*X)", "trace of a congruence"),
            recipe("tr(X'*A*X*B)", "trace with two factors", sheet=True),
            recipe("a'*X'*X*b"),
            recipe("tr((A*X)^2)"),
        ],
        "Powers": [
            recipe("X^2", "square", sheet=True),
            recipe("X^3", "cube"),
            recipe("tr(X^2)", "trace of the square"),
            recipe("tr(X^3)", "trace of the cube", sheet=True),
            recipe("a'*X^2*b", "bilinear form of the square"),
            recipe("X^(-2)", "inverse square"),
        ],
        "Inverses": [
            recipe("inv(X)", "inverse", sheet=True),
            recipe("A*inv(X)*B", "inverse in a sandwich"),
            recipe("inv(X)*A*inv(X)"),
            recipe("inv(A + B*X*C)", "inverse of an affine map"),
            recipe("inv(X'*X)", "inverse Gram matrix"),
            recipe("tr(inv(X))", "trace of the inverse"),
            recipe("tr(A*inv(X))", "trace with the inverse", sheet=True),
            recipe("a'*inv(X)*b", "bilinear form of the inverse", sheet=True),
        ],
        "Determinants": [
            recipe("det(X)", "determinant", sheet=True),
            special(
                r"\det X", "δ", at.adjugate, "tr(A*Y)", r"$A = \operatorname{adj}X$, at every $X$",
                name="determinant, at singular matrices too", square=True,
            ),
            recipe("log(det(X))", "log determinant, log det", sheet=True),
            recipe("log(det(X'*X))", "log determinant of a Gram matrix"),
            recipe("det(A*X*B)", "determinant of a product"),
            recipe("det(X)^2", "squared determinant"),
            recipe("1/det(X)", "determinant of the inverse"),
            recipe("log(det(I + X*A))", "log determinant of a low-rank change"),
        ],
        "Norms and distances": [
            recipe("norm(x)", "Euclidean norm", "x", sheet=True),
            recipe("norm(x - a)", "distance of a point", "x"),
            recipe("x/norm(x)", "normalised vector", "x", sheet=True),
            recipe("norm(X)^2", "squared Frobenius norm", sheet=True),
            recipe("norm(X)", "Frobenius norm"),
            recipe("x'*A*x/(x'*x)", "Rayleigh quotient", "x", sheet=True, symmetric="A"),
            recipe("norm(X'*X - I)^2", "how far from orthonormal"),
        ],
        "Least squares and factorisations": [
            recipe("norm(A*x - b)^2", "least squares", "x", sheet=True),
            recipe("norm(A*x - b)^2 + λ*norm(x)^2", "ridge regression, Tikhonov", "x"),
            recipe("norm(A*X - B)^2", "least squares of matrices", sheet=True),
            recipe("norm(A*X*B - C)^2", "two-sided least squares"),
            recipe("norm(X*W + ones(k, 1)*b' - Y)^2", "batch least squares with a bias", "W"),
            recipe("norm(A - X*B')^2", "matrix factorisation", sheet=True),
            recipe("norm(A - X*X')^2", "symmetric factorisation", symmetric="A"),
            recipe("norm(M .* (A - X*B'))^2", "matrix completion, with a mask"),
        ],
        "Entrywise and Hadamard": [
            recipe("A .* X", "Hadamard product", sheet=True),
            recipe("X .* X", "entrywise square"),
            recipe("exp(X)", "entrywise exponential"),
            recipe("tanh(X)", "entrywise activation", sheet=True),
            recipe("1 ./ X", "entrywise inverse"),
            recipe("diag(x)", "diagonal matrix", "x", sheet=True),
            recipe("diag(X)", "diagonal of a matrix"),
            recipe("A*diag(x)*B", "diagonal matrix in a sandwich", "x"),
            recipe("sum(exp(X))", "sum of exponentials"),
            recipe("sum(x .* log(x))", "negative entropy", "x"),
            recipe("sum(sqrt(1 + X.^2))", "smooth sum of moduli, pseudo-Huber"),
            recipe("sum(abs(X))", "sum of moduli, 1-norm of the entries"),
        ],
        "Learning": [
            recipe("log(sum(exp(x)))", "log-sum-exp, smooth maximum", "x", sheet=True),
            recipe("exp(x)/sum(exp(x))", "softmax", "x", sheet=True),
            recipe("W*x + b", "linear layer", "W"),
            recipe("tanh(W*x + b)", "layer with an activation", "W"),
            recipe("log(sum(exp(W*x))) - y'*W*x", "softmax with cross-entropy", "W", sheet=True),
            recipe("sum(softplus(X*w)) - y'*X*w", "logistic regression", "w", sheet=True),
            recipe("a'*tanh(W*x)", "two layers, by the first", "W"),
            recipe("tr(W'*X'*L*X*W)", "graph regularisation", "W", symmetric="L"),
        ],
        "Gaussian": [
            recipe(
                "-(x - a)'*inv(S)*(x - a)/2", "log-likelihood by the mean; score and information",
                "a", symmetric="S",
            ),
            recipe(
                "-(log(det(X)) + tr(inv(X)*C))/2",
                "log-likelihood by the covariance, on all matrices", symmetric="C",
                sheet=True,
            ),
            recipe(
                "(log(det(X)) - tr(C*X))/2", "log-likelihood by the precision", symmetric="C",
            ),
            recipe("(tr(inv(A)*X) - log(det(X)))/2", "Kullback-Leibler divergence"),
        ],
        "Projectors and pseudoinverse": [
            recipe("X*inv(X'*X)*X'", "projector onto the columns, by the formula"),
            special(
                r"XX^+", "Q", at.pseudoinverse, "M*Y*P + P'*Y'*M",
                r"$P = X^+$, $M = I - XX^+$; $X$ of full rank",
                name="projector onto the columns", sheet=True,
            ),
            special(
                r"X^+", "P", at.pseudoinverse, "P*P'*Y'*M + N*Y'*P'*P - P*Y*P",
                r"$P = X^+$, $M = I - XX^+$, $N = I - X^+X$; $X$ of full rank",
                name="pseudoinverse", sheet=True,
            ),
            recipe("x*x'/(x'*x)", "projector onto a line", "x"),
            recipe("b'*X*inv(X'*X)*X'*b", "variable projection, squared length of a projection"),
        ],
        "Eigenvalues and eigenvectors": [
            special(
                r"\lambda(X)", "λ", at.eigenvalue, "u'*Y*v/(u'*v)",
                r"$Xv = \lambda v$, $u^\top X = \lambda u^\top$; $\lambda$ real and simple",
                name="simple eigenvalue", square=True, sheet=True,
            ),
            special(
                r"\lambda(X)", "λ", at.symmetric_eigenvalue, "v'*Y*v",
                rf"$Xv = \lambda v$, $|v| = 1$; $\lambda$ simple; {SYMMETRIC}",
                name="eigenvalue of a symmetric matrix", symmetric=True,
            ),
            special(
                r"v(X)", "v", at.symmetric_eigenvalue, "P*Y*v",
                rf"$Xv = \lambda v$, $|v| = 1$, $P = (\lambda I - X)^+$;"
                rf" $\lambda$ simple; {SYMMETRIC}",
                name="eigenvector", symmetric=True, sheet=True,
            ),
            special(
                r"v(X)\,v(X)^\top", "S", at.symmetric_eigenvalue, "P*Y*S + S*Y*P",
                rf"$S = vv^\top$, $Xv = \lambda v$, $|v| = 1$, $P = (\lambda I - X)^+$;"
                rf" $\lambda$ simple; {SYMMETRIC}",
                name="projector onto an eigenspace", symmetric=True,
            ),
        ],
        "Singular values": [
            special(
                r"\sigma(X)", "τ", at.singular_value, "w'*Y*z",
                r"$Xz = \sigma w$, $X^\top w = \sigma z$, $|w| = |z| = 1$; $\sigma>0$ simple",
                name="singular value",
            ),
            special(
                r"\Vert X\Vert_2", "σ", at.singular_value, "u'*Y*v",
                r"$Xv = \sigma u$, $\sigma = \Vert X\Vert_2$, $|u| = |v| = 1$; $\sigma$ simple",
                name="spectral norm, largest singular value", sheet=True,
            ),
            special(
                r"\Vert X\Vert_*", "ν", at.singular_value, "tr(V*U'*Y)",
                r"$X = U\Sigma V^\top$ of full rank", name="nuclear norm", sheet=True,
            ),
            special(
                r"v(X)", "v", at.singular_value, "P*(Y'*X + X'*Y)*v",
                r"$X^\top Xv = \sigma^2v$, $|v| = 1$, $P = (\sigma^2I - X^\top X)^+$;"
                r" $\sigma>0$ simple",
                name="singular vector",
            ),
            special(
                r"\kappa(X)", "κ", at.singular_value, "κ*(u'*Y*v/σ - w'*Y*z/τ)",
                r"$Xv = \sigma u$, $X^\top u = \sigma v$, $Xz = \tau w$, $X^\top w = \tau z$,"
                r" all of length 1; $\sigma$ the largest, $\tau>0$ the smallest singular value,"
                r" both simple",
                name="condition number",
            ),
        ],
        "Factors": [
            special(
                r"L(X)", "L", at.cholesky, "L*(H .* (inv(L)*Y*inv(L)'))",
                rf"$X = LL^\top$ positive definite; $H$ is 1 below the diagonal, ½ on it, else 0;"
                rf" {SYMMETRIC}",
                name="Cholesky factor", symmetric=True, sheet=True,
            ),
            special(
                r"Q(X)", "Q", at.qr,
                "Q*(S .* (Q'*Y*inv(R))) - Q*(S .* (Q'*Y*inv(R)))' + N*Y*inv(R)",
                rf"{QR}, $N = I - QQ^\top$; {BELOW}",
                name="orthonormal factor of QR",
            ),
            special(
                r"R(X)", "R", at.qr, "Q'*Y + (S .* (Q'*Y*inv(R)))'*R - (S .* (Q'*Y*inv(R)))*R",
                rf"{QR}; {BELOW}", name="triangular factor of QR",
            ),
            special(
                r"(X^\top X)^{1/2}", "S", at.polar, "S*Z + Z*S",
                r"$S = (X^\top X)^{1/2}$, invertible",
                name="polar factor, symmetric", equals="Y'*X + X'*Y",
            ),
            special(
                r"X(X^\top X)^{-1/2}", "Q", at.polar, "Z*S + Q*S*Q'*Z",
                r"$X = QS$, $S = (X^\top X)^{1/2}$, invertible", name="polar factor, orthonormal",
                equals="Y - Q*Y'*Q",
            ),
        ],
        "Functions of a matrix": [
            special(
                r"X^{1/2}", "S", at.root, "S*Z + Z*S",
                r"$S = X^{1/2}$; no eigenvalue in $(-\infty, 0]$",
                name="square root of a matrix", square=True, equals="Y", sheet=True,
            ),
            special(
                r"e^X", "F", at.exponential, "V*(W .* (inv(V)*Y*V))*inv(V)",
                r"$X = V\Lambda V^{-1}$,"
                r" $w_{ij} = (e^{\lambda_i} - e^{\lambda_j})/(\lambda_i - \lambda_j)$"
                r" and $w_{ii} = e^{\lambda_i}$; eigenvalues simple",
                name="matrix exponential", square=True, sheet=True,
            ),
            special(
                r"\operatorname{tr}e^X", "τ", at.exponential, "tr(F*Y)", r"$F = e^X$",
                name="trace of the exponential", square=True,
            ),
            special(
                r"\log X", "F", at.logarithm, "V*(W .* (inv(V)*Y*V))*inv(V)",
                r"$X = V\Lambda V^{-1}$,"
                r" $w_{ij} = (\log\lambda_i - \log\lambda_j)/(\lambda_i - \lambda_j)$"
                r" and $w_{ii} = 1/\lambda_i$; eigenvalues simple, none in $(-\infty, 0]$",
                name="matrix logarithm", square=True, sheet=True,
            ),
            special(
                r"Z\colon XZ + ZX^\top = I", "F", at.lyapunov, "X*Z + Z*X'",
                r"$F = f(X)$; no two eigenvalues of $X$ have the sum 0",
                name="solution of Lyapunov's equation", square=True, equals="-Y*F - F*Y'",
            ),
        ],
    }
# fmt: on


def entries() -> list[Entry]:
    """List all entries of the cookbook."""
    return [entry for group in cookbook().values() for entry in group]
