"""Known answers of lesson 1.3 Matrices and least squares.

Each chunk is what a person would type into the solution cell, in place of the reference.
"""


# %% wrong affine_transform: multiplies rows by the matrix without transposing it
def affine_transform(points, matrix, offset):
    points, matrix, offset = (np.asarray(part, dtype=float) for part in (points, matrix, offset))
    if matrix.shape[1] != points.shape[1] or offset.shape != (matrix.shape[0],):
        raise ValueError("shapes do not match")
    return points @ matrix + offset


def compose_affine(first, second):
    (A, a), (B, b) = first, second
    return np.asarray(B) @ A, np.asarray(B) @ a + b


# %% wrong affine_transform: lets an offset of shape (1,) broadcast
def affine_transform(points, matrix, offset):
    points = np.asarray(points, dtype=float)
    matrix = np.asarray(matrix, dtype=float)
    return points @ matrix.T + np.asarray(offset, dtype=float)


def compose_affine(first, second):
    (A, a), (B, b) = first, second
    return np.asarray(B) @ A, np.asarray(B) @ a + b


# %% wrong affine_transform: composes the matrices in reading order
def affine_transform(points, matrix, offset):
    points, matrix, offset = (np.asarray(part, dtype=float) for part in (points, matrix, offset))
    if matrix.shape[1] != points.shape[1] or offset.shape != (matrix.shape[0],):
        raise ValueError("shapes do not match")
    return points @ matrix.T + offset


def compose_affine(first, second):
    (A, a), (B, b) = first, second
    return np.asarray(A) @ B, np.asarray(B) @ a + b


# %% wrong affine_transform: adds the offsets and forgets that the first one gets mapped
def affine_transform(points, matrix, offset):
    points, matrix, offset = (np.asarray(part, dtype=float) for part in (points, matrix, offset))
    if matrix.shape[1] != points.shape[1] or offset.shape != (matrix.shape[0],):
        raise ValueError("shapes do not match")
    return points @ matrix.T + offset


def compose_affine(first, second):
    (A, a), (B, b) = first, second
    return np.asarray(B) @ A, np.asarray(a) + b


# %% wrong affine_transform: a list comprehension that loses the second axis when it is empty
def affine_transform(points, matrix, offset):
    matrix, offset = np.asarray(matrix, dtype=float), np.asarray(offset, dtype=float)
    if offset.shape != (matrix.shape[0],):
        raise ValueError("offset has the wrong shape")
    return np.array([matrix @ np.asarray(point) + offset for point in points])


def compose_affine(first, second):
    (A, a), (B, b) = first, second
    return np.asarray(B) @ A, np.asarray(B) @ a + b


# %% wrong affine_transform: integer input gives integer output
def affine_transform(points, matrix, offset):
    points, matrix, offset = np.asarray(points), np.asarray(matrix), np.asarray(offset)
    if matrix.shape[1] != points.shape[1] or offset.shape != (matrix.shape[0],):
        raise ValueError("shapes do not match")
    return points @ matrix.T + offset


def compose_affine(first, second):
    (A, a), (B, b) = first, second
    return np.asarray(B) @ A, np.asarray(B) @ a + b


# %% wrong affine_transform: accepts a single number as offset
def affine_transform(points, matrix, offset):
    points, matrix, offset = (np.asarray(part, dtype=float) for part in (points, matrix, offset))
    if matrix.shape[1] != points.shape[1]:
        raise ValueError("matrix and points do not match")
    if offset.ndim > 0 and offset.shape != (matrix.shape[0],):
        raise ValueError("matrix and offset do not match")
    return points @ matrix.T + offset


def compose_affine(first, second):
    (A, a), (B, b) = first, second
    return np.asarray(B, dtype=float) @ A, np.asarray(B, dtype=float) @ a + b


# %% wrong affine_transform: composes to nested lists of integers
def affine_transform(points, matrix, offset):
    points, matrix, offset = (np.asarray(part, dtype=float) for part in (points, matrix, offset))
    if matrix.shape[1] != points.shape[1] or offset.shape != (matrix.shape[0],):
        raise ValueError("shapes do not match")
    return points @ matrix.T + offset


def compose_affine(first, second):
    (A, a), (B, b) = first, second
    return (np.array(B) @ np.array(A)).tolist(), (np.array(B) @ np.array(a) + b).tolist()


# %% right affine_transform: einsum, and composition through matrices with an appended row
def affine_transform(points, matrix, offset):
    points = np.array(points, dtype=float)
    matrix = np.array(matrix, dtype=float)
    offset = np.array(offset, dtype=float)
    if points.shape[1] != matrix.shape[1]:
        raise ValueError("matrix and points do not match")
    if offset.shape != matrix.shape[:1]:
        raise ValueError("matrix and offset do not match")
    return np.einsum("ij,nj->ni", matrix, points) + offset


def compose_affine(first, second):
    def homogeneous(matrix, offset):
        matrix = np.asarray(matrix, dtype=float)
        rows, columns = matrix.shape
        out = np.zeros((rows + 1, columns + 1))
        out[:rows, :columns], out[:rows, columns], out[rows, columns] = matrix, offset, 1
        return out

    both = homogeneous(*second) @ homogeneous(*first)
    return both[:-1, :-1], both[:-1, -1]


# %% right affine_transform: columns as in the formulas, transposed twice
def affine_transform(points, matrix, offset):
    columns = np.asarray(points, dtype=float).T
    matrix, offset = np.asarray(matrix, dtype=float), np.asarray(offset, dtype=float)
    if len(columns) != matrix.shape[1]:
        raise ValueError(f"{matrix.shape[1]} coordinates expected, got {len(columns)}")
    if offset.ndim != 1 or len(offset) != len(matrix):
        raise ValueError("one offset per row of the matrix expected")
    return (matrix @ columns + offset[:, None]).T


def compose_affine(first, second):
    first_matrix, first_offset = first
    second_matrix, second_offset = second
    offset = affine_transform(np.asarray(first_offset)[None, :], second_matrix, second_offset)[0]
    return np.dot(second_matrix, first_matrix).astype(float), offset


# %% wrong solve_qr: the normal equations
def solve_qr(A, b):
    A, b = np.asarray(A, dtype=float), np.asarray(b, dtype=float)
    if A.shape[0] < A.shape[1] or b.shape != (A.shape[0],):
        raise ValueError("shapes do not match")
    if np.linalg.matrix_rank(A) < A.shape[1]:
        raise np.linalg.LinAlgError("dependent columns")
    return np.linalg.solve(A.T @ A, A.T @ b)


# %% wrong solve_qr: calls lstsq, which never complains about dependent columns
def solve_qr(A, b):
    A, b = np.asarray(A, dtype=float), np.asarray(b, dtype=float)
    if A.shape[0] < A.shape[1] or b.shape != (A.shape[0],):
        raise ValueError("shapes do not match")
    return np.linalg.lstsq(A, b)[0]


# %% wrong solve_qr: substitutes from the top as if R were lower triangular
def solve_qr(A, b):
    A, b = np.asarray(A, dtype=float), np.asarray(b, dtype=float)
    if A.shape[0] < A.shape[1] or b.shape != (A.shape[0],):
        raise ValueError("shapes do not match")
    Q, R = np.linalg.qr(A)
    c, x = Q.T @ b, np.zeros(A.shape[1])
    for i in range(len(x)):
        x[i] = (c[i] - R[i, :i] @ x[:i]) / R[i, i]
    return x


# %% wrong solve_qr: compares the diagonal with an absolute threshold
def solve_qr(A, b):
    A, b = np.asarray(A, dtype=float), np.asarray(b, dtype=float)
    m, n = A.shape
    if m < n or b.shape != (m,):
        raise ValueError("shapes do not match")
    Q, R = np.linalg.qr(A)
    if (np.abs(np.diag(R)) < 1e-12).any():
        raise np.linalg.LinAlgError("dependent columns")
    c, x = Q.T @ b, np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (c[i] - R[i, i + 1 :] @ x[i + 1 :]) / R[i, i]
    return x


# %% wrong solve_qr: a result array that takes the integer type of the input
def solve_qr(A, b):
    A, b = np.asarray(A), np.asarray(b)
    m, n = A.shape
    if m < n or b.shape != (m,):
        raise ValueError("shapes do not match")
    Q, R = np.linalg.qr(A)
    diagonal = np.abs(np.diag(R))
    if diagonal.min() <= 1e-12 * diagonal.max():
        raise np.linalg.LinAlgError("dependent columns")
    c, x = Q.T @ b, np.zeros(n, dtype=A.dtype)
    for i in range(n - 1, -1, -1):
        x[i] = (c[i] - R[i, i + 1 :] @ x[i + 1 :]) / R[i, i]
    return x


# %% wrong solve_qr: returns the visible examples
def solve_qr(A, b):
    return np.array([7 / 6, 1.5]) if len(A) == 3 else np.array([1.0, 3.0])


# %% wrong solve_qr: full-size Q, so that Q.T @ b is longer than the triangle
def solve_qr(A, b):
    Q, R = np.linalg.qr(np.asarray(A, dtype=float), mode="complete")
    return np.linalg.solve(R, Q.T @ b)


# %% wrong solve_qr: flattens a right-hand side of shape (m, 1) instead of refusing it
def solve_qr(A, b):
    A, b = np.asarray(A, dtype=float), np.asarray(b, dtype=float).ravel()
    m, n = A.shape
    if m < n or len(b) != m:
        raise ValueError("shapes do not match")
    Q, R = np.linalg.qr(A)
    diagonal = np.abs(np.diag(R))
    if diagonal.min() <= 1e-12 * diagonal.max():
        raise np.linalg.LinAlgError("dependent columns")
    return np.linalg.solve(R, Q.T @ b)


# %% wrong solve_qr: compares only the last diagonal entry
def solve_qr(A, b):
    A, b = np.asarray(A, dtype=float), np.asarray(b, dtype=float)
    m, n = A.shape
    if m < n or b.shape != (m,):
        raise ValueError("shapes do not match")
    Q, R = np.linalg.qr(A)
    if abs(R[-1, -1]) <= 1e-12 * abs(R[0, 0]):
        raise np.linalg.LinAlgError("dependent columns")
    c, x = Q.T @ b, np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (c[i] - R[i, i + 1 :] @ x[i + 1 :]) / R[i, i]
    return x


# %% wrong solve_qr: compares with the first diagonal entry instead of the largest
def solve_qr(A, b):
    A, b = np.asarray(A, dtype=float), np.asarray(b, dtype=float)
    m, n = A.shape
    if m < n or b.shape != (m,):
        raise ValueError("shapes do not match")
    Q, R = np.linalg.qr(A)
    diagonal = np.abs(np.diag(R))
    if (diagonal <= 1e-12 * diagonal[0]).any():
        raise np.linalg.LinAlgError("dependent columns")
    c, x = Q.T @ b, np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (c[i] - R[i, i + 1 :] @ x[i + 1 :]) / R[i, i]
    return x


# %% wrong solve_qr: asks for the rank instead of looking at the diagonal of R
def solve_qr(A, b):
    A, b = np.asarray(A, dtype=float), np.asarray(b, dtype=float)
    if A.shape[0] < A.shape[1] or b.shape != (A.shape[0],):
        raise ValueError("shapes do not match")
    if np.linalg.matrix_rank(A) < A.shape[1]:
        raise np.linalg.LinAlgError("dependent columns")
    return np.linalg.lstsq(A, b)[0]


# %% right solve_qr: column by column, subtracting each solved unknown from all rows above
def solve_qr(A, b):
    A, b = np.array(A, dtype=float), np.array(b, dtype=float)
    if b.ndim != 1 or len(b) != len(A):
        raise ValueError("b must have one entry per row")
    if A.shape[0] < A.shape[1]:
        raise ValueError("fewer rows than columns")
    Q, R = np.linalg.qr(A, mode="reduced")
    pivots = abs(R.diagonal())
    if not (pivots > 1e-12 * pivots.max()).all():
        raise np.linalg.LinAlgError("columns depend on each other")
    x = b @ Q
    for j in range(len(x) - 1, -1, -1):
        x[j] /= R[j, j]
        x[:j] -= x[j] * R[:j, j]
    return x


# %% right solve_qr: the triangular solver of SciPy
def solve_qr(A, b):
    from scipy.linalg import solve_triangular

    A, b = np.asarray(A, dtype=float), np.asarray(b, dtype=float)
    if A.shape[0] < A.shape[1] or b.shape != A.shape[:1]:
        raise ValueError("shapes do not match")
    Q, R = np.linalg.qr(A)
    pivots = np.abs(np.diag(R))
    if (pivots <= 1e-12 * pivots.max()).any():
        raise np.linalg.LinAlgError("columns depend on each other")
    return solve_triangular(R, Q.T @ b)


# %% wrong polynomial_fit: highest power first, as np.vander and np.polyfit have it
def polynomial_fit(x, y, degree):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if len(x) != len(y) or degree < 0 or len(np.unique(x)) <= degree:
        raise ValueError("not enough distinct x")
    center, half_width = (x.max() + x.min()) / 2, (x.max() - x.min()) / 2 or 1.0
    t = (x - center) / half_width
    return np.linalg.lstsq(np.vander(t, degree + 1), y)[0], center, half_width


# %% wrong polynomial_fit: standardises with mean and standard deviation
def polynomial_fit(x, y, degree):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if len(x) != len(y) or degree < 0 or len(np.unique(x)) <= degree:
        raise ValueError("not enough distinct x")
    center, half_width = x.mean(), x.std() or 1.0
    powers = np.vander((x - center) / half_width, degree + 1, increasing=True)
    return np.linalg.lstsq(powers, y)[0], float(center), float(half_width)


# %% wrong polynomial_fit: centres on the mean instead of the middle
def polynomial_fit(x, y, degree):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if len(x) != len(y) or degree < 0 or len(np.unique(x)) <= degree:
        raise ValueError("not enough distinct x")
    center, half_width = float(x.mean()), float((x.max() - x.min()) / 2) or 1.0
    powers = np.vander((x - center) / half_width, degree + 1, increasing=True)
    return np.linalg.lstsq(powers, y)[0], center, half_width


# %% wrong polynomial_fit: the normal equations on well-scaled powers
def polynomial_fit(x, y, degree):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if len(x) != len(y) or degree < 0 or len(np.unique(x)) <= degree:
        raise ValueError("not enough distinct x")
    center, half_width = float((x.max() + x.min()) / 2), float((x.max() - x.min()) / 2) or 1.0
    V = np.vander((x - center) / half_width, degree + 1, increasing=True)
    return np.linalg.solve(V.T @ V, V.T @ y), center, half_width


# %% wrong polynomial_fit: counts points instead of distinct values
def polynomial_fit(x, y, degree):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if len(x) != len(y) or degree < 0 or len(x) <= degree:
        raise ValueError("not enough points")
    center, half_width = float((x.max() + x.min()) / 2), float((x.max() - x.min()) / 2) or 1.0
    powers = np.vander((x - center) / half_width, degree + 1, increasing=True)
    return np.linalg.lstsq(powers, y)[0], center, half_width


# %% wrong polynomial_fit: divides by a half width of zero
def polynomial_fit(x, y, degree):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if len(x) != len(y) or degree < 0 or len(np.unique(x)) <= degree:
        raise ValueError("not enough distinct x")
    center, half_width = float((x.max() + x.min()) / 2), float((x.max() - x.min()) / 2)
    powers = np.nan_to_num((x - center) / half_width)[:, None] ** np.arange(degree + 1)
    return np.linalg.lstsq(powers, y)[0], center, half_width


# %% wrong polynomial_fit: one column short
def polynomial_fit(x, y, degree):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    center, half_width = float((x.max() + x.min()) / 2), float((x.max() - x.min()) / 2) or 1.0
    powers = np.vander((x - center) / half_width, degree, increasing=True)
    return np.linalg.lstsq(powers, y)[0], center, half_width


# %% wrong polynomial_fit: centres x and forgets to divide by the half width
def polynomial_fit(x, y, degree):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if len(x) != len(y) or degree < 0 or len(np.unique(x)) <= degree:
        raise ValueError("not enough distinct x")
    center, half_width = float((x.max() + x.min()) / 2), float((x.max() - x.min()) / 2) or 1.0
    powers = np.vander(x - center, degree + 1, increasing=True)
    return np.linalg.lstsq(powers, y)[0], center, half_width


# %% right polynomial_fit: builds the powers by repeated multiplication and uses QR
def polynomial_fit(x, y, degree):
    x, y = np.array(x, dtype=float), np.array(y, dtype=float)
    if x.shape != y.shape:
        raise ValueError("x and y differ in length")
    if degree < 0:
        raise ValueError("degree must not be negative")
    if len(set(x.tolist())) < degree + 1:
        raise ValueError("not enough distinct x")
    low, high = x.min(), x.max()
    center, half_width = float(low + high) / 2, float(high - low) / 2
    if half_width == 0:
        half_width = 1.0
    t = (x - center) / half_width
    columns = [np.ones_like(t)]
    for _ in range(degree):
        columns.append(columns[-1] * t)
    Q, R = np.linalg.qr(np.column_stack(columns))
    return np.linalg.solve(R, Q.T @ y), center, half_width


# %% right polynomial_fit: NumPy's own polynomial class, read out
def polynomial_fit(x, y, degree):
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.shape != y.shape or degree < 0 or np.unique(x).size < degree + 1:
        raise ValueError("cannot fit")
    low, high = x.min(), x.max()
    if low == high:
        return np.array([y.mean()]), float(low), 1.0
    fitted = np.polynomial.Polynomial.fit(x, y, degree, domain=[low, high])
    return fitted.coef, float((low + high) / 2), float((high - low) / 2)


# %% wrong fit_predict_debugged: adds the intercept, still scales new rows by their own statistics
def fit_predict(train_x, train_y, new_x):
    train_x, new_x = np.asarray(train_x, dtype=float), np.asarray(new_x, dtype=float)
    scaled = (train_x - train_x.mean(axis=0)) / train_x.std(axis=0)
    design = np.column_stack([np.ones(len(scaled)), scaled])
    weights = np.linalg.lstsq(design, np.asarray(train_y, dtype=float))[0]
    new_scaled = (new_x - new_x.mean(axis=0)) / new_x.std(axis=0)
    return np.column_stack([np.ones(len(new_x)), new_scaled]) @ weights


# %% wrong fit_predict_debugged: centres new rows with their own mean, scales by the training rows
def fit_predict(train_x, train_y, new_x):
    train_x, new_x = np.asarray(train_x, dtype=float), np.asarray(new_x, dtype=float)
    varies = (train_x != train_x[:1]).any(axis=0)
    train_x, new_x = train_x[:, varies], new_x[:, varies]
    scale = train_x.std(axis=0)
    scaled = (train_x - train_x.mean(axis=0)) / scale
    weights = np.linalg.lstsq(np.column_stack([np.ones(len(scaled)), scaled]), train_y)[0]
    new_scaled = (new_x - new_x.mean(axis=0)) / scale
    return np.column_stack([np.ones(len(new_x)), new_scaled]) @ weights


# %% wrong fit_predict_debugged: fixes the scaling and forgets the intercept
def fit_predict(train_x, train_y, new_x):
    mean, scale = train_x.mean(axis=0), train_x.std(axis=0)
    weights = np.linalg.lstsq((train_x - mean) / scale, train_y)[0]
    return (new_x - mean) / scale @ weights


# %% wrong fit_predict_debugged: still inverts the normal equations
def fit_predict(train_x, train_y, new_x):
    train_x, new_x = np.asarray(train_x, dtype=float), np.asarray(new_x, dtype=float)
    keep = train_x.std(axis=0) > 1e-9
    train_x, new_x = train_x[:, keep], new_x[:, keep]
    mean, scale = train_x.mean(axis=0), train_x.std(axis=0)
    design = np.column_stack([np.ones(len(train_x)), (train_x - mean) / scale])
    weights = np.linalg.inv(design.T @ design) @ design.T @ train_y
    return np.column_stack([np.ones(len(new_x)), (new_x - mean) / scale]) @ weights


# %% wrong fit_predict_debugged: tests the deviation of a constant column for exactly zero
def fit_predict(train_x, train_y, new_x):
    train_x, new_x = np.asarray(train_x, dtype=float), np.asarray(new_x, dtype=float)
    mean, scale = train_x.mean(axis=0), train_x.std(axis=0)
    scale = np.where(scale == 0, 1, scale)
    design = np.column_stack([np.ones(len(train_x)), (train_x - mean) / scale])
    weights = np.linalg.lstsq(design, train_y)[0]
    return np.column_stack([np.ones(len(new_x)), (new_x - mean) / scale]) @ weights


# %% wrong fit_predict_debugged: centres the caller's arrays in place
def fit_predict(train_x, train_y, new_x):
    train_x, new_x = np.asarray(train_x, dtype=float), np.asarray(new_x, dtype=float)
    varies = (train_x != train_x[0]).any(axis=0)
    mean = train_x.mean(axis=0)
    train_x -= mean
    new_x -= mean
    scale = np.where(varies, train_x.std(axis=0), 1.0)
    design = np.column_stack([np.ones(len(train_x)), train_x[:, varies] / scale[varies]])
    weights = np.linalg.lstsq(design, train_y)[0]
    return np.column_stack([np.ones(len(new_x)), new_x[:, varies] / scale[varies]]) @ weights


# %% wrong fit_predict_debugged: shifts the predictions to the mean of the training prices
def fit_predict(train_x, train_y, new_x):
    mean, scale = train_x.mean(axis=0), train_x.std(axis=0)
    weights = np.linalg.lstsq((train_x - mean) / scale, train_y)[0]
    predicted = (new_x - mean) / scale @ weights
    return predicted - predicted.mean() + train_y.mean()


# %% right fit_predict_debugged: centres y instead of adding a column of ones
def fit_predict(train_x, train_y, new_x):
    X, Z = np.array(train_x, dtype=float), np.array(new_x, dtype=float)
    y = np.array(train_y, dtype=float)
    varies = np.ptp(X, axis=0) > 0
    mean, scale = X.mean(axis=0), np.ptp(X, axis=0)
    scale[~varies] = 1.0
    left, right = (X - mean) / scale, (Z - mean) / scale
    left[:, ~varies] = 0.0
    right[:, ~varies] = 0.0
    return y.mean() + right @ (np.linalg.pinv(left) @ (y - y.mean()))


# %% right fit_predict_debugged: scikit-learn with a scaler inside a pipeline
def fit_predict(train_x, train_y, new_x):
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    keep = [j for j in range(train_x.shape[1]) if len(np.unique(train_x[:, j])) > 1]
    if len(new_x) == 0:
        return np.zeros(0)
    model = make_pipeline(StandardScaler(), LinearRegression())
    model.fit(train_x[:, keep].astype(float), train_y)
    return model.predict(new_x[:, keep].astype(float))


# %% wrong diagnose_design: looks at correlations of pairs only
def diagnose_design(X, tol=1e-8):
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or X.shape[0] < X.shape[1] or not np.isfinite(X).all():
        raise ValueError("bad X")
    lengths = np.linalg.norm(X, axis=0)
    unit = X / np.where(lengths > 0, lengths, 1)
    dependent = []
    for j in range(unit.shape[1]):
        cosines = [abs(unit[:, j] @ unit[:, k]) for k in range(unit.shape[1]) if k != j]
        if lengths[j] == 0 or max(cosines, default=0) > 1 - tol:
            dependent.append(j)
    return float(np.linalg.cond(unit)), dependent


# %% wrong diagnose_design: does not scale the columns
def diagnose_design(X, tol=1e-8):
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or X.shape[0] < X.shape[1] or not np.isfinite(X).all():
        raise ValueError("bad X")
    dependent = []
    for j in range(X.shape[1]):
        others = np.delete(X, j, axis=1)
        rest = X[:, j] - others @ np.linalg.lstsq(others, X[:, j])[0]
        if np.linalg.norm(rest) <= tol:
            dependent.append(j)
    return float(np.linalg.cond(X)), dependent


# %% wrong diagnose_design: scales for the condition number but not for the distances
def diagnose_design(X, tol=1e-8):
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or X.shape[0] < X.shape[1] or not np.isfinite(X).all():
        raise ValueError("bad X")
    lengths = np.linalg.norm(X, axis=0)
    unit = X / np.where(lengths > 0, lengths, 1)
    dependent = []
    for j in range(X.shape[1]):
        others = np.delete(X, j, axis=1)
        fitted = others @ np.linalg.lstsq(others, X[:, j])[0] if others.size else 0
        if np.linalg.norm(X[:, j] - fitted) <= tol:
            dependent.append(j)
    return float(np.linalg.cond(unit)), dependent


# %% wrong diagnose_design: reads the diagonal of R and names only the later column
def diagnose_design(X, tol=1e-8):
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or X.shape[0] < X.shape[1] or not np.isfinite(X).all():
        raise ValueError("bad X")
    lengths = np.linalg.norm(X, axis=0)
    unit = X / np.where(lengths > 0, lengths, 1)
    diagonal = np.abs(np.diag(np.linalg.qr(unit)[1]))
    return float(np.linalg.cond(unit)), [j for j, d in enumerate(diagonal) if d <= tol]


# %% wrong diagnose_design: standardises, which turns the column of ones into zeros
def diagnose_design(X, tol=1e-8):
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or X.shape[0] < X.shape[1] or not np.isfinite(X).all():
        raise ValueError("bad X")
    centred = X - X.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=0)
    unit = centred / np.where(lengths > 0, lengths, 1)
    dependent = []
    for j in range(unit.shape[1]):
        others = np.delete(unit, j, axis=1)
        fitted = others @ np.linalg.lstsq(others, unit[:, j])[0] if others.size else 0
        if np.linalg.norm(unit[:, j] - fitted) <= tol:
            dependent.append(j)
    return float(np.linalg.cond(unit)), dependent


# %% wrong diagnose_design: ignores the tolerance it is given
def diagnose_design(X, tol=1e-8):
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or X.shape[0] < X.shape[1] or not np.isfinite(X).all():
        raise ValueError("bad X")
    lengths = np.linalg.norm(X, axis=0)
    unit = X / np.where(lengths > 0, lengths, 1)
    dependent = []
    for j in range(unit.shape[1]):
        others = np.delete(unit, j, axis=1)
        fitted = others @ np.linalg.lstsq(others, unit[:, j])[0] if others.size else 0
        if np.linalg.norm(unit[:, j] - fitted) <= 1e-8:
            dependent.append(j)
    return float(np.linalg.cond(unit)), dependent


# %% wrong diagnose_design: divides a column of zeros by its length
def diagnose_design(X, tol=1e-8):
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or X.shape[0] < X.shape[1] or not np.isfinite(X).all():
        raise ValueError("bad X")
    unit = X / np.linalg.norm(X, axis=0)
    dependent = []
    for j in range(unit.shape[1]):
        others = np.delete(unit, j, axis=1)
        fitted = others @ np.linalg.lstsq(others, unit[:, j])[0] if others.size else 0
        if np.linalg.norm(unit[:, j] - fitted) <= tol:
            dependent.append(j)
    return float(np.linalg.cond(unit)), dependent


# %% wrong diagnose_design: compares the squared distance with the tolerance
def diagnose_design(X, tol=1e-8):
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or X.shape[0] < X.shape[1] or not np.isfinite(X).all():
        raise ValueError("X must be two-dimensional, finite and not wide")
    lengths = np.linalg.norm(X, axis=0)
    unit = X / np.where(lengths > 0, lengths, 1.0)
    dependent = []
    for j in range(unit.shape[1]):
        column, others = unit[:, j], np.delete(unit, j, axis=1)
        left = column - (others @ np.linalg.lstsq(others, column)[0] if others.size else 0.0)
        if left @ left <= tol:
            dependent.append(j)
    return float(np.linalg.cond(unit)), dependent


# %% wrong diagnose_design: takes the tolerance as a cut for singular values, through the rank
def diagnose_design(X, tol=1e-8):
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or X.shape[0] < X.shape[1] or not np.isfinite(X).all():
        raise ValueError("X must be two-dimensional, finite and not wide")
    lengths = np.linalg.norm(X, axis=0)
    unit = X / np.where(lengths > 0, lengths, 1.0)
    rank = np.linalg.matrix_rank(unit, tol=tol)
    dependent = []
    for j in range(unit.shape[1]):
        others = np.delete(unit, j, axis=1)
        if (np.linalg.matrix_rank(others, tol=tol) if others.size else 0) == rank:
            dependent.append(j)
    return float(np.linalg.cond(unit)), dependent


# %% wrong diagnose_design: reads the members off the vectors with a small singular value
def diagnose_design(X, tol=1e-8):
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or X.shape[0] < X.shape[1] or not np.isfinite(X).all():
        raise ValueError("X must be two-dimensional, finite and not wide")
    lengths = np.linalg.norm(X, axis=0)
    unit = X / np.where(lengths > 0, lengths, 1.0)
    _, stretches, directions = np.linalg.svd(unit, full_matrices=False)
    unseen = np.abs(directions[stretches <= tol])
    dependent = [j for j in range(unit.shape[1]) if (unseen[:, j] > 1e-6).any()]
    return float(np.linalg.cond(unit)), dependent


# %% wrong diagnose_design: tests for NaN and leaves infinity to the solver
def diagnose_design(X, tol=1e-8):
    X = np.asarray(X, dtype=float)
    if X.ndim != 2 or X.shape[0] < X.shape[1] or np.isnan(X).any():
        raise ValueError("X must be two-dimensional, finite and not wide")
    lengths = np.linalg.norm(X, axis=0)
    unit = X / np.where(lengths > 0, lengths, 1.0)
    dependent = []
    for j in range(unit.shape[1]):
        column, others = unit[:, j], np.delete(unit, j, axis=1)
        left = column - (others @ np.linalg.lstsq(others, column)[0] if others.size else 0.0)
        if np.linalg.norm(left) <= tol:
            dependent.append(j)
    return float(np.linalg.cond(unit)), dependent


# %% right diagnose_design: projects with an orthonormal basis of the other columns
def diagnose_design(X, tol=1e-8):
    X = np.array(X, dtype=float)
    if X.ndim != 2 or X.shape[1] > X.shape[0]:
        raise ValueError("X must be a tall table")
    if np.isnan(X).any() or np.isinf(X).any():
        raise ValueError("X must be finite")
    columns = []
    for column in X.T:
        length = np.sqrt((column**2).sum())
        columns.append(column / length if length else column)
    U = np.array(columns).T
    far = []
    for j in range(U.shape[1]):
        rest = U[:, j].copy()
        if U.shape[1] > 1:
            basis, sizes, _ = np.linalg.svd(np.delete(U, j, axis=1), full_matrices=False)
            basis = basis[:, sizes > 1e-12]
            rest = rest - basis @ (basis.T @ rest)
        far.append(np.sqrt((rest**2).sum()) > tol)
    sizes = np.linalg.svd(U, compute_uv=False)
    condition = sizes[0] / sizes[-1] if sizes[-1] else np.inf
    return float(condition), [j for j, is_far in enumerate(far) if not is_far]


# %% wrong ridge_closed_form: penalises the intercept too
def ridge_closed_form(X, y, penalty):
    if penalty < 0:
        raise ValueError("negative penalty")
    design = np.column_stack([np.ones(len(X)), X])
    gram = design.T @ design + penalty * np.eye(design.shape[1])
    weights = np.linalg.solve(gram, design.T @ y)
    return weights[0], weights[1:]


# %% wrong ridge_closed_form: multiplies the penalty by the number of rows
def ridge_closed_form(X, y, penalty):
    if penalty < 0:
        raise ValueError("negative penalty")
    mean = X.mean(axis=0)
    centred = X - mean
    gram = centred.T @ centred + len(X) * penalty * np.eye(X.shape[1])
    slopes = np.linalg.solve(gram, centred.T @ (y - y.mean()))
    return y.mean() - mean @ slopes, slopes


# %% wrong ridge_closed_form: divides the penalty by the number of rows
def ridge_closed_form(X, y, penalty):
    if penalty < 0:
        raise ValueError("negative penalty")
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    mean = X.mean(axis=0)
    centred = X - mean
    gram = centred.T @ centred + penalty / len(X) * np.eye(X.shape[1])
    slopes = np.linalg.solve(gram, centred.T @ (y - y.mean()))
    return y.mean() - mean @ slopes, slopes


# %% wrong ridge_closed_form: does not centre, and repairs only the intercept
def ridge_closed_form(X, y, penalty):
    if penalty < 0:
        raise ValueError("negative penalty")
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    slopes = np.linalg.solve(X.T @ X + penalty * np.eye(X.shape[1]), X.T @ y)
    return y.mean() - X.mean(axis=0) @ slopes, slopes


# %% wrong ridge_closed_form: centres the caller's array in place
def ridge_closed_form(X, y, penalty):
    if penalty < 0:
        raise ValueError("negative penalty")
    X = np.asarray(X, dtype=float)
    mean = X.mean(axis=0)
    X -= mean
    slopes = np.linalg.solve(X.T @ X + penalty * np.eye(X.shape[1]), X.T @ (y - y.mean()))
    return y.mean() - mean @ slopes, slopes


# %% wrong ridge_closed_form: returns the mean of y as the intercept of uncentred columns
def ridge_closed_form(X, y, penalty):
    if penalty < 0:
        raise ValueError("negative penalty")
    centred = X - X.mean(axis=0)
    gram = centred.T @ centred + penalty * np.eye(X.shape[1])
    return y.mean(), np.linalg.solve(gram, centred.T @ (y - y.mean()))


# %% wrong ridge_closed_form: accepts a negative penalty
def ridge_closed_form(X, y, penalty):
    mean = X.mean(axis=0)
    centred = X - mean
    gram = centred.T @ centred + penalty * np.eye(X.shape[1])
    slopes = np.linalg.solve(gram, centred.T @ (y - y.mean()))
    return y.mean() - mean @ slopes, slopes


# %% wrong ridge_closed_form: penalises only the first slope
def ridge_closed_form(X, y, penalty):
    if penalty < 0:
        raise ValueError("negative penalty")
    mean = X.mean(axis=0)
    gram = (X - mean).T @ (X - mean)
    gram[0, 0] += penalty
    slopes = np.linalg.solve(gram, (X - mean).T @ (y - y.mean()))
    return y.mean() - mean @ slopes, slopes


# %% wrong ridge_closed_form: adds the penalty to every entry of the matrix, not to the diagonal
def ridge_closed_form(X, y, penalty):
    if penalty < 0:
        raise ValueError("negative penalty")
    mean = X.mean(axis=0)
    centred = X - mean
    slopes = np.linalg.solve(centred.T @ centred + penalty, centred.T @ (y - y.mean()))
    return y.mean() - mean @ slopes, slopes


# %% wrong ridge_closed_form: standardises inside
def ridge_closed_form(X, y, penalty):
    if penalty < 0:
        raise ValueError("negative penalty")
    mean, scale = X.mean(axis=0), X.std(axis=0)
    scaled = (X - mean) / np.where(scale > 0, scale, 1)
    gram = scaled.T @ scaled + penalty * np.eye(X.shape[1])
    slopes = np.linalg.solve(gram, scaled.T @ (y - y.mean())) / np.where(scale > 0, scale, 1)
    return y.mean() - mean @ slopes, slopes


# %% right ridge_closed_form: least squares on the stacked rows
def ridge_closed_form(X, y, penalty):
    if penalty < 0:
        raise ValueError("negative penalty")
    X, y = np.array(X, dtype=float), np.array(y, dtype=float)
    p = X.shape[1]
    top = np.column_stack([np.ones(len(X)), X])
    bottom = np.column_stack([np.zeros(p), np.sqrt(penalty) * np.eye(p)])
    weights = np.linalg.lstsq(np.vstack([top, bottom]), np.concatenate([y, np.zeros(p)]))[0]
    return weights[0], weights[1:]


# %% right ridge_closed_form: one system with the intercept, whose diagonal entry gets no penalty
def ridge_closed_form(X, y, penalty):
    if penalty < 0:
        raise ValueError("negative penalty")
    design = np.column_stack([np.ones(len(X)), np.asarray(X, dtype=float)])
    shrink = np.full(design.shape[1], float(penalty))
    shrink[0] = 0.0
    weights = np.linalg.solve(design.T @ design + np.diag(shrink), design.T @ y)
    return float(weights[0]), weights[1:]


# %% strong explain_price_fit: error, use, evidence for limits, no causal claim, plain words
"""
Think of it as a quick second opinion. Given six facts about a house (size, age, a quality rating,
basement, garage and lot), it estimates the price of an ordinary sale in Ames, Iowa. We built it
on sales of 2006 to 2008 and tested it on 862 ordinary sales from the two years after, which it
had never seen. Half of the estimates missed by less than about $15,700, and 54 percent landed
within a tenth of the real price.

You can use it to suggest a starting figure to an agent, or to sort ordinary listings by "looks
unusual, check it".

You cannot use it as an automatic price. Above $300,000 it estimates about $49,000 too little on
average; it overestimates foreclosures and other abnormal sales by about $13,000; and it has seen
no other city and no recent year. An extreme input can even give a negative price.

Finally, the $56 per square foot inside it is a comparison between different houses. It does not
promise that building one more square foot earns $56.
"""


# %% weak explain_price_fit: praises R², reads a coefficient as a cause, names no limit
"""
The model is a linear regression fitted by ordinary least squares with QR decomposition on six
standardised features. It reaches an R² of 0.846, which is excellent and means that it is right in
84.6% of all cases. The coefficients are very informative: every additional square foot adds $56
to the price of a house, so customers should be advised to build extensions, and every point of
quality adds almost $19,000. Newer houses are also better. Because the test error is even lower
than the training error, there is no overfitting at all, and the model can be used in production
for all houses. It can also be used in other cities, since the relationship between size and price
is universal. In the future we could use a neural network to make it even more accurate.
"""


# %% weak explain_price_fit: honest tone, but no number, no use and no population
"""
Our model predicts house prices. Like all models it is not perfect, and you should be careful when
you use it. Predictions may be wrong, especially for unusual houses, because there was not much
data about them. It was trained on historical data, so it may not reflect the current market, and
it should always be used together with human judgement. Generally the predictions are quite good
for normal houses and less good for others. There could also be some bias in the data. We
recommend monitoring the model over time and retraining it from time to time. If something looks
strange, please contact the data team. More data and more features would certainly help to improve
it.
"""
