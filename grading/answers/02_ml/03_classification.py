"""Known answers of lesson 2.3 Classification.

Each chunk is what a person would type into the solution cell, in place of the reference.
"""


# %% wrong scores_log_loss: takes the logarithm of a clipped probability
def sigmoid(z):
    return expit(z)


def log_loss(y, z):
    y, z = np.asarray(y, dtype=float), np.asarray(z, dtype=float)
    if y.shape != z.shape or y.size == 0 or not np.isin(y, (0, 1)).all():
        raise ValueError("bad input")
    p = np.clip(expit(z), 1e-15, 1 - 1e-15)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


# %% wrong scores_log_loss: textbook formulas, which overflow
def sigmoid(z):
    return 1 / (1 + np.exp(-np.asarray(z, dtype=float)))


def log_loss(y, z):
    y, z = np.asarray(y, dtype=float), np.asarray(z, dtype=float)
    if y.shape != z.shape or y.size == 0 or not np.isin(y, (0, 1)).all():
        raise ValueError("bad input")
    p = sigmoid(z)
    return float(-np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))


# %% right scores_log_loss: the formula as printed, whose tiny losses become 0
def sigmoid(z):
    return expit(z)


def log_loss(y, z):
    y, z = np.asarray(y, dtype=float), np.asarray(z, dtype=float)
    if y.shape != z.shape or y.size == 0 or not np.isin(y, (0, 1)).all():
        raise ValueError("bad input")
    return float(np.mean(np.logaddexp(0, z) - y * z))


# %% wrong scores_log_loss: sigmoid as one minus the other side, which rounds small values to 0
def sigmoid(z):
    z = np.asarray(z, dtype=float)
    p = 1 / (1 + np.exp(-np.abs(z)))
    return np.where(z >= 0, p, 1 - p)


def log_loss(y, z):
    y, z = np.asarray(y, dtype=float), np.asarray(z, dtype=float)
    if y.shape != z.shape or y.size == 0 or not np.isin(y, (0, 1)).all():
        raise ValueError("bad input")
    return float(np.logaddexp(0, np.where(y == 1, -z, z)).mean())


# %% wrong scores_log_loss: the sum instead of the mean
def sigmoid(z):
    return expit(z)


def log_loss(y, z):
    y, z = np.asarray(y, dtype=float), np.asarray(z, dtype=float)
    if y.shape != z.shape or y.size == 0 or not np.isin(y, (0, 1)).all():
        raise ValueError("bad input")
    return float(np.logaddexp(0, np.where(y == 1, -z, z)).sum())


# %% wrong scores_log_loss: checks the lengths only, so a column of scores broadcasts
def sigmoid(z):
    return expit(z)


def log_loss(y, z):
    y, z = np.asarray(y, dtype=float), np.asarray(z, dtype=float)
    if len(y) != len(z) or y.size == 0 or not np.isin(y, (0, 1)).all():
        raise ValueError("bad input")
    return float(np.logaddexp(0, np.where(y == 1, -z, z)).mean())


# %% wrong scores_log_loss: accepts labels of -1 and 1
def sigmoid(z):
    return expit(z)


def log_loss(y, z):
    y, z = np.asarray(y, dtype=float), np.asarray(z, dtype=float)
    if y.shape != z.shape or y.size == 0:
        raise ValueError("bad input")
    return float(np.logaddexp(0, np.where(y == 1, -z, z)).mean())


# %% right scores_log_loss: log of 1 plus a tiny number, which becomes 0
def sigmoid(z):
    return expit(z)


def log_loss(y, z):
    y, z = np.asarray(y, dtype=float), np.asarray(z, dtype=float)
    if y.shape != z.shape or y.size == 0 or not np.isin(y, (0, 1)).all():
        raise ValueError("bad input")
    away = np.where(y == 1, -z, z)
    return float(np.mean(np.maximum(away, 0) + np.log(1 + np.exp(-np.abs(away)))))


# %% wrong scores_log_loss: gives nan for no rows
def sigmoid(z):
    return expit(z)


def log_loss(y, z):
    y, z = np.asarray(y, dtype=float), np.asarray(z, dtype=float)
    if y.shape != z.shape or not np.isin(y, (0, 1)).all():
        raise ValueError("bad input")
    return float(np.logaddexp(0, np.where(y == 1, -z, z)).mean())


# %% wrong scores_log_loss: sigmoid from tanh, which rounds small values to 0
def sigmoid(z):
    return 0.5 * (1 + np.tanh(np.asarray(z, dtype=float) / 2))


def log_loss(y, z):
    y, z = np.asarray(y, dtype=float), np.asarray(z, dtype=float)
    if y.shape != z.shape or y.size == 0 or not np.isin(y, (0, 1)).all():
        raise ValueError("bad input")
    return float(np.logaddexp(0, np.where(y == 1, -z, z)).mean())


# %% wrong scores_log_loss: cuts the scores at 500, so that larger mistakes cost the same
def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(np.asarray(z, dtype=float), -500, 500)))


def log_loss(y, z):
    y, z = np.asarray(y, dtype=float), np.clip(np.asarray(z, dtype=float), -500, 500)
    if y.shape != z.shape or y.size == 0 or not np.isin(y, (0, 1)).all():
        raise ValueError("bad input")
    return float(np.logaddexp(0, np.where(y == 1, -z, z)).mean())


# %% right scores_log_loss: the exponential of the log-probability, log1p and a dot product
def sigmoid(z):
    return np.exp(-np.logaddexp(0, -np.asarray(z, dtype=float)))


def log_loss(y, z):
    y, z = np.asarray(y), np.asarray(z, dtype=float)
    if np.shape(y) != np.shape(z) or np.ndim(y) != 1 or len(y) == 0:
        raise ValueError("one label per score")
    if not all(label in (0, 1) for label in y.tolist()):
        raise ValueError("labels are 0 and 1")
    y = y.astype(float)
    return np.dot(y, np.logaddexp(0, -z)) / len(y) + np.dot(1 - y, np.logaddexp(0, z)) / len(y)


# %% right scores_log_loss: tanh-free sigmoid with masks, log1p by hand
def sigmoid(z):
    z = np.asarray(z, dtype=float)
    out = np.empty(z.shape)
    high = z >= 0
    out[high] = 1 / (1 + np.exp(-z[high]))
    powers = np.exp(z[~high])
    out[~high] = powers / (1 + powers)
    return out


def log_loss(y, z):
    labels, scores = np.array(y, dtype=float), np.array(z, dtype=float)
    if labels.shape != scores.shape or labels.ndim != 1 or len(labels) < 1:
        raise ValueError("shapes")
    if set(labels.tolist()) - {0.0, 1.0}:
        raise ValueError("labels")
    away = (1 - 2 * labels) * scores
    rows = np.where(away > 0, away, 0) + np.log1p(np.exp(-np.abs(away)))
    return float(rows.sum() / len(rows))


# %% right scores_log_loss: a loop with the math module
def sigmoid(z):
    import math

    def one(v):
        return 1 / (1 + math.exp(-v)) if v >= 0 else math.exp(max(v, -745)) / (1 + math.exp(v))

    z = np.asarray(z, dtype=float)
    return np.array([one(v) for v in z.ravel().tolist()]).reshape(z.shape)


def log_loss(y, z):
    import math

    y, z = np.asarray(y), np.asarray(z)
    if y.shape != z.shape or y.ndim != 1 or len(y) == 0:
        raise ValueError("shapes differ")
    total = 0.0
    for label, score in zip(y.tolist(), z.tolist()):
        if label not in (0, 1):
            raise ValueError("label")
        away = -score if label == 1 else score
        total += max(away, 0.0) + math.log1p(math.exp(-abs(away)))
    return total / len(y)


# %% wrong logistic_fit: penalises the intercept
def logistic_objective(weights, X, y, penalty):
    w, X, y = np.asarray(weights, float), np.asarray(X, float), np.asarray(y, float)
    A = np.column_stack([np.ones(len(X)), X])
    z = A @ w
    value = np.sum(np.logaddexp(0, z) - y * z) + penalty / 2 * w @ w
    return float(value), A.T @ (expit(z) - y) + penalty * w


def fit_logistic(X, y, penalty):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if penalty <= 0 or len(X) != len(y) or set(np.unique(y)) != {0.0, 1.0}:
        raise ValueError("bad input")
    A = np.column_stack([np.ones(len(X)), X])
    w = np.zeros(A.shape[1])
    for _ in range(60):
        p = expit(A @ w)
        gradient = A.T @ (p - y) + penalty * w
        w = w - np.linalg.solve((A.T * (p * (1 - p))) @ A + penalty * np.eye(len(w)), gradient)
    return w


# %% wrong logistic_fit: the mean of the losses instead of the sum
def logistic_objective(weights, X, y, penalty):
    w, X, y = np.asarray(weights, float), np.asarray(X, float), np.asarray(y, float)
    A = np.column_stack([np.ones(len(X)), X])
    z, free = A @ w, np.r_[0.0, np.ones(X.shape[1])]
    value = np.mean(np.logaddexp(0, z) - y * z) + penalty / 2 * np.sum(free * w**2)
    return float(value), A.T @ (expit(z) - y) / len(y) + penalty * free * w


def fit_logistic(X, y, penalty):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if penalty <= 0 or len(X) != len(y) or set(np.unique(y)) != {0.0, 1.0}:
        raise ValueError("bad input")
    A = np.column_stack([np.ones(len(X)), X])
    w, n = np.zeros(A.shape[1]), len(y)
    ridge = np.diag(np.r_[0.0, np.full(X.shape[1], penalty)])
    for _ in range(60):
        p = expit(A @ w)
        gradient = A.T @ (p - y) / n + ridge @ w
        w = w - np.linalg.solve((A.T * (p * (1 - p))) @ A / n + ridge, gradient)
    return w


# %% wrong logistic_fit: fixed gradient descent, far from converged
def logistic_objective(weights, X, y, penalty):
    w, X, y = np.asarray(weights, float), np.asarray(X, float), np.asarray(y, float)
    A = np.column_stack([np.ones(len(X)), X])
    z, free = A @ w, np.r_[0.0, np.full(X.shape[1], penalty)]
    value = np.sum(np.logaddexp(0, np.where(y == 1, -z, z))) + np.sum(free * w**2) / 2
    return float(value), A.T @ (expit(z) - y) + free * w


def fit_logistic(X, y, penalty):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if penalty <= 0 or len(X) != len(y) or set(np.unique(y)) != {0.0, 1.0}:
        raise ValueError("bad input")
    w = np.zeros(X.shape[1] + 1)
    rate = 1 / (np.linalg.norm(np.column_stack([np.ones(len(X)), X]), 2) ** 2 / 4 + penalty)
    for _ in range(3000):
        w = w - rate * logistic_objective(w, X, y, penalty)[1]
    return w


# %% wrong logistic_fit: forgets the penalty in the gradient of the objective
def logistic_objective(weights, X, y, penalty):
    w, X, y = np.asarray(weights, float), np.asarray(X, float), np.asarray(y, float)
    A = np.column_stack([np.ones(len(X)), X])
    z = A @ w
    value = np.sum(np.logaddexp(0, np.where(y == 1, -z, z))) + penalty * np.sum(w[1:] ** 2) / 2
    return float(value), A.T @ (expit(z) - y)


def fit_logistic(X, y, penalty):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if penalty <= 0 or len(X) != len(y) or set(np.unique(y)) != {0.0, 1.0}:
        raise ValueError("bad input")
    model = LogisticRegression(C=1 / penalty, solver="newton-cholesky", tol=1e-12, max_iter=500)
    model.fit(X, y)
    return np.r_[model.intercept_, model.coef_[0]]


# %% wrong logistic_fit: the penalty without the half
def logistic_objective(weights, X, y, penalty):
    w, X, y = np.asarray(weights, float), np.asarray(X, float), np.asarray(y, float)
    A = np.column_stack([np.ones(len(X)), X])
    z, free = A @ w, np.r_[0.0, np.full(X.shape[1], penalty)]
    value = np.sum(np.logaddexp(0, np.where(y == 1, -z, z))) + np.sum(free * w**2)
    return float(value), A.T @ (expit(z) - y) + 2 * free * w


def fit_logistic(X, y, penalty):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if penalty <= 0 or len(X) != len(y) or set(np.unique(y)) != {0.0, 1.0}:
        raise ValueError("bad input")
    A = np.column_stack([np.ones(len(X)), X])
    w = np.zeros(A.shape[1])
    ridge = np.diag(np.r_[0.0, np.full(X.shape[1], 2.0 * penalty)])
    for _ in range(60):
        p = expit(A @ w)
        gradient = A.T @ (p - y) + ridge @ w
        w = w - np.linalg.solve((A.T * (p * (1 - p))) @ A + ridge, gradient)
    return w


# %% wrong logistic_fit: a loose stopping rule
def logistic_objective(weights, X, y, penalty):
    w, X, y = np.asarray(weights, float), np.asarray(X, float), np.asarray(y, float)
    A = np.column_stack([np.ones(len(X)), X])
    z, free = A @ w, np.r_[0.0, np.full(X.shape[1], penalty)]
    value = np.sum(np.logaddexp(0, np.where(y == 1, -z, z))) + np.sum(free * w**2) / 2
    return float(value), A.T @ (expit(z) - y) + free * w


def fit_logistic(X, y, penalty):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if penalty <= 0 or len(X) != len(y) or set(np.unique(y)) != {0.0, 1.0}:
        raise ValueError("bad input")
    A = np.column_stack([np.ones(len(X)), X])
    w = np.zeros(A.shape[1])
    ridge = np.diag(np.r_[0.0, np.full(X.shape[1], penalty)])
    for _ in range(4):
        p = expit(A @ w)
        gradient = A.T @ (p - y) + ridge @ w
        w = w - np.linalg.solve((A.T * (p * (1 - p))) @ A + ridge, gradient)
    return w


# %% wrong logistic_fit: standardises the columns and forgets to convert the weights back
def logistic_objective(weights, X, y, penalty):
    w, X, y = np.asarray(weights, float), np.asarray(X, float), np.asarray(y, float)
    A = np.column_stack([np.ones(len(X)), X])
    z, free = A @ w, np.r_[0.0, np.full(X.shape[1], penalty)]
    value = np.sum(np.logaddexp(0, np.where(y == 1, -z, z))) + np.sum(free * w**2) / 2
    return float(value), A.T @ (expit(z) - y) + free * w


def fit_logistic(X, y, penalty):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if penalty <= 0 or len(X) != len(y) or set(np.unique(y)) != {0.0, 1.0}:
        raise ValueError("bad input")
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    model = LogisticRegression(C=1 / penalty, solver="newton-cholesky", tol=1e-12, max_iter=500)
    model.fit(Z, y)
    return np.r_[model.intercept_, model.coef_[0]]


# %% wrong logistic_fit: accepts labels of -1 and 1
def logistic_objective(weights, X, y, penalty):
    w, X, y = np.asarray(weights, float), np.asarray(X, float), np.asarray(y, float)
    A = np.column_stack([np.ones(len(X)), X])
    z, free = A @ w, np.r_[0.0, np.full(X.shape[1], penalty)]
    value = np.sum(np.logaddexp(0, np.where(y == 1, -z, z))) + np.sum(free * w**2) / 2
    return float(value), A.T @ (expit(z) - y) + free * w


def fit_logistic(X, y, penalty):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if penalty <= 0 or len(X) != len(y) or len(np.unique(y)) != 2:
        raise ValueError("bad input")
    A = np.column_stack([np.ones(len(X)), X])
    w = np.zeros(A.shape[1])
    ridge = np.diag(np.r_[0.0, np.full(X.shape[1], penalty)])
    for _ in range(40):
        p = expit(A @ w)
        gradient = A.T @ (p - y) + ridge @ w
        w = w - np.linalg.solve((A.T * (p * (1 - p))) @ A + ridge, gradient)
    return w


# %% wrong logistic_fit: adds the ridge to the intercept's curvature and slope in the fit alone
def logistic_objective(weights, X, y, penalty):
    w, X, y = np.asarray(weights, float), np.asarray(X, float), np.asarray(y, float)
    A = np.column_stack([np.ones(len(X)), X])
    z, free = A @ w, np.r_[0.0, np.full(X.shape[1], penalty)]
    value = np.sum(np.logaddexp(0, np.where(y == 1, -z, z))) + np.sum(free * w**2) / 2
    return float(value), A.T @ (expit(z) - y) + free * w


def fit_logistic(X, y, penalty):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if penalty <= 0 or len(X) != len(y) or set(np.unique(y)) != {0.0, 1.0}:
        raise ValueError("bad input")
    A = np.column_stack([np.ones(len(X)), X])
    w = np.zeros(A.shape[1])
    for _ in range(60):
        p = expit(A @ w)
        hessian = (A.T * (p * (1 - p))) @ A + penalty * np.eye(len(w))
        w = w - np.linalg.solve(hessian, A.T @ (p - y) + penalty * w)
    return w


# %% wrong logistic_fit: loses the intercept of far columns by centring without converting back
def logistic_objective(weights, X, y, penalty):
    w, X, y = np.asarray(weights, float), np.asarray(X, float), np.asarray(y, float)
    A = np.column_stack([np.ones(len(X)), X])
    z, free = A @ w, np.r_[0.0, np.full(X.shape[1], penalty)]
    value = np.sum(np.logaddexp(0, np.where(y == 1, -z, z))) + np.sum(free * w**2) / 2
    return float(value), A.T @ (expit(z) - y) + free * w


def fit_logistic(X, y, penalty):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if penalty <= 0 or len(X) != len(y) or set(np.unique(y)) != {0.0, 1.0}:
        raise ValueError("bad input")
    X = X - X.mean(axis=0)
    A = np.column_stack([np.ones(len(X)), X])
    w = np.zeros(A.shape[1])
    ridge = np.diag(np.r_[0.0, np.full(X.shape[1], penalty)])
    for _ in range(60):
        p = expit(A @ w)
        w = w - np.linalg.solve((A.T * (p * (1 - p))) @ A + ridge, A.T @ (p - y) + ridge @ w)
    return w


# %% right logistic_fit: centred columns, stops as early as the statement allows, converts back
def logistic_objective(weights, X, y, penalty):
    w, X, y = np.asarray(weights, float), np.asarray(X, float), np.asarray(y, float)
    A = np.insert(X, 0, 1.0, axis=1)
    z = A @ w
    value = np.maximum(z, 0).sum() + np.log1p(np.exp(-np.abs(z))).sum() - y @ z
    free = penalty * np.r_[0.0, w[1:]]
    return float(value + free @ w / 2), A.T @ (expit(z) - y) + free


def fit_logistic(X, y, penalty):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if not penalty > 0 or len(X) != len(y) or set(y.tolist()) != {0.0, 1.0}:
        raise ValueError("bad input")
    middle = X.mean(axis=0)
    A = np.insert(X - middle, 0, 1.0, axis=1)
    w = np.zeros(A.shape[1])
    for _ in range(200):
        found = np.r_[w[0] - middle @ w[1:], w[1:]]
        if np.abs(logistic_objective(found, X, y, penalty)[1]).max() <= 1e-6 * len(y):
            return found
        p = expit(A @ w)
        slope = A.T @ (p - y) + penalty * np.r_[0.0, w[1:]]
        hessian = A.T @ (A * (p * (1 - p))[:, None]) + penalty * np.diag(np.r_[0.0, 1 + 0 * w[1:]])
        w = w - np.linalg.solve(hessian, slope)
    raise RuntimeError("no minimum found")


# %% right logistic_fit: undamped Newton, least squares for the step
def logistic_objective(weights, X, y, penalty):
    w, X, y = np.array(weights, float), np.array(X, float), np.array(y, float)
    z = w[0] + X @ w[1:]
    sign = 1 - 2 * y
    value = np.logaddexp(0, sign * z).sum() + 0.5 * penalty * np.dot(w[1:], w[1:])
    gap = 1 / (1 + np.exp(-np.clip(z, -700, 700))) - y
    return float(value), np.hstack([gap.sum(), gap @ X + penalty * w[1:]])


def fit_logistic(X, y, penalty):
    X, y = np.array(X, float), np.array(y, float)
    if penalty <= 0:
        raise ValueError("penalty")
    if len(X) != len(y) or sorted(set(y.tolist())) != [0.0, 1.0]:
        raise ValueError("labels")
    A = np.hstack([np.ones((len(X), 1)), X])
    free = np.full(A.shape[1], float(penalty))
    free[0] = 0
    w = np.zeros(A.shape[1])
    for _ in range(200):
        p = expit(A @ w)
        gradient = A.T @ (p - y) + free * w
        if np.max(np.abs(gradient)) < 1e-8 * len(y):
            return w
        hessian = A.T @ (A * (p - p**2)[:, None]) + np.diag(free)
        w = w - np.linalg.lstsq(hessian, gradient)[0]
    return w


# %% right logistic_fit: reweighted least squares with a working response, rows added for the ridge
def logistic_objective(weights, X, y, penalty):
    w = [float(v) for v in np.asarray(weights).tolist()]
    rows, labels = np.asarray(X, float).tolist(), np.asarray(y, float).tolist()
    value, slope = penalty * sum(v * v for v in w[1:]) / 2, [0.0] + [penalty * v for v in w[1:]]
    for row, label in zip(rows, labels):
        z = w[0] + sum(a * b for a, b in zip(w[1:], row))
        value += float(np.logaddexp(0, -z if label else z))
        gap = float(expit(z)) - label
        slope = [s + gap * x for s, x in zip(slope, [1.0, *row])]
    return value, np.array(slope)


def fit_logistic(X, y, penalty):
    X, y = np.asarray(X, float), np.asarray(y, float)
    if not penalty > 0 or X.shape[0] != y.shape[0] or set(y.tolist()) != {0.0, 1.0}:
        raise ValueError("bad input")
    A = np.column_stack([np.ones(len(X)), X])
    extra = np.sqrt(penalty) * np.eye(A.shape[1])[1:]
    w = np.zeros(A.shape[1])
    for _ in range(100):
        p = expit(A @ w)
        if np.abs(A.T @ (p - y) + penalty * np.r_[0, w[1:]]).max() < 1e-8 * len(y):
            break
        s = np.maximum(p * (1 - p), 1e-12)
        root = np.sqrt(s)
        target = root * (A @ w + (y - p) / s)
        stacked = np.vstack([A * root[:, None], extra])
        w = np.linalg.lstsq(stacked, np.r_[target, np.zeros(len(extra))])[0]
    return w


# %% wrong cost_threshold: swaps the two mistakes
def bayes_threshold(costs):
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    if c01 <= c00 or c10 <= c11:
        raise ValueError("bad costs")
    return float((c10 - c11) / ((c01 - c00) + (c10 - c11)))


def tune_threshold(y, p, costs):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or np.isnan(p).any():
        raise ValueError("bad input")
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    order = np.argsort(-p, kind="stable")
    change = np.where(y == 1, c11 - c10, c01 - c00)[order]
    totals = np.where(y == 1, c10, c00).sum() + np.r_[0.0, np.cumsum(change)]
    candidates = np.r_[np.inf, p[order]]
    possible = np.r_[candidates[1:] != candidates[:-1], True]
    best = np.argmin(np.where(possible, totals, np.inf))
    return float(candidates[best]), float(totals[best] / len(p))


# %% wrong cost_threshold: forgets what the right decision costs
def bayes_threshold(costs):
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    if c01 <= c00 or c10 <= c11:
        raise ValueError("bad costs")
    return float(c01 / (c01 + c10 - c11))


def tune_threshold(y, p, costs):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or np.isnan(p).any():
        raise ValueError("bad input")
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    order = np.argsort(-p, kind="stable")
    change = np.where(y == 1, c11 - c10, c01 - c00)[order]
    totals = np.where(y == 1, c10, c00).sum() + np.r_[0.0, np.cumsum(change)]
    candidates = np.r_[np.inf, p[order]]
    possible = np.r_[candidates[1:] != candidates[:-1], True]
    best = np.argmin(np.where(possible, totals, np.inf))
    return float(candidates[best]), float(totals[best] / len(p))


# %% wrong cost_threshold: separates rows with equal scores
def bayes_threshold(costs):
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    if c01 <= c00 or c10 <= c11:
        raise ValueError("bad costs")
    return float((c01 - c00) / ((c01 - c00) + (c10 - c11)))


def tune_threshold(y, p, costs):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or np.isnan(p).any():
        raise ValueError("bad input")
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    order = np.argsort(-p, kind="stable")
    change = np.where(y == 1, c11 - c10, c01 - c00)[order]
    totals = np.where(y == 1, c10, c00).sum() + np.r_[0.0, np.cumsum(change)]
    candidates = np.r_[np.inf, p[order]]
    best = np.argmin(totals)
    return float(candidates[best]), float(totals[best] / len(p))


# %% wrong cost_threshold: a grid of 101 thresholds
def bayes_threshold(costs):
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    if c01 <= c00 or c10 <= c11:
        raise ValueError("bad costs")
    return float((c01 - c00) / ((c01 - c00) + (c10 - c11)))


def tune_threshold(y, p, costs):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or np.isnan(p).any():
        raise ValueError("bad input")
    costs = np.asarray(costs, dtype=float)
    grid = np.linspace(1, 0, 101)
    means = [costs[y, (p >= t).astype(int)].mean() for t in grid]
    best = int(np.argmin(means))
    return round(float(grid[best]), 2), float(means[best])


# %% wrong cost_threshold: tries every candidate on every row, quadratic
def bayes_threshold(costs):
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    if c01 <= c00 or c10 <= c11:
        raise ValueError("bad costs")
    return float((c01 - c00) / ((c01 - c00) + (c10 - c11)))


def tune_threshold(y, p, costs):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or np.isnan(p).any():
        raise ValueError("bad input")
    costs = np.asarray(costs, dtype=float)
    candidates = np.r_[np.inf, np.unique(p)[::-1]]
    if len(candidates) > 30_000:  # as slow as the whole, without its memory
        candidates = candidates[::4]
    totals = [costs[y, (p >= t).astype(int)].sum() for t in candidates]
    best = int(np.argmin(totals))
    return float(candidates[best]), float(totals[best] / len(p))


# %% wrong cost_threshold: takes the smallest threshold among equals
def bayes_threshold(costs):
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    if c01 <= c00 or c10 <= c11:
        raise ValueError("bad costs")
    return float((c01 - c00) / ((c01 - c00) + (c10 - c11)))


def tune_threshold(y, p, costs):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or np.isnan(p).any():
        raise ValueError("bad input")
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    order = np.argsort(-p, kind="stable")
    change = np.where(y == 1, c11 - c10, c01 - c00)[order]
    totals = np.where(y == 1, c10, c00).sum() + np.r_[0.0, np.cumsum(change)]
    candidates = np.r_[np.inf, p[order]]
    possible = np.r_[candidates[1:] != candidates[:-1], True]
    totals = np.where(possible, totals, np.inf)
    best = len(totals) - 1 - np.argmin(totals[::-1])
    return float(candidates[best]), float(totals[best] / len(p))


# %% wrong cost_threshold: never considers acting on nobody
def bayes_threshold(costs):
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    if c01 <= c00 or c10 <= c11:
        raise ValueError("bad costs")
    return float((c01 - c00) / ((c01 - c00) + (c10 - c11)))


def tune_threshold(y, p, costs):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or np.isnan(p).any():
        raise ValueError("bad input")
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    order = np.argsort(-p, kind="stable")
    change = np.where(y == 1, c11 - c10, c01 - c00)[order]
    totals = np.where(y == 1, c10, c00).sum() + np.cumsum(change)
    candidates = p[order]
    possible = np.r_[candidates[1:] != candidates[:-1], True]
    best = np.argmin(np.where(possible, totals, np.inf))
    return float(candidates[best]), float(totals[best] / len(p))


# %% wrong cost_threshold: ignores the costs of right decisions in the bill
def bayes_threshold(costs):
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    if c01 <= c00 or c10 <= c11:
        raise ValueError("bad costs")
    return float((c01 - c00) / ((c01 - c00) + (c10 - c11)))


def tune_threshold(y, p, costs):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or np.isnan(p).any():
        raise ValueError("bad input")
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    order = np.argsort(-p, kind="stable")
    totals = c10 * y.sum() + np.r_[0.0, np.cumsum(np.where(y == 1, -c10, c01)[order])]
    candidates = np.r_[np.inf, p[order]]
    possible = np.r_[candidates[1:] != candidates[:-1], True]
    best = np.argmin(np.where(possible, totals, np.inf))
    return float(candidates[best]), float(totals[best] / len(p))


# %% wrong cost_threshold: does not refuse costs without a threshold
def bayes_threshold(costs):
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    return float((c01 - c00) / ((c01 - c00) + (c10 - c11)))


def tune_threshold(y, p, costs):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or np.isnan(p).any():
        raise ValueError("bad input")
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    order = np.argsort(-p, kind="stable")
    change = np.where(y == 1, c11 - c10, c01 - c00)[order]
    totals = np.where(y == 1, c10, c00).sum() + np.r_[0.0, np.cumsum(change)]
    candidates = np.r_[np.inf, p[order]]
    possible = np.r_[candidates[1:] != candidates[:-1], True]
    best = np.argmin(np.where(possible, totals, np.inf))
    return float(candidates[best]), float(totals[best] / len(p))


# %% wrong cost_threshold: candidates halfway between neighbouring scores
def bayes_threshold(costs):
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    if c01 <= c00 or c10 <= c11:
        raise ValueError("bad costs")
    return float((c01 - c00) / ((c01 - c00) + (c10 - c11)))


def tune_threshold(y, p, costs):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or np.isnan(p).any():
        raise ValueError("bad input")
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    order = np.argsort(-p, kind="stable")
    change = np.where(y == 1, c11 - c10, c01 - c00)[order]
    totals = np.where(y == 1, c10, c00).sum() + np.r_[0.0, np.cumsum(change)]
    ranked = np.r_[np.inf, p[order], -np.inf]
    possible = ranked[1:] != ranked[:-1]
    best = int(np.argmin(np.where(possible, totals, np.inf)))
    if best == 0 or best == len(p):
        return float(ranked[best]), float(totals[best] / len(p))
    return float((ranked[best] + ranked[best + 1]) / 2), float(totals[best] / len(p))


# %% wrong cost_threshold: acts only above the threshold
def bayes_threshold(costs):
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    if c01 <= c00 or c10 <= c11:
        raise ValueError("bad costs")
    return float((c01 - c00) / ((c01 - c00) + (c10 - c11)))


def tune_threshold(y, p, costs):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or np.isnan(p).any():
        raise ValueError("bad input")
    (c00, c01), (c10, c11) = np.asarray(costs, dtype=float)
    order = np.argsort(-p, kind="stable")
    change = np.where(y == 1, c11 - c10, c01 - c00)[order]
    totals = np.where(y == 1, c10, c00).sum() + np.r_[0.0, np.cumsum(change)]
    candidates = np.r_[p[order], -np.inf]
    possible = np.r_[True, candidates[1:] != candidates[:-1]]
    best = np.argmin(np.where(possible, totals, np.inf))
    return float(candidates[best]), float(totals[best] / len(p))


# %% right cost_threshold: a table grouped by score
def bayes_threshold(costs):
    costs = np.asarray(costs, dtype=float)
    alarm, miss = costs[0, 1] - costs[0, 0], costs[1, 0] - costs[1, 1]
    if min(alarm, miss) <= 0:
        raise ValueError("one decision is best for everybody")
    return float(1 / (1 + miss / alarm))


def tune_threshold(y, p, costs):
    if np.shape(y) != np.shape(p) or np.size(p) == 0 or pd.isna(np.asarray(p, float)).any():
        raise ValueError("bad input")
    costs = np.asarray(costs, dtype=float)
    rows = pd.DataFrame({"p": np.asarray(p, float), "y": np.asarray(y, int)})
    rows["more"] = costs[rows["y"], 1] - costs[rows["y"], 0]
    more = rows.groupby("p")["more"].sum().sort_index(ascending=False).cumsum()
    totals = pd.concat([pd.Series([0.0], index=[np.inf]), more]) + costs[rows["y"], 0].sum()
    best = int(totals.to_numpy().argmin())
    return float(totals.index[best]), float(totals.iloc[best] / len(rows))


# %% right cost_threshold: groups equal scores with np.unique and cumulative counts
def bayes_threshold(costs):
    right_0, wrong_0 = costs[0]
    wrong_1, right_1 = costs[1]
    alarm, miss = wrong_0 - right_0, wrong_1 - right_1
    if alarm <= 0 or miss <= 0:
        raise ValueError("no threshold")
    return float(alarm / (alarm + miss))


def tune_threshold(y, p, costs):
    y, p = np.array(y, dtype=float), np.array(p, dtype=float)
    if y.shape != p.shape or p.size == 0:
        raise ValueError("shapes")
    if np.isnan(p).any():
        raise ValueError("NaN")
    values, group = np.unique(p, return_inverse=True)
    ones = np.bincount(group.ravel(), weights=y)
    every = np.bincount(group.ravel())
    acted_ones = np.r_[np.cumsum(ones[::-1])[::-1], 0]
    acted = np.r_[np.cumsum(every[::-1])[::-1], 0]
    acted_zeros = acted - acted_ones
    zeros_left = (len(y) - y.sum()) - acted_zeros
    ones_left = y.sum() - acted_ones
    totals = costs[0][0] * zeros_left + costs[0][1] * acted_zeros
    totals = totals + costs[1][0] * ones_left + costs[1][1] * acted_ones
    best = np.flatnonzero(totals == totals.min())[-1]
    return float(np.r_[values, np.inf][best]), float(totals[best] / len(y))


# %% right cost_threshold: one pass over sorted pairs in plain Python
def bayes_threshold(costs):
    (a, b), (c, d) = np.asarray(costs, dtype=float).tolist()
    if not (b > a and c > d):
        raise ValueError("one decision is always best")
    return (b - a) / (b - a + c - d)


def tune_threshold(y, p, costs):
    labels, scores = np.asarray(y).tolist(), np.asarray(p, dtype=float).tolist()
    if len(labels) != len(scores) or not scores or any(s != s for s in scores):
        raise ValueError("bad input")
    (a, b), (c, d) = np.asarray(costs, dtype=float).tolist()
    total = sum(c if label == 1 else a for label in labels)
    best, place = total, float("inf")
    pairs = sorted(zip(scores, labels), reverse=True)
    for k, (value, label) in enumerate(pairs):
        total += d - c if label == 1 else b - a
        last = k + 1 == len(pairs) or pairs[k + 1][0] != value
        if last and total < best:
            best, place = total, value
    return place, best / len(pairs)


# %% wrong campaign_debugged: still tunes the thresholds on the new rows
def campaign_saving(fit, new, wrong_call, missed):
    labels, p, centre = new
    everybody = wrong_call * np.sum(fit[0] == 0) < missed * np.sum(fit[0] == 1)
    plain = wrong_call * np.sum(labels == 0) if everybody else missed * np.sum(labels == 1)
    cost = 0.0
    for c in np.unique(centre):
        rows = centre == c
        candidates = np.append(np.unique(p[rows]), np.inf)
        calls = p[rows] >= candidates[:, None]
        cost += np.where(labels[rows] == 1, missed * ~calls, wrong_call * calls).sum(axis=1).min()
    return float((plain - cost) / len(labels))


# %% wrong campaign_debugged: still compares with calling nobody
def campaign_saving(fit, new, wrong_call, missed):
    labels, p, centre = fit
    new_labels, new_p, new_centre = new
    everybody = wrong_call * np.sum(labels == 0) < missed * np.sum(labels == 1)
    threshold = np.full(len(new_p), -np.inf if everybody else np.inf)
    for c in np.unique(centre):
        rows = centre == c
        candidates = np.r_[np.inf, np.unique(p[rows])[::-1]]
        calls = p[rows] >= candidates[:, None]
        costs = np.where(labels[rows] == 1, missed * ~calls, wrong_call * calls).sum(axis=1)
        threshold[new_centre == c] = candidates[np.argmin(costs)]
    call = new_p >= threshold
    cost = np.where(new_labels == 1, missed * ~call, wrong_call * call).sum()
    return float((missed * np.sum(new_labels == 1) - cost) / len(new_labels))


# %% wrong campaign_debugged: picks the comparison on the new rows
def campaign_saving(fit, new, wrong_call, missed):
    labels, p, centre = fit
    new_labels, new_p, new_centre = new
    everybody = wrong_call * np.sum(labels == 0) < missed * np.sum(labels == 1)
    threshold = np.full(len(new_p), -np.inf if everybody else np.inf)
    for c in np.unique(centre):
        rows = centre == c
        candidates = np.r_[np.inf, np.unique(p[rows])[::-1]]
        calls = p[rows] >= candidates[:, None]
        costs = np.where(labels[rows] == 1, missed * ~calls, wrong_call * calls).sum(axis=1)
        threshold[new_centre == c] = candidates[np.argmin(costs)]
    call = new_p >= threshold
    cost = np.where(new_labels == 1, missed * ~call, wrong_call * call).sum()
    plain = min(missed * np.sum(new_labels == 1), wrong_call * np.sum(new_labels == 0))
    return float((plain - cost) / len(new_labels))


# %% wrong campaign_debugged: unknown centres are never called
def campaign_saving(fit, new, wrong_call, missed):
    labels, p, centre = fit
    new_labels, new_p, new_centre = new
    everybody = wrong_call * np.sum(labels == 0) < missed * np.sum(labels == 1)
    threshold = np.full(len(new_p), np.inf)
    for c in np.unique(centre):
        rows = centre == c
        candidates = np.r_[np.inf, np.unique(p[rows])[::-1]]
        calls = p[rows] >= candidates[:, None]
        costs = np.where(labels[rows] == 1, missed * ~calls, wrong_call * calls).sum(axis=1)
        threshold[new_centre == c] = candidates[np.argmin(costs)]
    call = new_p >= threshold
    cost = np.where(new_labels == 1, missed * ~call, wrong_call * call).sum()
    plain = wrong_call * np.sum(new_labels == 0) if everybody else missed * np.sum(new_labels == 1)
    return float((plain - cost) / len(new_labels))


# %% wrong campaign_debugged: one threshold for all centres
def campaign_saving(fit, new, wrong_call, missed):
    labels, p, _ = fit
    new_labels, new_p, _ = new
    everybody = wrong_call * np.sum(labels == 0) < missed * np.sum(labels == 1)
    candidates = np.r_[np.inf, np.unique(p)[::-1]]
    calls = p >= candidates[:, None]
    costs = np.where(labels == 1, missed * ~calls, wrong_call * calls).sum(axis=1)
    call = new_p >= candidates[np.argmin(costs)]
    cost = np.where(new_labels == 1, missed * ~call, wrong_call * call).sum()
    plain = wrong_call * np.sum(new_labels == 0) if everybody else missed * np.sum(new_labels == 1)
    return float((plain - cost) / len(new_labels))


# %% wrong campaign_debugged: calls only above the threshold
def campaign_saving(fit, new, wrong_call, missed):
    labels, p, centre = fit
    new_labels, new_p, new_centre = new
    everybody = wrong_call * np.sum(labels == 0) < missed * np.sum(labels == 1)
    threshold = np.full(len(new_p), -np.inf if everybody else np.inf)
    for c in np.unique(centre):
        rows = centre == c
        candidates = np.r_[np.inf, np.unique(p[rows])[::-1]]
        calls = p[rows] > candidates[:, None]
        costs = np.where(labels[rows] == 1, missed * ~calls, wrong_call * calls).sum(axis=1)
        threshold[new_centre == c] = candidates[np.argmin(costs)]
    call = new_p > threshold
    cost = np.where(new_labels == 1, missed * ~call, wrong_call * call).sum()
    plain = wrong_call * np.sum(new_labels == 0) if everybody else missed * np.sum(new_labels == 1)
    return float((plain - cost) / len(new_labels))


# %% wrong campaign_debugged: keeps the smallest of equally cheap thresholds
def campaign_saving(fit, new, wrong_call, missed):
    labels, p, centre = fit
    new_labels, new_p, new_centre = new
    everybody = wrong_call * np.sum(labels == 0) < missed * np.sum(labels == 1)
    threshold = np.full(len(new_p), -np.inf if everybody else np.inf)
    for c in np.unique(centre):
        rows = centre == c
        candidates = np.append(np.unique(p[rows]), np.inf)
        calls = p[rows] >= candidates[:, None]
        costs = np.where(labels[rows] == 1, missed * ~calls, wrong_call * calls).sum(axis=1)
        threshold[new_centre == c] = candidates[np.argmin(costs)]
    call = new_p >= threshold
    cost = np.where(new_labels == 1, missed * ~call, wrong_call * call).sum()
    plain = wrong_call * np.sum(new_labels == 0) if everybody else missed * np.sum(new_labels == 1)
    return float((plain - cost) / len(new_labels))


# %% wrong campaign_debugged: customers of unknown centres pay no bill
def campaign_saving(fit, new, wrong_call, missed):
    labels, p, centre = fit
    new_labels, new_p, new_centre = new
    everybody = wrong_call * np.sum(labels == 0) < missed * np.sum(labels == 1)
    cost = 0
    for c in np.unique(centre):
        rows, coming = centre == c, new_centre == c
        candidates = np.r_[np.inf, np.unique(p[rows])[::-1]]
        calls = p[rows] >= candidates[:, None]
        costs = np.where(labels[rows] == 1, missed * ~calls, wrong_call * calls).sum(axis=1)
        call = new_p[coming] >= candidates[np.argmin(costs)]
        cost += np.where(new_labels[coming] == 1, missed * ~call, wrong_call * call).sum()
    plain = wrong_call * np.sum(new_labels == 0) if everybody else missed * np.sum(new_labels == 1)
    return float((plain - cost) / len(new_labels))


# %% wrong campaign_debugged: a plan per centre instead of one for all
def campaign_saving(fit, new, wrong_call, missed):
    labels, p, centre = fit
    new_labels, new_p, new_centre = new
    everybody = wrong_call * np.sum(labels == 0) < missed * np.sum(labels == 1)
    threshold = np.full(len(new_p), -np.inf if everybody else np.inf)
    plan = threshold.copy()
    for c in np.unique(centre):
        rows = centre == c
        candidates = np.r_[np.inf, np.unique(p[rows])[::-1]]
        calls = p[rows] >= candidates[:, None]
        costs = np.where(labels[rows] == 1, missed * ~calls, wrong_call * calls).sum(axis=1)
        threshold[new_centre == c] = candidates[np.argmin(costs)]
        here = wrong_call * np.sum(labels[rows] == 0) < missed * np.sum(labels[rows] == 1)
        plan[new_centre == c] = -np.inf if here else np.inf
    bills = []
    for cut in (plan, threshold):
        call = new_p >= cut
        bills.append(np.where(new_labels == 1, missed * ~call, wrong_call * call).sum())
    return float((bills[0] - bills[1]) / len(new_labels))


# %% wrong campaign_debugged: everybody wins the tie between the plans
def campaign_saving(fit, new, wrong_call, missed):
    labels, p, centre = fit
    new_labels, new_p, new_centre = new
    everybody = wrong_call * np.sum(labels == 0) <= missed * np.sum(labels == 1)
    threshold = np.full(len(new_p), -np.inf if everybody else np.inf)
    for c in np.unique(centre):
        rows = centre == c
        candidates = np.r_[np.inf, np.unique(p[rows])[::-1]]
        calls = p[rows] >= candidates[:, None]
        costs = np.where(labels[rows] == 1, missed * ~calls, wrong_call * calls).sum(axis=1)
        threshold[new_centre == c] = candidates[np.argmin(costs)]
    call = new_p >= threshold
    cost = np.where(new_labels == 1, missed * ~call, wrong_call * call).sum()
    plain = wrong_call * np.sum(new_labels == 0) if everybody else missed * np.sum(new_labels == 1)
    return float((plain - cost) / len(new_labels))


# %% right campaign_debugged: a dictionary of thresholds and plain loops
def campaign_saving(fit, new, wrong_call, missed):
    labels, p, centre = (np.asarray(part).tolist() for part in fit)

    def bill(targets, calls):
        return sum(
            wrong_call if c and t == 0 else missed if t == 1 and not c else 0
            for t, c in zip(targets, calls)
        )

    nobody, everybody = bill(labels, [False] * len(p)), bill(labels, [True] * len(p))
    default = bool(everybody < nobody)
    best = {}
    for c in set(centre):
        rows = [(t, s) for t, s, k in zip(labels, p, centre) if k == c]
        options = []
        for cut in {s for _, s in rows} | {float("inf")}:
            cost = bill([t for t, _ in rows], [s >= cut for _, s in rows])
            options.append((cost, -cut))
        best[c] = -min(options)[1]
    new_labels, new_p, new_centre = (np.asarray(part).tolist() for part in new)
    calls = [s >= best[c] if c in best else default for s, c in zip(new_p, new_centre)]
    saved = bill(new_labels, [default] * len(calls)) - bill(new_labels, calls)
    return saved / len(calls)


# %% right campaign_debugged: sorted cumulative sums per centre
def campaign_saving(fit, new, wrong_call, missed):
    labels, p, centre = (np.asarray(part) for part in fit)
    new_labels, new_p, new_centre = (np.asarray(part) for part in new)
    all_cost, none_cost = wrong_call * (labels == 0).sum(), missed * (labels == 1).sum()
    call_all = all_cost < none_cost
    calls = np.full(len(new_p), bool(call_all))
    for c in set(centre.tolist()):
        y_c, p_c = labels[centre == c], p[centre == c]
        order = np.argsort(-p_c, kind="stable")
        totals = np.r_[0, np.cumsum(np.where(y_c[order] == 1, -missed, wrong_call))]
        cuts = np.r_[np.inf, p_c[order]]
        ends = np.r_[cuts[1:] != cuts[:-1], True]
        cut = cuts[ends][np.argmin(totals[ends])]
        calls[new_centre == c] = new_p[new_centre == c] >= cut
    cost = wrong_call * np.sum(calls & (new_labels == 0)) + missed * np.sum(
        ~calls & (new_labels == 1)
    )
    plain = wrong_call * np.sum(new_labels == 0) if call_all else missed * np.sum(new_labels == 1)
    return float(plain - cost) / len(new_p)


# %% wrong calibration_table: the normal interval, which collapses at 0 and 1
def calibration_table(y, p, n_bins=10):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or n_bins < 1:
        raise ValueError("bad input")
    if not ((p >= 0) & (p <= 1)).all() or not np.isin(y, (0, 1)).all():
        raise ValueError("bad values")
    bins, parts = np.minimum((p * n_bins).astype(int), n_bins - 1), []
    for k in np.unique(bins):
        rows = bins == k
        n, share = int(rows.sum()), float(y[rows].mean())
        half = 1.96 * np.sqrt(share * (1 - share) / n)
        parts.append((int(k), n, p[rows].mean(), share, share - half, share + half))
    table = pd.DataFrame(parts, columns=["bin", "count", "predicted", "observed", "low", "high"])
    gap = (table["predicted"] - table["observed"]).abs()
    return table, float((table["count"] * gap).sum() / len(p))


# %% wrong calibration_table: averages the gaps of the bins without their counts
def calibration_table(y, p, n_bins=10):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or n_bins < 1:
        raise ValueError("bad input")
    if not ((p >= 0) & (p <= 1)).all() or not np.isin(y, (0, 1)).all():
        raise ValueError("bad values")
    bins, z, parts = np.minimum((p * n_bins).astype(int), n_bins - 1), 1.96, []
    for k in np.unique(bins):
        rows = bins == k
        n, hits = int(rows.sum()), int(y[rows].sum())
        center = (hits + z**2 / 2) / (n + z**2)
        half = z / (n + z**2) * np.sqrt(hits * (n - hits) / n + z**2 / 4)
        parts.append((int(k), n, p[rows].mean(), hits / n, center - half, center + half))
    table = pd.DataFrame(parts, columns=["bin", "count", "predicted", "observed", "low", "high"])
    return table, float((table["predicted"] - table["observed"]).abs().mean())


# %% wrong calibration_table: the centre of the bin instead of the mean prediction
def calibration_table(y, p, n_bins=10):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or n_bins < 1:
        raise ValueError("bad input")
    if not ((p >= 0) & (p <= 1)).all() or not np.isin(y, (0, 1)).all():
        raise ValueError("bad values")
    bins, z, parts = np.minimum((p * n_bins).astype(int), n_bins - 1), 1.96, []
    for k in np.unique(bins):
        rows = bins == k
        n, hits = int(rows.sum()), int(y[rows].sum())
        center = (hits + z**2 / 2) / (n + z**2)
        half = z / (n + z**2) * np.sqrt(hits * (n - hits) / n + z**2 / 4)
        parts.append((int(k), n, (k + 0.5) / n_bins, hits / n, center - half, center + half))
    table = pd.DataFrame(parts, columns=["bin", "count", "predicted", "observed", "low", "high"])
    gap = (table["predicted"] - table["observed"]).abs()
    return table, float((table["count"] * gap).sum() / len(p))


# %% wrong calibration_table: gives p = 1 a bin of its own
def calibration_table(y, p, n_bins=10):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or n_bins < 1:
        raise ValueError("bad input")
    if not ((p >= 0) & (p <= 1)).all() or not np.isin(y, (0, 1)).all():
        raise ValueError("bad values")
    bins, z, parts = (p * n_bins).astype(int), 1.96, []
    for k in np.unique(bins):
        rows = bins == k
        n, hits = int(rows.sum()), int(y[rows].sum())
        center = (hits + z**2 / 2) / (n + z**2)
        half = z / (n + z**2) * np.sqrt(hits * (n - hits) / n + z**2 / 4)
        parts.append((int(k), n, p[rows].mean(), hits / n, center - half, center + half))
    table = pd.DataFrame(parts, columns=["bin", "count", "predicted", "observed", "low", "high"])
    gap = (table["predicted"] - table["observed"]).abs()
    return table, float((table["count"] * gap).sum() / len(p))


# %% wrong calibration_table: bins of equal counts
def calibration_table(y, p, n_bins=10):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or n_bins < 1:
        raise ValueError("bad input")
    if not ((p >= 0) & (p <= 1)).all() or not np.isin(y, (0, 1)).all():
        raise ValueError("bad values")
    edges = np.quantile(p, np.linspace(0, 1, n_bins + 1)[1:-1])
    bins, z, parts = np.searchsorted(edges, p, side="right"), 1.96, []
    for k in np.unique(bins):
        rows = bins == k
        n, hits = int(rows.sum()), int(y[rows].sum())
        center = (hits + z**2 / 2) / (n + z**2)
        half = z / (n + z**2) * np.sqrt(hits * (n - hits) / n + z**2 / 4)
        parts.append((int(k), n, p[rows].mean(), hits / n, center - half, center + half))
    table = pd.DataFrame(parts, columns=["bin", "count", "predicted", "observed", "low", "high"])
    gap = (table["predicted"] - table["observed"]).abs()
    return table, float((table["count"] * gap).sum() / len(p))


# %% wrong calibration_table: upper edges belong to the bin
def calibration_table(y, p, n_bins=10):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or n_bins < 1:
        raise ValueError("bad input")
    if not ((p >= 0) & (p <= 1)).all() or not np.isin(y, (0, 1)).all():
        raise ValueError("bad values")
    bins, z, parts = np.maximum(np.ceil(p * n_bins).astype(int) - 1, 0), 1.96, []
    for k in np.unique(bins):
        rows = bins == k
        n, hits = int(rows.sum()), int(y[rows].sum())
        center = (hits + z**2 / 2) / (n + z**2)
        half = z / (n + z**2) * np.sqrt(hits * (n - hits) / n + z**2 / 4)
        parts.append((int(k), n, p[rows].mean(), hits / n, center - half, center + half))
    table = pd.DataFrame(parts, columns=["bin", "count", "predicted", "observed", "low", "high"])
    gap = (table["predicted"] - table["observed"]).abs()
    return table, float((table["count"] * gap).sum() / len(p))


# %% wrong calibration_table: lets NaN through
def calibration_table(y, p, n_bins=10):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or n_bins < 1:
        raise ValueError("bad input")
    if (p < 0).any() or (p > 1).any() or not np.isin(y, (0, 1)).all():
        raise ValueError("bad values")
    bins, z, parts = np.clip(np.nan_to_num(p * n_bins).astype(int), 0, n_bins - 1), 1.96, []
    for k in np.unique(bins):
        rows = bins == k
        n, hits = int(rows.sum()), int(y[rows].sum())
        center = (hits + z**2 / 2) / (n + z**2)
        half = z / (n + z**2) * np.sqrt(hits * (n - hits) / n + z**2 / 4)
        parts.append((int(k), n, p[rows].mean(), hits / n, center - half, center + half))
    table = pd.DataFrame(parts, columns=["bin", "count", "predicted", "observed", "low", "high"])
    gap = (table["predicted"] - table["observed"]).abs()
    return table, float((table["count"] * gap).sum() / len(p))


# %% wrong calibration_table: lists the empty bins too
def calibration_table(y, p, n_bins=10):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or len(p) == 0 or n_bins < 1:
        raise ValueError("bad input")
    if not ((p >= 0) & (p <= 1)).all() or not np.isin(y, (0, 1)).all():
        raise ValueError("bad values")
    bins, z, parts = np.minimum((p * n_bins).astype(int), n_bins - 1), 1.96, []
    for k in range(n_bins):
        rows = bins == k
        n, hits = int(rows.sum()), int(y[rows].sum())
        center = (hits + z**2 / 2) / (n + z**2)
        half = z / (n + z**2) * np.sqrt(hits * (n - hits) / max(n, 1) + z**2 / 4)
        mean, share = (p[rows].mean(), hits / n) if n else (0.0, 0.0)
        parts.append((k, n, mean, share, center - half, center + half))
    table = pd.DataFrame(parts, columns=["bin", "count", "predicted", "observed", "low", "high"])
    gap = (table["predicted"] - table["observed"]).abs()
    return table, float((table["count"] * gap).sum() / len(p))


# %% right calibration_table: pandas cut with a last edge beyond 1
def calibration_table(y, p, n_bins=10):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if n_bins < 1 or y.ndim != 1 or y.shape != p.shape or not len(y):
        raise ValueError("shapes")
    if not np.all((0 <= p) & (p <= 1)) or not np.all((y == 0) | (y == 1)):
        raise ValueError("values")
    edges = [k / n_bins for k in range(n_bins)] + [2.0]
    rows = pd.DataFrame({"bin": pd.cut(p, edges, right=False, labels=False), "p": p, "y": y})
    parts = []
    for k, group in rows.groupby("bin"):
        n, hits, z = len(group), group["y"].sum(), 1.96
        root = z * np.sqrt(z**2 + 4 * hits * (1 - hits / n))
        ends = [(2 * hits + z**2 + sign * root) / (2 * (n + z**2)) for sign in (-1, 1)]
        parts.append([int(k), n, group["p"].mean(), hits / n, *ends])
    table = pd.DataFrame(parts, columns=["bin", "count", "predicted", "observed", "low", "high"])
    return table, float(abs(table["predicted"] - table["observed"]) @ table["count"] / len(y))


# %% right calibration_table: a groupby and digitize
def calibration_table(y, p, n_bins=10):
    y, p = np.array(y), np.array(p, dtype=float)
    if y.ndim != 1 or y.shape != p.shape or y.size == 0 or n_bins < 1:
        raise ValueError("shapes")
    if np.isnan(p).any() or p.min() < 0 or p.max() > 1 or not set(y.tolist()) <= {0, 1}:
        raise ValueError("values")
    edges = np.linspace(0, 1, n_bins + 1)[1:-1]
    frame = pd.DataFrame({"bin": np.digitize(p, edges), "p": p, "y": y.astype(float)})
    grouped = frame.groupby("bin")
    table = grouped.agg(count=("y", "size"), predicted=("p", "mean"), observed=("y", "mean"))
    table = table.reset_index()
    n, q, z2 = table["count"], table["observed"], 1.96**2
    middle = (q + z2 / (2 * n)) / (1 + z2 / n)
    half = 1.96 / (1 + z2 / n) * np.sqrt(q * (1 - q) / n + z2 / (4 * n**2))
    table["low"], table["high"] = middle - half, middle + half
    ece = np.average((table["predicted"] - q).abs(), weights=n)
    return table, float(ece)


# %% wrong softmax_objective: subtracts the maximum of the whole table
def softmax(Z):
    Z = np.asarray(Z, dtype=float)
    powers = np.exp(Z - Z.max() if Z.size else Z)
    return powers / powers.sum(axis=1, keepdims=True)


def softmax_objective(W, X, y, penalty):
    W, X, y = np.asarray(W, dtype=float), np.asarray(X, dtype=float), np.asarray(y)
    if y.min() < 0 or y.max() >= len(W):
        raise ValueError("labels")
    A, rows = np.column_stack([np.ones(len(X)), X]), np.arange(len(X))
    Z = A @ W.T
    shifted = Z - Z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[rows, y]
    excess = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    excess[rows, y] -= 1
    gradient = excess.T @ A
    gradient[:, 1:] += penalty * W[:, 1:]
    return float(losses.sum() + penalty / 2 * np.sum(W[:, 1:] ** 2)), gradient


# %% wrong softmax_objective: no shift, so that exp overflows
def softmax(Z):
    powers = np.exp(np.asarray(Z, dtype=float))
    return powers / powers.sum(axis=1, keepdims=True)


def softmax_objective(W, X, y, penalty):
    W, X, y = np.asarray(W, dtype=float), np.asarray(X, dtype=float), np.asarray(y)
    if y.min() < 0 or y.max() >= len(W):
        raise ValueError("labels")
    A, rows = np.column_stack([np.ones(len(X)), X]), np.arange(len(X))
    P = softmax(A @ W.T)
    losses = -np.log(P[rows, y])
    P[rows, y] -= 1
    gradient = P.T @ A
    gradient[:, 1:] += penalty * W[:, 1:]
    return float(losses.sum() + penalty / 2 * np.sum(W[:, 1:] ** 2)), gradient


# %% wrong softmax_objective: takes the log of a probability that has become 0
def softmax(Z):
    Z = np.asarray(Z, dtype=float)
    powers = np.exp(Z - Z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def softmax_objective(W, X, y, penalty):
    W, X, y = np.asarray(W, dtype=float), np.asarray(X, dtype=float), np.asarray(y)
    if y.min() < 0 or y.max() >= len(W):
        raise ValueError("labels")
    A, rows = np.column_stack([np.ones(len(X)), X]), np.arange(len(X))
    P = softmax(A @ W.T)
    losses = -np.log(np.clip(P[rows, y], 1e-15, 1))
    P[rows, y] -= 1
    gradient = P.T @ A
    gradient[:, 1:] += penalty * W[:, 1:]
    return float(losses.sum() + penalty / 2 * np.sum(W[:, 1:] ** 2)), gradient


# %% wrong softmax_objective: penalises the intercepts
def softmax(Z):
    Z = np.asarray(Z, dtype=float)
    powers = np.exp(Z - Z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def softmax_objective(W, X, y, penalty):
    W, X, y = np.asarray(W, dtype=float), np.asarray(X, dtype=float), np.asarray(y)
    if y.min() < 0 or y.max() >= len(W):
        raise ValueError("labels")
    A, rows = np.column_stack([np.ones(len(X)), X]), np.arange(len(X))
    Z = A @ W.T
    shifted = Z - Z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[rows, y]
    P = softmax(Z)
    P[rows, y] -= 1
    return float(losses.sum() + penalty / 2 * np.sum(W**2)), P.T @ A + penalty * W


# %% wrong softmax_objective: normalises over the rows
def softmax(Z):
    Z = np.asarray(Z, dtype=float)
    if len(Z) == 0:
        return Z
    powers = np.exp(Z - Z.max(axis=0))
    return powers / powers.sum(axis=0)


def softmax_objective(W, X, y, penalty):
    W, X, y = np.asarray(W, dtype=float), np.asarray(X, dtype=float), np.asarray(y)
    if y.min() < 0 or y.max() >= len(W):
        raise ValueError("labels")
    A, rows = np.column_stack([np.ones(len(X)), X]), np.arange(len(X))
    P = softmax(A @ W.T)
    losses = -np.log(P[rows, y])
    P[rows, y] -= 1
    gradient = P.T @ A
    gradient[:, 1:] += penalty * W[:, 1:]
    return float(losses.sum() + penalty / 2 * np.sum(W[:, 1:] ** 2)), gradient


# %% wrong softmax_objective: forgets the penalty in the gradient
def softmax(Z):
    Z = np.asarray(Z, dtype=float)
    powers = np.exp(Z - Z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def softmax_objective(W, X, y, penalty):
    W, X, y = np.asarray(W, dtype=float), np.asarray(X, dtype=float), np.asarray(y)
    if y.min() < 0 or y.max() >= len(W):
        raise ValueError("labels")
    A, rows = np.column_stack([np.ones(len(X)), X]), np.arange(len(X))
    Z = A @ W.T
    shifted = Z - Z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[rows, y]
    P = softmax(Z)
    P[rows, y] -= 1
    return float(losses.sum() + penalty / 2 * np.sum(W[:, 1:] ** 2)), P.T @ A


# %% wrong softmax_objective: a label of -1 takes the last class
def softmax(Z):
    Z = np.asarray(Z, dtype=float)
    powers = np.exp(Z - Z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def softmax_objective(W, X, y, penalty):
    W, X, y = np.asarray(W, dtype=float), np.asarray(X, dtype=float), np.asarray(y)
    if y.max() >= len(W):
        raise ValueError("labels")
    A, rows = np.column_stack([np.ones(len(X)), X]), np.arange(len(X))
    Z = A @ W.T
    shifted = Z - Z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[rows, y]
    P = softmax(Z)
    P[rows, y] -= 1
    gradient = P.T @ A
    gradient[:, 1:] += penalty * W[:, 1:]
    return float(losses.sum() + penalty / 2 * np.sum(W[:, 1:] ** 2)), gradient


# %% wrong softmax_objective: the mean over rows
def softmax(Z):
    Z = np.asarray(Z, dtype=float)
    powers = np.exp(Z - Z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def softmax_objective(W, X, y, penalty):
    W, X, y = np.asarray(W, dtype=float), np.asarray(X, dtype=float), np.asarray(y)
    if y.min() < 0 or y.max() >= len(W):
        raise ValueError("labels")
    A, rows = np.column_stack([np.ones(len(X)), X]), np.arange(len(X))
    Z = A @ W.T
    shifted = Z - Z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[rows, y]
    P = softmax(Z)
    P[rows, y] -= 1
    gradient = P.T @ A / len(A)
    gradient[:, 1:] += penalty * W[:, 1:]
    return float(losses.mean() + penalty / 2 * np.sum(W[:, 1:] ** 2)), gradient


# %% wrong softmax_objective: adds 1e-8 inside the logarithm
def softmax(Z):
    Z = np.asarray(Z, dtype=float)
    powers = np.exp(Z - Z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def softmax_objective(W, X, y, penalty):
    W, X, y = np.asarray(W, dtype=float), np.asarray(X, dtype=float), np.asarray(y)
    if y.min() < 0 or y.max() >= len(W):
        raise ValueError("labels")
    A, rows = np.column_stack([np.ones(len(X)), X]), np.arange(len(X))
    P = softmax(A @ W.T)
    losses = -np.log(P[rows, y] + 1e-8)
    P[rows, y] -= 1
    gradient = P.T @ A
    gradient[:, 1:] += penalty * W[:, 1:]
    return float(losses.sum() + penalty / 2 * np.sum(W[:, 1:] ** 2)), gradient


# %% wrong softmax_objective: writes the penalty's part into W
def softmax(Z):
    Z = np.asarray(Z, dtype=float)
    powers = np.exp(Z - Z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def softmax_objective(W, X, y, penalty):
    W, X, y = np.asarray(W, dtype=float), np.asarray(X, dtype=float), np.asarray(y)
    if y.min() < 0 or y.max() >= len(W):
        raise ValueError("labels")
    A, rows = np.column_stack([np.ones(len(X)), X]), np.arange(len(X))
    Z = A @ W.T
    shifted = Z - Z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1)) - shifted[rows, y]
    P = softmax(Z)
    P[rows, y] -= 1
    value = float(losses.sum() + penalty / 2 * np.sum(W[:, 1:] ** 2))
    W[:, 1:] *= penalty
    W[:, 0] = 0
    return value, P.T @ A + W


# %% right softmax_objective: scipy's log_softmax
def softmax(Z):
    from scipy.special import log_softmax

    return np.exp(log_softmax(np.asarray(Z, dtype=float), axis=1))


def softmax_objective(W, X, y, penalty):
    from scipy.special import logsumexp

    W, X, y = np.asarray(W, dtype=float), np.asarray(X, dtype=float), np.asarray(y)
    if not set(y.tolist()) <= set(range(len(W))):
        raise ValueError("labels")
    Z = X @ W[:, 1:].T + W[:, 0]
    loss = logsumexp(Z, axis=1) - np.take_along_axis(Z, y[:, None], axis=1)[:, 0]
    gap = softmax(Z) - (y[:, None] == np.arange(len(W)))
    value = loss.sum() + penalty * (W[:, 1:] ** 2).sum() / 2
    return float(value), np.hstack([gap.sum(axis=0)[:, None], gap.T @ X + penalty * W[:, 1:]])


# %% right softmax_objective: logaddexp.reduce and a one-hot table
def softmax(Z):
    Z = np.array(Z, dtype=float)
    return np.exp(Z - np.logaddexp.reduce(Z, axis=1, keepdims=True))


def softmax_objective(W, X, y, penalty):
    W, X = np.array(W, dtype=float), np.array(X, dtype=float)
    labels = [int(v) for v in np.asarray(y).tolist()]
    if any(not 0 <= v < W.shape[0] for v in labels):
        raise ValueError("labels")
    truth = np.eye(W.shape[0])[labels]
    Z = W[:, 0] + X @ W[:, 1:].T
    top = Z.max(axis=1, keepdims=True)
    total = top + np.log(np.sum(np.exp(Z - top), axis=1, keepdims=True))
    value = np.sum((total - Z) * truth) + 0.5 * penalty * np.linalg.norm(W[:, 1:]) ** 2
    gap = np.exp(Z - total) - truth
    slopes = np.einsum("nk,np->kp", gap, X) + penalty * W[:, 1:]
    return float(value), np.column_stack([gap.sum(axis=0), slopes])


# %% right softmax_objective: one row after the other
def softmax(Z):
    Z = np.asarray(Z, dtype=float)
    out = np.empty(Z.shape)
    for i, row in enumerate(Z):
        powers = np.exp(row - row.max())
        out[i] = powers / powers.sum()
    return out


def softmax_objective(W, X, y, penalty):
    W, X, y = np.asarray(W, dtype=float), np.asarray(X, dtype=float), np.asarray(y)
    value, gradient = 0.0, np.zeros(W.shape)
    for x, label in zip(X, y):
        if label < 0 or label >= len(W):
            raise ValueError("label")
        x = np.concatenate([[1.0], x])
        z = W @ x
        others = np.delete(z - z[label], label)
        top = max(0.0, others.max()) if len(others) else 0.0
        rest = np.exp(others - top).sum()
        value += top + np.log1p(rest) if top == 0 else top + np.log(np.exp(-top) + rest)
        p = softmax(z[None, :])[0]
        p[label] -= 1
        gradient += np.outer(p, x)
    gradient[:, 1:] += penalty * W[:, 1:]
    return float(value + penalty / 2 * (W[:, 1:] ** 2).sum()), gradient


# %% right campaign_debugged: the lesson's cheapest_threshold
def campaign_saving(fit, new, wrong_call, missed):
    labels, p, centre = fit
    new_labels, new_p, new_centre = new
    plan = -np.inf if wrong_call * np.sum(labels == 0) < missed * np.sum(labels == 1) else np.inf
    cuts = {
        c: cheapest_threshold(labels[centre == c], p[centre == c], wrong_call, missed)
        for c in set(centre.tolist())
    }
    calls = new_p >= np.array([cuts.get(c, plan) for c in new_centre.tolist()])
    price = np.where(new_labels == 1, -missed, wrong_call)  # of a call
    return float(np.sum(price * ((new_p >= plan) * 1.0 - calls)) / len(new_p))


# %% right campaign_debugged: tune_threshold of Exercise 4
def campaign_saving(fit, new, wrong_call, missed):
    costs = [[0, wrong_call], [missed, 0]]
    labels, p, centre = fit
    plan, _ = tune_threshold(labels, np.zeros(len(labels)), costs)  # 0: everybody
    cuts = np.array([
        tune_threshold(labels[centre == c], p[centre == c], costs)[0] if c in centre else plan - 1
        for c in new[2]
    ])  # fmt: skip
    called, planned = new[1] >= cuts, np.full(len(new[1]), plan < 1)
    bills = [np.where(new[0] == 1, missed * ~who, wrong_call * who) for who in (planned, called)]
    return float((bills[0].sum() - bills[1].sum()) / len(called))


# %% wrong campaign_debugged: prices of the lesson instead of the arguments when it chooses
def campaign_saving(fit, new, wrong_call, missed):
    labels, p, centre = fit
    plan = -np.inf if 30 * np.sum(labels == 0) < 120 * np.sum(labels == 1) else np.inf
    cut = np.full(len(new[1]), plan)
    for c in np.unique(centre):
        cut[new[2] == c] = cheapest_threshold(labels[centre == c], p[centre == c], 30, 120)
    bills = [
        np.where(new[0] == 1, missed * ~who, wrong_call * who)
        for who in (new[1] >= plan, new[1] >= cut)
    ]
    return float((bills[0].sum() - bills[1].sum()) / len(cut))


# %% right calibration_table: the Wilson ends written out
def calibration_table(y, p, n_bins=10):
    y, p = np.asarray(y), np.asarray(p, dtype=float)
    if y.shape != p.shape or not ((p >= 0) & (p <= 1)).all():
        raise ValueError("bad input")
    rows = pd.DataFrame({"bin": np.minimum(p * n_bins, n_bins - 1).astype(int), "p": p, "y": y})
    table = rows.groupby("bin", as_index=False).agg(
        count=("p", "size"), predicted=("p", "mean"), observed=("y", "mean")
    )
    n, q, z = table["count"], table["observed"], 1.96
    half = z * np.sqrt(q * (1 - q) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
    table["low"] = (q + z**2 / (2 * n)) / (1 + z**2 / n) - half
    table["high"] = (q + z**2 / (2 * n)) / (1 + z**2 / n) + half
    return table, float((n * (table["predicted"] - q).abs()).sum() / len(p))


# %% strong explain_odds_ratio: adjusted number, confounders, an experiment
"""
I cannot confirm it. It is true that 45 % of the customers with electronic checks left, against
17 % of the others. But they are other customers in more ways than payment: 78 % of them have a
month-to-month contract (43 % of the others), and their median tenure is 18 months, about half of
the others' 35. Such customers leave often, however they pay.

If we compare customers who agree in contract, services, tenure and the rest of our columns, those
with electronic checks have odds of leaving 1.34 times those with automatic payment (95 % interval
1.08 to 1.67; "odds" are leavers per stayer). So most of the gap is not about checks.

Even this smaller number does not tell what a switch would do. It compares people who chose
differently, and the reason for the choice may be the reason for leaving. To find out, offer the
switch to a randomly chosen half of these customers and compare the two halves after three months.
"""


# %% weak explain_odds_ratio: confirms the saving with a smaller number
"""
The model confirms that electronic checks drive churn, but less than you think: the odds ratio is
1.34 and it is significant. So moving all customers to automatic payment will reduce churn by about
a third. I would start with the customers who have fiber, because fiber has the highest coefficient.
The model has an accuracy of 82 %, so you can rely on the result.
"""
